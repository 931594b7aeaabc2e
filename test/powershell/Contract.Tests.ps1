# What scripts rely on without running anything: names, parameters, help, manifest, views, language.

BeforeDiscovery {
    $cmdlets = (Import-PowerShellDataFile (Join-Path $PSScriptRoot 'cmdlets.psd1')).Keys | Sort-Object
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
    $Expected = Import-PowerShellDataFile (Join-Path $PSScriptRoot 'cmdlets.psd1')
    # Those that change something.
    $Asking = @($Expected.Keys | Where-Object { $_ -match '^(New|Remove|Set|Show|Sync)-' })
    $TypeWords = @{
        'System.Int32' = 'int'; 'System.Int32[]' = 'int[]'; 'System.UInt64' = 'uint64'; 'System.String' = 'string'; 'System.String[]' = 'string[]'
        'System.Management.Automation.SwitchParameter' = 'switch'; 'System.Management.Automation.ScriptBlock' = 'scriptblock'
        'System.Management.Automation.PSObject' = 'psobject'; 'System.Management.Automation.PSObject[]' = 'psobject[]'
    }
    $Common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
    $Root = Split-Path $ModulePath

    # The release has everything in one folder.
    $Files = if (Test-Path (Join-Path $Root 'ps')) { Join-Path $Root 'ps' } else { $Root }

    function Get-SourceFile {
        Get-Item -LiteralPath $ModulePath
        $clone = Join-Path $PSScriptRoot '../..'
        foreach ($folder in @($Files) + @('examples', 'scripts', 'test' | ForEach-Object { Join-Path $clone $_ })) {
            Get-ChildItem -Path $folder -Recurse -Include *.ps1, *.psm1, *.psd1, *.pssc, *.psrc, *.ps1xml | Where-Object { $_.FullName -notlike '*node_modules*' }
        }
    }
}

Describe 'the module' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'the cmdlets are those of the contract' {
        (Get-Command -Module PortReservation).Name | Sort-Object | Should -BeExactly @($Expected.Keys | Sort-Object)
        (Get-Module PortReservation).ExportedAliases.Keys | Should -HaveCount 0
        (Get-Module PortReservation).ExportedVariables.Keys | Should -HaveCount 0
    }

    It 'what the session or the first cmdlet asks for is not asked about the module''s own beginnings' {
        # Each in a PowerShell of its own, because it happens once in a session.
        $reservation = New-PortReservation -StartPort 5100 -NumberOfPorts 2
        # Get-Date: Windows PowerShell's own module is asked about as well where it is loaded only then.
        foreach ($case in @('', '-WhatIf'), @('$null = Get-Date; $WhatIfPreference = $true;', '')) {
            $said = @(Invoke-Shell "$(Get-ImportLine) $($case[0]) Remove-PortReservation -StartPort 5000 $($case[1]); `"`$(Get-PortReservation)`"")
            $said.Count | Should -Be 2 -Because "with '$case' it says: $said"
            $said[0] | Should -Match 'Tcp 5000 \(Persistent\)'
            $said[1] | Should -BeExactly "$reservation"
        }
        # It would ask, and there is nobody to answer.
        $said = @(Invoke-Shell "$(Get-ImportLine) `$ConfirmPreference = 'Low'; `"`$(Get-PortReservation)`"")
        $said | Should -BeExactly "$reservation"
        $said = @(Invoke-Shell "$(Get-ImportLine) `$said = Remove-PortReservation 5100 2 -Verbose 4>&1; `$said | ForEach-Object { `"`$_`" }")
        $said -match 'Update TypeData' | Should -HaveCount 0
    }

    It 'the parameter refuses what is out of its range: <_>' -ForEach @(
        { New-PortReservation -StartPort 0 }
        { New-PortReservation -StartPort 65536 }
        { New-PortReservation -StartPort 1 -NumberOfPorts 0 }
        { New-PortReservation -StartPort 1 -Protocol Sctp }
        { New-PortReservation -StartPort 1 -Kind Other }
        { New-PortReservation -StartPort 1 -Kind Runtime -AddressFamily Unix }
        { New-PortReservation -From 0 }
        { Get-PortReservation -Port 70000 }
        { Remove-PortReservation -StartPort 0 }
        { Remove-PortReservation 5 -Kind Other }
        { Invoke-AssociatedBind -StartPort 1 -Count 0 }
        { Invoke-AssociatedBind -Token 0 }
        { Close-AssociatedBind -LocalPort 0 }
        { Test-PortReservation 0 }
        { Test-PortReservation 1 -Protocol Sctp }
        { Show-PortReservation -Protocol Sctp }
        { Get-DynamicPortRange -Protocol Sctp }
        { Set-DynamicPortRange Tcp 1024 16384 }
        { Set-DynamicPortRange Tcp 49152 254 }
    ) {
        $_ | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }

    It 'about_PortReservation names every cmdlet and every reason' {
        $text = [System.IO.File]::ReadAllText((Join-Path $Files 'en-US/about_PortReservation.help.txt'))
        $reasons = & (Get-Module PortReservation) { $script:ErrorCategories.Keys }
        foreach ($word in @($Expected.Keys) + @($reasons)) { $text.Contains($word) | Should -BeTrue -Because "it names $word" }
        $text -split '\n' | Where-Object { $_.TrimEnd().Length -gt 80 } | Should -HaveCount 0
    }

    It 'Get-Help finds about_PortReservation' {
        $said = @(Invoke-Shell "$(Get-ImportLine) Get-Help about_PortReservation")
        "$said" | Should -Match '^TOPIC\s+about_PortReservation'
    }

    It 'the manifest is valid, exports the public files, and has the version of the package' {
        $manifest = Test-ModuleManifest -Path $ModulePath
        $manifest.ExportedFunctions.Keys | Sort-Object | Should -BeExactly @($Expected.Keys | Sort-Object)
        $data = Import-PowerShellDataFile -LiteralPath $ModulePath
        $data.PowerShellVersion | Should -Be '5.1'
        "$($data.CompatiblePSEditions)" | Should -BeExactly 'Desktop Core'
        foreach ($key in 'CmdletsToExport', 'VariablesToExport') { $data[$key] | Should -HaveCount 0 -Because $key }
        foreach ($key in 'LicenseUri', 'ProjectUri', 'ReleaseNotes', 'Tags') { $data.PrivateData.PSData[$key] | Should -Not -BeNullOrEmpty -Because $key }
        $package = Join-Path $Root 'package.json'
        if (Test-Path $package) { $data.ModuleVersion | Should -BeExactly (ConvertFrom-Json ([System.IO.File]::ReadAllText($package))).version }
        $public = Join-Path $Root 'ps/Public'
        if (Test-Path $public) { (Get-ChildItem $public -Filter *.ps1).BaseName | Sort-Object | Should -BeExactly @($Expected.Keys | Sort-Object) }
    }

    It 'messages come in the language of the session, <Culture>' -ForEach @(
        @{ Culture = 'de-AT'; Message = '^Ein Block der Art System kann nicht angelegt werden' }
        @{ Culture = 'ja-JP'; Message = '^A block of Kind System cannot be created' }
    ) {
        $said = Invoke-Shell "[System.Globalization.CultureInfo]::CurrentUICulture = '$Culture'; $(Get-ImportLine) New-PortReservation -Kind System -ErrorAction SilentlyContinue -ErrorVariable e; `$e[0].Exception.Message"
        "$said" | Should -Match $Message
    }
}

