# What scripts rely on without running anything: names, parameters, help, manifest, views, language.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
    $Expected = @{
        'Close-AssociatedBind'    = @(
            'All: switch, aliases , sets All'
            'InputObject: psobject[], aliases Bind, sets InputObject'
            'LocalPort: int[], aliases , sets LocalPort'
            'Protocol: string[], aliases , sets LocalPort'
        )
        'Get-DynamicPortRange'    = @(
            'Protocol: string[], aliases , sets __AllParameterSets'
        )
        'Get-PortReservation'     = @(
            'InputObject: psobject, aliases , sets InputObject'
            'Kind: string[], aliases , sets __AllParameterSets'
            'NumberOfPorts: int, aliases Count, sets Block'
            'Port: int, aliases , sets List'
            'Protocol: string[], aliases , sets __AllParameterSets'
            'StartPort: int, aliases , sets Block'
            'Store: string, aliases , sets List'
        )
        'Get-PortReservationHost' = @()
        'Invoke-AssociatedBind'   = @(
            'AddressFamily: string, aliases , sets __AllParameterSets'
            'AsSocket: switch, aliases , sets __AllParameterSets'
            'Backlog: int, aliases , sets __AllParameterSets'
            'Count: int, aliases , sets __AllParameterSets'
            'Listen: switch, aliases , sets __AllParameterSets'
            'LocalAddress: string, aliases , sets __AllParameterSets'
            'NumberOfPorts: int, aliases , sets Block'
            'Port: int, aliases , sets __AllParameterSets'
            'Protocol: string, aliases , sets Block Token'
            'Reservation: psobject, aliases , sets Reservation'
            'ScriptBlock: scriptblock, aliases , sets __AllParameterSets'
            'StartPort: int, aliases , sets Block'
            'TimeoutSec: int, aliases , sets __AllParameterSets'
            'Token: uint64, aliases , sets Token'
        )
        'New-PortReservation'     = @(
            'AddressFamily: string, aliases , sets __AllParameterSets'
            'From: int, aliases , sets __AllParameterSets'
            'IfNotExists: switch, aliases , sets __AllParameterSets'
            'InputObject: psobject, aliases , sets __AllParameterSets'
            'Kind: string, aliases , sets __AllParameterSets'
            'NumberOfPorts: int, aliases Count, sets __AllParameterSets'
            'Protocol: string[], aliases , sets __AllParameterSets'
            'RestartWinNat: switch, aliases , sets __AllParameterSets'
            'StartPort: int, aliases Port, sets __AllParameterSets'
            'Store: string, aliases , sets __AllParameterSets'
        )
        'Remove-PortReservation'  = @(
            'InputObject: psobject, aliases , sets InputObject'
            'Kind: string, aliases , sets Block'
            'NumberOfPorts: int, aliases Count, sets Block'
            'PassThru: switch, aliases , sets __AllParameterSets'
            'Protocol: string[], aliases , sets Block'
            'StartPort: int, aliases Port, sets Block'
            'Store: string, aliases , sets __AllParameterSets'
        )
        'Set-DynamicPortRange'    = @(
            'InputObject: psobject, aliases , sets InputObject'
            'NumberOfPorts: int, aliases , sets Range'
            'PassThru: switch, aliases , sets __AllParameterSets'
            'Protocol: string[], aliases , sets Range'
            'StartPort: int, aliases , sets Range'
        )
        'Show-PortReservation'    = @(
            'Force: switch, aliases , sets File'
            'PassThru: switch, aliases , sets File'
            'Path: string, aliases , sets File'
            'Protocol: string[], aliases , sets __AllParameterSets'
        )
        'Test-PortReservation'    = @(
            'Port: int[], aliases LocalPort, sets __AllParameterSets'
            'Protocol: string, aliases , sets __AllParameterSets'
            'Quiet: switch, aliases , sets __AllParameterSets'
        )
    }
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
        foreach ($folder in $Files, $PSScriptRoot) {
            Get-ChildItem -Path $folder -Recurse -Include *.ps1, *.psm1, *.psd1, *.ps1xml | Where-Object { $_.FullName -notlike '*node_modules*' }
        }
    }
}

