# The messages in each language, and errors in the words of the cmdlets.

BeforeDiscovery {
    $languages = 'de-DE', 'fr-FR'
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')

    function Get-MessageFile {
        # The hashtable of a language.
        param([string]$Culture)
        Import-TestModule
        & (Get-Module PortReservation) { param($Culture) Read-MessageFile $Culture } $Culture
    }

    function Get-Placeholder {
        # Each placeholder of a format once, in their order.
        param([string]$Format)
        [regex]::Matches(($Format -replace '\{\{|\}\}'), '\{(\d+)\}') | ForEach-Object Value | Sort-Object -Unique
    }
}

Describe 'Languages' {
    BeforeEach { Reset-Simulator }

    It '<_> has the keys of English' -ForEach $languages {
        $english = Get-MessageFile 'en-US'
        $english.Count | Should -BeGreaterThan 50
        @((Get-MessageFile $_).Keys) | Sort-Object | Should -BeExactly @($english.Keys | Sort-Object)
    }

    It '<_> has the placeholders of English, key by key, and no message in English' -ForEach $languages {
        $english = Get-MessageFile 'en-US'
        $other = Get-MessageFile $_
        foreach ($key in $english.Keys) {
            "$(Get-Placeholder $other[$key])" | Should -BeExactly "$(Get-Placeholder $english[$key])" -Because "$key has these in English"
            $other[$key].Trim() | Should -Not -BeNullOrEmpty -Because "$key has a text"
            $other[$key] | Should -Not -BeExactly $english[$key] -Because "$key is to be translated"
            { [string]::Format($other[$key], [object[]](1..9)) } | Should -Not -Throw -Because "$key is a format"
        }
    }

    It 'a session in <Culture> reads why Sync-PortReservation does what it does in <Language>, in the words of the cmdlets' -ForEach @(
        @{ Culture = 'de-DE'; Language = 'German'; Patterns = 'Port 28321 liegt im Systemblock tcp 28321 eines anderen Programms', 'Er liegt im Ausschluss tcp 28330-28334', "-Path, Zeile 2, Stor 1 ist ungültig: muss fehlen", '-Purge ist ungültig: braucht -Within oder -PreviousPath' }
        @{ Culture = 'fr-FR'; Language = 'French'; Patterns = "Le port 28321 est dans le bloc système tcp 28321 d'un autre programme", "Il est dans l'exclusion tcp 28330-28334", "-Path, ligne 2, Stor 1 n'est pas valide : doit être omis", "-Purge n'est pas valide : exige -Within ou -PreviousPath" }
    ) {
        Set-Knob add_system_block 6 28321 1 1
        Set-Knob add_exclusion 6 28330 5 1
        $bad = Join-Path $TestDrive 'bad.json'
        [System.IO.File]::WriteAllText($bad, "[{ `"startPort`": 5000,`n`"stor`": 1 }]")
        $said = Invoke-Shell ("[System.Globalization.CultureInfo]::CurrentUICulture = '$Culture'; $(Get-ImportLine) " +
            '$blocks = @{ StartPort = 28320; NumberOfPorts = 2 }, @{ StartPort = 28331; Kind = "Exclusion" }; ' +
            '($blocks | Sync-PortReservation -ErrorAction SilentlyContinue -ErrorVariable e).Reason; ' +
            "Sync-PortReservation '$bad' -ErrorAction SilentlyContinue -ErrorVariable +e; `$blocks | Sync-PortReservation -Purge -ErrorAction SilentlyContinue -ErrorVariable +e; `$e.Exception.Message")
        foreach ($pattern in $Patterns) { "$said" | Should -Match ([regex]::Escape($pattern)) }
        "$said" | Should -Not -MatchExactly '--[a-z]|\bpurge\b|\bmust\b|\bcannot\b'
    }

    It 'an error of the host names the parameter <Name>' -ForEach @(
        @{ Name = '-LocalAddress'; Body = { New-PortReservation 28301 | Invoke-AssociatedBind -LocalAddress 'no address' } }
        @{ Name = '-Port'; Body = { New-PortReservation 28302 | Invoke-AssociatedBind -Port 28400 } }
        @{ Name = '-Listen'; Body = { Invoke-AssociatedBind -Protocol Udp -Token 5 -Listen } }
    ) {
        $failure = $Body | Should -WriteError -PassThru
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidParameter,*'
        $failure.Exception.Message | Should -BeLike "*$Name *"
        $failure.Exception.Message | Should -Not -MatchExactly '\b(localAddress|dualStack|startPort|numberOfPorts)\b'
    }

    It 'the host speaks <Language> to a session in <Culture>, in the words of the cmdlets' -ForEach @(
        @{ Culture = 'de-AT'; Language = 'German'; Patterns = 'Port 28311 liegt im Ausschluss tcp 28310-28314', 'den Zweck schon: -IfNotExists', 'Windows teilt ihn nie von selbst zu', 'beginnt so niedrig.*Set-DynamicPortRange -Protocol Tcp -StartPort', 'TCP-Ports, \d+ je Zelle.* E Ausschluss: 5 ' }
        @{ Culture = 'fr-CA'; Language = 'French'; Patterns = "Le port 28311 est dans l'exclusion tcp 28310-28314", "L'exclusion convient d.+: -IfNotExists la renvoie", "Windows ne l'attribue jamais", 'commence si bas.*Set-DynamicPortRange -Protocol Tcp -StartPort', 'Ports TCP, \d+ par cellule.* E exclusion: 5 ' }
        @{ Culture = 'ja-JP'; Language = 'English'; Patterns = 'Port 28311 is in the exclusion tcp 28310-28314', 'already does the job: -IfNotExists', 'Windows never assigns it', 'begins so low.*Set-DynamicPortRange -Protocol Tcp -StartPort', 'TCP ports, \d+ per cell.* E exclusion: 5 ' }
    ) {
        Set-Knob add_exclusion 6 28310 5 1
        Set-Knob set_dynamic_range 6 1025 13977
        $said = Invoke-Shell ("[System.Globalization.CultureInfo]::CurrentUICulture = '$Culture'; $(Get-ImportLine) New-PortReservation 28311 -Kind Exclusion -ErrorAction SilentlyContinue -ErrorVariable e; " +
            '$e[0].Exception.Message; (Test-PortReservation 28311).Advice; (Measure-PortReservation).Findings | ForEach-Object { $_.Text + " " + $_.Advice }; Show-PortReservation -Protocol Tcp')
        foreach ($pattern in $Patterns) { "$said" | Should -Match $pattern }
        # The map apart.
        "$said" -replace '\d+ [-.A-Za-z]{16,}' | Should -Not -MatchExactly '--[a-z]|\bcreate\(|\bstartPort\b'
    }

    It 'what the host refuses before it looks at it is said in <Language>, in the words of the cmdlets' -ForEach @(
        @{ Culture = 'de-DE'; Language = 'German'; Patterns = '-LocalAddress "1{60}..." ist ungültig: darf höchstens 64 Zeichen haben. -LocalAddress berichtigen.', '-Within Array ist ungültig: muss ein Array von 0 bis 1000 Elementen sein. -Within berichtigen.' }
        @{ Culture = 'fr-FR'; Language = 'French'; Patterns = '-LocalAddress "1{60}..." n''est pas valide : doit avoir au plus 64 caractères. Corrigez -LocalAddress.', '-Within tableau n''est pas valide : doit être un tableau de 0 à 1000 éléments. Corrigez -Within.' }
        @{ Culture = 'es-ES'; Language = 'English'; Patterns = '-LocalAddress "1{60}..." is not valid: it must have at most 64 characters. Correct -LocalAddress.', '-Within array is not valid: it must be an array of 0 to 1000 elements. Correct -Within.' }
    ) {
        $said = Invoke-Shell ("[System.Globalization.CultureInfo]::CurrentUICulture = '$Culture'; $(Get-ImportLine) " +
            'Test-PortReservation 80 -LocalAddress ("1" * 65) -ErrorAction SilentlyContinue -ErrorVariable e; ' +
            '@{ StartPort = 5000 } | Sync-PortReservation -Purge -Within (1..1001) -ErrorAction SilentlyContinue -ErrorVariable +e; $e.Exception.Message')
        foreach ($pattern in $Patterns) { "$said" | Should -MatchExactly $pattern }
    }

    It 'what keeps the host from starting is said in <Language> alone' -ForEach @(
        @{ Culture = 'de-DE'; Language = 'German'; Pattern = ': port-reservation: die Binärdatei von koffi .* fehlt\. .* PortReservation neu installieren, auf' }
        @{ Culture = 'fr-FR'; Language = 'French'; Pattern = ' : port-reservation: le binaire de koffi .* manque\. .* Réinstallez PortReservation, sur' }
        @{ Culture = 'en-GB'; Language = 'English'; Pattern = ": port-reservation: koffi's binary .* is missing\. .* Install PortReservation again, on" }
    ) {
        $line = Get-ImportLine (Copy-Module (New-TestFolder) -WithoutParts)
        $said = Invoke-Shell ("[System.Globalization.CultureInfo]::CurrentUICulture = '$Culture'; $line " +
            'try { Get-PortReservation } catch { "[$($_.FullyQualifiedErrorId)] $($_.Exception.Message)" }')
        "$said" | Should -MatchExactly $Pattern
        "$said" | Should -BeLike '*HostUnavailable,Get-PortReservation*'
    }

    It 'what PowerShell puts into a sentence of its own is in the language of that: <Culture>' -ForEach @(
        @{ Culture = 'de-DE' }
        @{ Culture = 'fr-FR' }
        @{ Culture = 'en-US' }
    ) {
        if ($PSVersionTable.PSEdition -eq 'Desktop') { Set-ItResult -Skipped -Because 'the sentence is in the language of Windows' }
        $said = @(Invoke-Shell ("[System.Globalization.CultureInfo]::CurrentUICulture = '$Culture'; $(Get-ImportLine) " +
                'New-PortReservation 5000 -WhatIf; $null = Set-DynamicPortRange Tcp 50000 300 -WhatIf; ' +
                'foreach ($body in { New-PortReservation "25.000" }, { New-PortReservation 5000 -Store Foo }) { try { & $body } catch { "$_" } }'))
        $said | Should -BeExactly @(
            'What if: Performing the operation "Create port reservation" on target "Tcp 5000 (Persistent)".'
            'What if: Performing the operation "Set the dynamic port range" on target "Tcp 50000-50299".'
            "Cannot process argument transformation on parameter 'StartPort'. '25.000' is not a whole number written in digits only."
            "Cannot validate argument on parameter 'Store'. `"Foo`" is not one of the possible values: Persistent, Active."
        )
    }

    It 'what is wrong with the options of Import-Module is said in <Language>' -ForEach @(
        @{ Culture = 'de-DE'; Language = 'German'; Said = "hat keine Importoption 'Foo'. Die Optionen sind", "Die Importoption 'NodePath' von PortReservation ist leer", 'Simulator und SimulatorState von PortReservation gehören zusammen' }
        @{ Culture = 'fr-FR'; Language = 'French'; Said = "n'a pas d'option d'importation 'Foo'. Les options sont", "L'option d'importation 'NodePath' de PortReservation est vide", 'Simulator et SimulatorState de PortReservation vont ensemble' }
        @{ Culture = 'it-IT'; Language = 'English'; Said = "has no import option 'Foo'. The options are", "The import option 'NodePath' of PortReservation is empty", 'Simulator and SimulatorState of PortReservation are needed together' }
    ) {
        $path = $ModulePath.Replace("'", "''")
        $found = @(Invoke-Shell ("[System.Globalization.CultureInfo]::CurrentUICulture = '$Culture'; " +
                "foreach (`$options in @{ Foo = 1 }, @{ NodePath = '' }, @{ Simulator = 'x' }) { try { Import-Module '$path' -ArgumentList `$options } catch { `$_.Exception.Message } }"))
        $found | Should -HaveCount 3
        foreach ($index in 0..2) { $found[$index] | Should -BeLike "*$($Said[$index])*" }
    }
}