Describe '<_>' -ForEach $cmdlets {
    BeforeAll {
        $cmdlet = $_
        $help = Get-Help $cmdlet -Full
    }

    It 'has the parameters of the contract, with types, aliases and sets' {
        $parameters = foreach ($parameter in (Get-Command $cmdlet).Parameters.Values | Where-Object { $_.Name -notin $Common } | Sort-Object Name) {
            "$($parameter.Name): $($TypeWords[$parameter.ParameterType.FullName]), aliases $($parameter.Aliases), sets $($parameter.ParameterSets.Keys | Sort-Object)"
        }
        $parameters | Should -BeExactly $Expected[$cmdlet]
    }

    It 'asks by ShouldProcess if it changes something' {
        $asks = (Get-Command $cmdlet).Parameters.ContainsKey('WhatIf')
        $asks | Should -Be ($cmdlet -in $Asking)
        if ($asks) { "$([System.Management.Automation.CommandMetadata]::new((Get-Command $cmdlet)).ConfirmImpact)" | Should -BeExactly 'Medium' }
    }

    It 'has a help with synopsis, description, two examples, inputs, outputs and a link' {
        $help.Synopsis.Trim().Length | Should -BeGreaterThan 20
        $help.Synopsis | Should -Not -Match ([regex]::Escape($cmdlet))
        "$($help.description.Text)".Length | Should -BeGreaterThan 80
        @($help.examples.example).Count | Should -BeGreaterOrEqual 2
        foreach ($example in $help.examples.example) {
            $example.code | Should -Not -BeNullOrEmpty
            "$($example.remarks.Text)".Trim().Length | Should -BeGreaterThan 20 -Because 'an example has words'
        }
        $help.inputTypes | Should -Not -BeNullOrEmpty
        $help.returnValues | Should -Not -BeNullOrEmpty
        "$($help.relatedLinks.navigationLink[0].uri)" | Should -Match '^https://'
    }

    It 'has a help whose lines fit a console of 80 columns, which PowerShell would break anywhere' {
        # Indented by 4 columns, that of a parameter by 8.
        $parameters = @(foreach ($name in (Get-Command $cmdlet).Parameters.Keys | Where-Object { $_ -notin $Common }) { Get-Help $cmdlet -Parameter $name })
        $texts = @($help.description) + @($help.examples.example.remarks) + @($parameters | ForEach-Object { if ($_.PSObject.Properties['description']) { $_.description } })
        $lines = @($texts | ForEach-Object { $_.Text -split '\r?\n' })
        $lines.Count | Should -BeGreaterThan 5
        $lines | Where-Object { $_.TrimEnd().Length -gt 72 } | Should -HaveCount 0
    }

    It 'has a help for every parameter' {
        foreach ($parameter in (Get-Command $cmdlet).Parameters.Keys | Where-Object { $_ -notin $Common }) {
            $described = @($help.parameters.parameter | Where-Object { $_.name -eq $parameter })
            $described | Should -Not -BeNullOrEmpty -Because "-$parameter has a help"
            "$($described[0].description.Text)".Length | Should -BeGreaterThan 25 -Because "the help of -$parameter says something"
        }
    }
}