Describe 'the module' {
    BeforeEach { Reset-Simulator }

    It 'the cmdlets are those of the contract' {
        (Get-Command -Module PortReservation).Name | Sort-Object | Should -BeExactly @($Expected.Keys | Sort-Object)
        (Get-Module PortReservation).ExportedAliases.Keys | Should -HaveCount 0
        (Get-Module PortReservation).ExportedVariables.Keys | Should -HaveCount 0
    }

    It 'each cmdlet has the parameters of the contract, with types, aliases and sets' {
        foreach ($name in $Expected.Keys) {
            $parameters = foreach ($parameter in (Get-Command $name).Parameters.Values | Where-Object { $_.Name -notin $Common } | Sort-Object Name) {
                "$($parameter.Name): $($TypeWords[$parameter.ParameterType.FullName]), aliases $($parameter.Aliases), sets $($parameter.ParameterSets.Keys | Sort-Object)"
            }
            @($parameters) -join "`n" | Should -Be ($Expected[$name] -join "`n") -Because $name
        }
    }

    It 'what changes something asks by ShouldProcess, the others do not' {
        $asking = 'New-PortReservation', 'Remove-PortReservation', 'Set-DynamicPortRange', 'Show-PortReservation'
        foreach ($name in $Expected.Keys) {
            $asks = (Get-Command $name).Parameters.ContainsKey('WhatIf')
            $asks | Should -Be ($name -in $asking) -Because "-WhatIf of $name"
        }
        foreach ($name in $asking) {
            "$([System.Management.Automation.CommandMetadata]::new((Get-Command $name)).ConfirmImpact)" | Should -BeExactly 'Medium' -Because "ConfirmImpact of $name"
        }
    }

    It 'what the session or the first cmdlet asks for is not asked about the module''s own beginnings' {
        # Each in a PowerShell of its own, because it happens once in a session.
        $reservation = New-PortReservation -StartPort 5100 -NumberOfPorts 2
        # Get-Date: Windows PowerShell's own module is asked about as well where it is loaded only then.
        foreach ($case in @('', '-WhatIf'), @('$null = Get-Date; $WhatIfPreference = $true;', '')) {
            $said = @(Invoke-Shell "$(Get-ImportLine) $($case[0]) Remove-PortReservation -StartPort 5000 $($case[1]); `"`$(Get-PortReservation)`"")
            $said.Count | Should -Be 2 -Because "the lines of '$case': $said"
            $said[0] | Should -Match 'Tcp 5000 \(Persistent\)'
            $said[1] | Should -BeExactly "$reservation"
        }
        # It would ask, and there is nobody to answer.
        $said = @(Invoke-Shell "$(Get-ImportLine) `$ConfirmPreference = 'Low'; `"`$(Get-PortReservation)`"")
        $said | Should -BeExactly "$reservation"
        $said = @(Invoke-Shell "$(Get-ImportLine) `$said = Remove-PortReservation 5100 2 -Verbose 4>&1; `$said | ForEach-Object { `"`$_`" }")
        $said -match 'Update TypeData' | Should -HaveCount 0 -Because 'verbose lines'
    }

    It 'ports and protocols outside of their range are refused by the parameter' {
        foreach ($body in { New-PortReservation -StartPort 0 }, { New-PortReservation -StartPort 65536 }, { New-PortReservation -StartPort 1 -NumberOfPorts 0 },
            { New-PortReservation -StartPort 1 -Protocol Sctp }, { New-PortReservation -StartPort 1 -Kind Other }, { Get-PortReservation -Port 70000 },
            { Remove-PortReservation -StartPort 0 }, { Invoke-AssociatedBind -StartPort 1 -Count 0 }, { New-PortReservation -StartPort 1 -Kind Runtime -AddressFamily Unix },
            { New-PortReservation -From 0 }, { Test-PortReservation 0 }, { Test-PortReservation 1 -Protocol Sctp }, { Invoke-AssociatedBind -Token 0 }, { Close-AssociatedBind -LocalPort 0 }, { Remove-PortReservation 5 -Kind Other }, { Show-PortReservation -Protocol Sctp },
            { Get-DynamicPortRange -Protocol Sctp }, { Set-DynamicPortRange Tcp 1024 16384 }, { Set-DynamicPortRange Tcp 49152 254 }) {
            $body | Should -Throw -ErrorId 'ParameterArgumentValidationError,*' -Because "$body"
        }
    }

    It 'help is complete: synopsis, description, every parameter, inputs, outputs, link, two examples' {
        foreach ($name in $Expected.Keys) {
            $help = Get-Help $name -Full
            $help.Synopsis.Trim().Length | Should -BeGreaterThan 20 -Because "the synopsis of $name"
            $help.Synopsis | Should -Not -Match ([regex]::Escape($name)) -Because "the synopsis of $name"
            "$($help.description.Text)".Length | Should -BeGreaterThan 80 -Because "the description of $name"
            @($help.examples.example).Count | Should -BeGreaterOrEqual 2 -Because "two examples of $name"
            foreach ($example in $help.examples.example) {
                $example.code | Should -Not -BeNullOrEmpty -Because "each example of $name has code"
                "$($example.remarks.Text)".Trim().Length | Should -BeGreaterThan 20 -Because "each example of $name has words"
            }
            foreach ($section in 'inputTypes', 'returnValues') { $help.$section | Should -Not -BeNullOrEmpty -Because "$section of $name" }
            "$($help.relatedLinks.navigationLink[0].uri)" | Should -Match '^https://' -Because "the first link of $name"
            foreach ($parameter in (Get-Command $name).Parameters.Keys | Where-Object { $_ -notin $Common }) {
                $described = @($help.parameters.parameter | Where-Object { $_.name -eq $parameter })
                $described | Should -Not -BeNullOrEmpty -Because "a description of -$parameter of $name"
                "$($described[0].description.Text)".Length | Should -BeGreaterThan 25 -Because "a description of -$parameter of $name"
            }
        }
    }

    It 'about_PortReservation names every cmdlet and every reason' {
        $text = [System.IO.File]::ReadAllText((Join-Path $Files 'en-US/about_PortReservation.help.txt'))
        $reasons = & (Get-Module PortReservation) { $script:ErrorCategories.Keys }
        foreach ($word in @($Expected.Keys) + @($reasons)) { $text.Contains($word) | Should -BeTrue -Because "$word in about_PortReservation" }
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
        foreach ($key in 'CmdletsToExport', 'VariablesToExport', 'AliasesToExport') { $data[$key] | Should -HaveCount 0 -Because $key }
        foreach ($key in 'LicenseUri', 'ProjectUri', 'ReleaseNotes', 'Tags') { $data.PrivateData.PSData[$key] | Should -Not -BeNullOrEmpty -Because $key }
        $package = Join-Path $Root 'package.json'
        if (Test-Path $package) { $data.ModuleVersion | Should -BeExactly (ConvertFrom-Json ([System.IO.File]::ReadAllText($package))).version }
        $public = Join-Path $Root 'ps/Public'
        if (Test-Path $public) { (Get-ChildItem $public -Filter *.ps1).BaseName | Sort-Object | Should -BeExactly @($Expected.Keys | Sort-Object) -Because 'the public files' }
    }

    It 'messages come in the language of the session' {
        $said = Invoke-Shell "[System.Globalization.CultureInfo]::CurrentUICulture = 'de-AT'; $(Get-ImportLine) New-PortReservation -Kind System -ErrorAction SilentlyContinue -ErrorVariable e; `$e[0].Exception.Message"
        "$said" | Should -Match '^Ein Block der Art System kann nicht angelegt werden'
        $said = Invoke-Shell "[System.Globalization.CultureInfo]::CurrentUICulture = 'ja-JP'; $(Get-ImportLine) New-PortReservation -Kind System -ErrorAction SilentlyContinue -ErrorVariable e; `$e[0].Exception.Message"
        "$said" | Should -Match '^A block of Kind System cannot be created'
    }
}