Describe 'the sources' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'are ASCII, or UTF-8 with a byte order mark, for Windows PowerShell' {
        foreach ($file in Get-SourceFile) {
            $bytes = [System.IO.File]::ReadAllBytes($file.FullName)
            $marked = $bytes.Length -gt 2 -and $bytes[0] -eq 0xef -and $bytes[1] -eq 0xbb -and $bytes[2] -eq 0xbf
            $marked -or @($bytes -gt 127).Count -eq 0 | Should -BeTrue -Because "it is $($file.Name)"
        }
    }

    It 'use the language of Windows PowerShell 5.1' {
        $newer = 'QuestionQuestion', 'QuestionQuestionEquals', 'QuestionDot', 'QuestionLBracket', 'AndAnd', 'OrOr', 'QuestionMark'
        foreach ($file in Get-SourceFile | Where-Object { $_.Extension -ne '.ps1xml' }) {
            $tokens = $null
            $faults = $null
            $ast = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref]$tokens, [ref]$faults)
            $faults | Should -HaveCount 0 -Because "$($file.Name) has the right syntax"
            # Also a line that begins with a pipe, `e and `u{1f600} in a text, 5uy and 0b101.
            $later = @(
                $before = ''
                foreach ($token in $tokens) {
                    $kind = $token.Kind.ToString()
                    if ($kind -in $newer -or $token.Text -eq 'clean' -or ($kind -eq 'Pipe' -and $before -in 'NewLine', 'Comment') -or
                        ($kind -like '*Expandable' -and $token.Text -cmatch '(?<!`)(``)*`(e|u\{)') -or ($kind -eq 'Number' -and $token.Text -match '^(0b|(?!0x)[\d.]+(e[+-]?\d+)?[usyn])')) { $token.Text }
                    $before = $kind
                }
            )
            "$later" | Should -Be '' -Because "$($file.Name) has nothing of a newer language"
            # After an if without an else, Windows PowerShell looks for one on the next lines, and takes what is there for no key.
            $values = $ast.FindAll({ param($node) $node -is [System.Management.Automation.Language.HashtableAst] }, $true) | ForEach-Object { $_.KeyValuePairs | Select-Object -SkipLast 1 } | ForEach-Object Item2
            $ifs = @($values | Where-Object { $_ -is [System.Management.Automation.Language.IfStatementAst] -and $null -eq $_.ElseClause })
            "$ifs" | Should -Be '' -Because "$($file.Name) has no if as a value that is not the last, and has no else"
            $variables = $ast.FindAll({ param($node) $node -is [System.Management.Automation.Language.VariableExpressionAst] -and $node.VariablePath.UserPath -in 'IsWindows', 'IsLinux', 'IsMacOS', 'IsCoreCLR', 'PSStyle', 'PSCulture', 'PSUICulture' }, $true)
            "$variables" | Should -Be '' -Because "$($file.Name) has no variable of PowerShell 7, nor one that follows the session only there"
        }
    }

    It 'the messages in <_> are those in English, with the same places to fill' -ForEach 'de-DE', 'fr-FR' {
        $english = Import-LocalizedData -BaseDirectory $Files -FileName Messages.psd1 -UICulture en-US
        $other = Import-LocalizedData -BaseDirectory $Files -FileName Messages.psd1 -UICulture $_
        $other.Keys | Sort-Object | Should -BeExactly @($english.Keys | Sort-Object)
        foreach ($key in $english.Keys) {
            $places = foreach ($text in $english[$key], $other[$key]) { "$([regex]::Matches($text, '\{(\d)\}') | ForEach-Object { $_.Value } | Sort-Object -Unique)" }
            $places[1] | Should -BeExactly $places[0] -Because "it is the message $key"
            { [string]::Format($other[$key], 'a', 'b', 'c') } | Should -Not -Throw
        }
    }

    It 'the advice for a missing Node.js names versions of the package, in <_>' -ForEach 'en-US', 'de-DE', 'fr-FR' {
        # The clone's: the release has none.
        $package = Join-Path $PSScriptRoot '../../package.json'
        $engines = (ConvertFrom-Json ([System.IO.File]::ReadAllText($package))).engines.node
        $advice = (Import-LocalizedData -BaseDirectory $Files -FileName Messages.psd1 -UICulture $_).HostStartAdvice
        # Not all of them: users are told only of releases that still get fixes.
        $versions = @([regex]::Matches($advice, '\d+\.\d+') | ForEach-Object Value)
        $versions | Should -Not -BeNullOrEmpty
        foreach ($version in $versions) { $engines | Should -Match "\^$([regex]::Escape($version))( |$)" }
    }
}