Describe 'the sources' {
    BeforeEach { Reset-Simulator }

    It 'sources are ASCII, or UTF-8 with a byte order mark, for Windows PowerShell' {
        foreach ($file in Get-SourceFile) {
            $bytes = [System.IO.File]::ReadAllBytes($file.FullName)
            $marked = $bytes.Length -gt 2 -and $bytes[0] -eq 0xef -and $bytes[1] -eq 0xbb -and $bytes[2] -eq 0xbf
            $marked -or @($bytes -gt 127).Count -eq 0 | Should -BeTrue -Because "$($file.Name): ASCII or a byte order mark"
        }
    }

    It 'sources use the language of Windows PowerShell 5.1' {
        $newer = 'QuestionQuestion', 'QuestionQuestionEquals', 'QuestionDot', 'QuestionLBracket', 'AndAnd', 'OrOr', 'QuestionMark'
        foreach ($file in Get-SourceFile | Where-Object { $_.Extension -ne '.ps1xml' }) {
            $tokens = $null
            $faults = $null
            $ast = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref]$tokens, [ref]$faults)
            $faults | Should -HaveCount 0 -Because "$($file.Name): syntax errors"
            "$($tokens | Where-Object { "$($_.Kind)" -in $newer -or $_.Text -eq 'clean' })" | Should -Be '' -Because "$($file.Name): newer operators"
            $variables = $ast.FindAll({ param($node) $node -is [System.Management.Automation.Language.VariableExpressionAst] -and $node.VariablePath.UserPath -in 'IsWindows', 'IsLinux', 'IsMacOS', 'IsCoreCLR', 'PSStyle' }, $true)
            "$variables" | Should -Be '' -Because "$($file.Name): variables of PowerShell 7"
        }
    }

    It 'every language has the same messages with the same places to fill' {
        $english = Import-LocalizedData -BaseDirectory $Files -FileName Messages.psd1 -UICulture en-US
        foreach ($culture in 'de-DE', 'fr-FR') {
            $other = Import-LocalizedData -BaseDirectory $Files -FileName Messages.psd1 -UICulture $culture
            $other.Keys | Sort-Object | Should -BeExactly @($english.Keys | Sort-Object) -Because "the keys of $culture"
            foreach ($key in $english.Keys) {
                $places = foreach ($text in $english[$key], $other[$key]) { "$([regex]::Matches($text, '\{(\d)\}') | ForEach-Object { $_.Value } | Sort-Object -Unique)" }
                $places[1] | Should -BeExactly $places[0] -Because "the places of $key in $culture"
                $null = [string]::Format($other[$key], 'a', 'b', 'c')
            }
        }
    }

    It 'the advice for a missing Node.js names the versions of the package' {
        # The clone's: the release has none.
        $package = Join-Path $PSScriptRoot '../../package.json'
        $engines = (ConvertFrom-Json ([System.IO.File]::ReadAllText($package))).engines.node
        foreach ($culture in 'en-US', 'de-DE', 'fr-FR') {
            $advice = (Import-LocalizedData -BaseDirectory $Files -FileName Messages.psd1 -UICulture $culture).HostStartAdvice
            # Not all of them: users are told only of releases that still get fixes.
            $versions = @([regex]::Matches($advice, '\d+\.\d+') | ForEach-Object Value)
            $versions | Should -Not -BeNullOrEmpty -Because "there is a version in $culture"
            foreach ($version in $versions) { $engines | Should -Match "\^$([regex]::Escape($version))( |$)" -Because "it is told in $culture" }
        }
    }
}
