# What scripts rely on without running anything: names, parameters, help, manifest, views, language.

$script:Expected = @{
    'Close-AssociatedBind'    = @(
        'All: switch, aliases , sets All'
        'InputObject: psobject[], aliases Bind, sets InputObject'
        'LocalPort: int[], aliases , sets LocalPort'
        'Protocol: string[], aliases , sets LocalPort'
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
$script:TypeWords = @{
    'System.Int32' = 'int'; 'System.Int32[]' = 'int[]'; 'System.UInt64' = 'uint64'; 'System.String' = 'string'; 'System.String[]' = 'string[]'
    'System.Management.Automation.SwitchParameter' = 'switch'; 'System.Management.Automation.ScriptBlock' = 'scriptblock'
    'System.Management.Automation.PSObject' = 'psobject'; 'System.Management.Automation.PSObject[]' = 'psobject[]'
}
$script:Common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
$script:Root = Split-Path $ModulePath
# The release has everything in one folder.
$script:Files = if (Test-Path (Join-Path $script:Root 'ps')) { Join-Path $script:Root 'ps' } else { $script:Root }

function Get-SourceFile {
    Get-Item -LiteralPath $ModulePath
    foreach ($folder in $script:Files, $PSScriptRoot) {
        Get-ChildItem -Path $folder -Recurse -Include *.ps1, *.psm1, *.psd1, *.ps1xml | Where-Object { $_.FullName -notlike '*node_modules*' }
    }
}

Test 'the cmdlets are those of the contract' {
    Assert-Equal @((Get-Command -Module PortReservation).Name | Sort-Object) @($script:Expected.Keys | Sort-Object)
    Assert-Equal @((Get-Module PortReservation).ExportedAliases.Keys).Count 0 'the number of aliases'
    Assert-Equal @((Get-Module PortReservation).ExportedVariables.Keys).Count 0 'the number of variables'
}

Test 'each cmdlet has the parameters of the contract, with types, aliases and sets' {
    foreach ($name in $script:Expected.Keys) {
        $parameters = foreach ($parameter in (Get-Command $name).Parameters.Values | Where-Object { $_.Name -notin $script:Common } | Sort-Object Name) {
            "$($parameter.Name): $($script:TypeWords[$parameter.ParameterType.FullName]), aliases $($parameter.Aliases), sets $($parameter.ParameterSets.Keys | Sort-Object)"
        }
        Assert-Equal (@($parameters) -join "`n") ($script:Expected[$name] -join "`n") $name
    }
}

Test 'what changes something asks by ShouldProcess, the others do not' {
    $asking = 'New-PortReservation', 'Remove-PortReservation', 'Show-PortReservation'
    foreach ($name in $script:Expected.Keys) {
        $asks = (Get-Command $name).Parameters.ContainsKey('WhatIf')
        Assert-Equal $asks ($name -in $asking) "-WhatIf of $name"
    }
    foreach ($name in $asking) {
        Assert-Equal "$([System.Management.Automation.CommandMetadata]::new((Get-Command $name)).ConfirmImpact)" 'Medium' "ConfirmImpact of $name"
    }
}

Test 'what the session or the first cmdlet asks for is not asked about the module''s own beginnings' {
    # Each in a PowerShell of its own, because it happens once in a session.
    $reservation = New-PortReservation -StartPort 5100 -NumberOfPorts 2
    # Get-Date: Windows PowerShell's own module is asked about as well where it is loaded only then.
    foreach ($case in @('', '-WhatIf'), @('$null = Get-Date; $WhatIfPreference = $true;', '')) {
        $said = @(Invoke-Shell "$(Get-ImportLine) $($case[0]) Remove-PortReservation -StartPort 5000 $($case[1]); `"`$(Get-PortReservation)`"")
        Assert-Equal $said.Count 2 "the lines of '$case': $said"
        Assert-Match $said[0] 'Tcp 5000 \(Persistent\)'
        Assert-Equal $said[1] "$reservation"
    }
    # It would ask, and there is nobody to answer.
    $said = @(Invoke-Shell "$(Get-ImportLine) `$ConfirmPreference = 'Low'; `"`$(Get-PortReservation)`"")
    Assert-Equal $said "$reservation"
    $said = @(Invoke-Shell "$(Get-ImportLine) `$said = Remove-PortReservation 5100 2 -Verbose 4>&1; `$said | ForEach-Object { `"`$_`" }")
    Assert-Equal @($said -match 'Update TypeData').Count 0 'verbose lines'
}

Test 'ports and protocols outside of their range are refused by the parameter' {
    foreach ($body in { New-PortReservation -StartPort 0 }, { New-PortReservation -StartPort 65536 }, { New-PortReservation -StartPort 1 -NumberOfPorts 0 },
        { New-PortReservation -StartPort 1 -Protocol Sctp }, { New-PortReservation -StartPort 1 -Kind Other }, { Get-PortReservation -Port 70000 },
        { Remove-PortReservation -StartPort 0 }, { Invoke-AssociatedBind -StartPort 1 -Count 0 }, { New-PortReservation -StartPort 1 -Kind Runtime -AddressFamily Unix },
        { New-PortReservation -From 0 }, { Test-PortReservation 0 }, { Test-PortReservation 1 -Protocol Sctp }, { Invoke-AssociatedBind -Token 0 }, { Close-AssociatedBind -LocalPort 0 }, { Remove-PortReservation 5 -Kind Other }, { Show-PortReservation -Protocol Sctp }) {
        Assert-Match (Get-TerminatingFailure $body).FullyQualifiedErrorId '^ParameterArgumentValidationError,' "$body"
    }
}

Test 'help is complete: synopsis, description, every parameter, inputs, outputs, link, two examples' {
    foreach ($name in $script:Expected.Keys) {
        $help = Get-Help $name -Full
        Assert-True ($help.Synopsis.Trim().Length -gt 20 -and $help.Synopsis -notmatch [regex]::Escape($name)) "the synopsis of $name"
        Assert-True ("$($help.description.Text)".Length -gt 80) "the description of $name"
        Assert-True (@($help.examples.example).Count -ge 2) "two examples of $name"
        foreach ($example in $help.examples.example) { Assert-True ($example.code -and "$($example.remarks.Text)".Trim().Length -gt 20) "code and words of an example of $name" }
        foreach ($section in 'inputTypes', 'returnValues') { Assert-True ($help.$section) "$section of $name" }
        Assert-Match "$($help.relatedLinks.navigationLink[0].uri)" '^https://' "the first link of $name"
        foreach ($parameter in (Get-Command $name).Parameters.Keys | Where-Object { $_ -notin $script:Common }) {
            $described = @($help.parameters.parameter | Where-Object { $_.name -eq $parameter })
            Assert-True ($described -and "$($described[0].description.Text)".Length -gt 25) "a description of -$parameter of $name"
        }
    }
}

Test 'about_PortReservation names every cmdlet and every reason' {
    $text = [System.IO.File]::ReadAllText((Join-Path $script:Files 'en-US/about_PortReservation.help.txt'))
    $reasons = & (Get-Module PortReservation) { $script:ErrorCategories.Keys }
    foreach ($word in @($script:Expected.Keys) + @($reasons)) { Assert-True $text.Contains($word) "$word in about_PortReservation" }
    Assert-True (@($text -split '\n' | Where-Object { $_.TrimEnd().Length -gt 80 }).Count -eq 0) 'lines of 80 characters at most'
}

Test 'Get-Help finds about_PortReservation' {
    $said = @(Invoke-Shell "$(Get-ImportLine) Get-Help about_PortReservation")
    Assert-Match "$said" '^TOPIC\s+about_PortReservation'
}

Test 'the manifest is valid, exports the public files, and has the version of the package' {
    $manifest = Test-ModuleManifest -Path $ModulePath
    Assert-Equal @($manifest.ExportedFunctions.Keys | Sort-Object) @($script:Expected.Keys | Sort-Object)
    $data = Import-PowerShellDataFile -LiteralPath $ModulePath
    Assert-Equal $data.PowerShellVersion '5.1'
    Assert-Equal "$($data.CompatiblePSEditions)" 'Desktop Core'
    foreach ($key in 'CmdletsToExport', 'VariablesToExport', 'AliasesToExport') { Assert-Equal @($data[$key]).Count 0 $key }
    foreach ($key in 'LicenseUri', 'ProjectUri', 'ReleaseNotes', 'Tags') { Assert-True $data.PrivateData.PSData[$key] $key }
    $package = Join-Path $script:Root 'package.json'
    if (Test-Path $package) { Assert-Equal $data.ModuleVersion (ConvertFrom-Json ([System.IO.File]::ReadAllText($package))).version 'ModuleVersion' }
    $public = Join-Path $script:Root 'ps/Public'
    if (Test-Path $public) { Assert-Equal @((Get-ChildItem $public -Filter *.ps1).BaseName | Sort-Object) @($script:Expected.Keys | Sort-Object) 'the public files' }
}

Test 'sources are ASCII, or UTF-8 with a byte order mark, for Windows PowerShell' {
    foreach ($file in Get-SourceFile) {
        $bytes = [System.IO.File]::ReadAllBytes($file.FullName)
        $marked = $bytes.Length -gt 2 -and $bytes[0] -eq 0xef -and $bytes[1] -eq 0xbb -and $bytes[2] -eq 0xbf
        Assert-True ($marked -or @($bytes -gt 127).Count -eq 0) "$($file.Name): ASCII or a byte order mark"
    }
}

Test 'sources use the language of Windows PowerShell 5.1' {
    $newer = 'QuestionQuestion', 'QuestionQuestionEquals', 'QuestionDot', 'QuestionLBracket', 'AndAnd', 'OrOr', 'QuestionMark'
    foreach ($file in Get-SourceFile | Where-Object { $_.Extension -ne '.ps1xml' }) {
        $tokens = $null
        $faults = $null
        $ast = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref]$tokens, [ref]$faults)
        Assert-Equal @($faults).Count 0 "$($file.Name): syntax errors"
        Assert-Equal "$($tokens | Where-Object { "$($_.Kind)" -in $newer -or $_.Text -eq 'clean' })" '' "$($file.Name): newer operators"
        $variables = $ast.FindAll({ param($node) $node -is [System.Management.Automation.Language.VariableExpressionAst] -and $node.VariablePath.UserPath -in 'IsWindows', 'IsLinux', 'IsMacOS', 'IsCoreCLR', 'PSStyle' }, $true)
        Assert-Equal "$variables" '' "$($file.Name): variables of PowerShell 7"
    }
}

Test 'every language has the same messages with the same places to fill' {
    $english = Import-LocalizedData -BaseDirectory $script:Files -FileName Messages.psd1 -UICulture en-US
    foreach ($culture in 'de-DE', 'fr-FR') {
        $other = Import-LocalizedData -BaseDirectory $script:Files -FileName Messages.psd1 -UICulture $culture
        Assert-Equal @($other.Keys | Sort-Object) @($english.Keys | Sort-Object) "the keys of $culture"
        foreach ($key in $english.Keys) {
            $places = foreach ($text in $english[$key], $other[$key]) { "$([regex]::Matches($text, '\{(\d)\}') | ForEach-Object { $_.Value } | Sort-Object -Unique)" }
            Assert-Equal $places[1] $places[0] "the places of $key in $culture"
            $null = [string]::Format($other[$key], 'a', 'b', 'c')
        }
    }
}

Test 'the advice for a missing Node.js names the versions of the package' {
    # The clone's: the release has none.
    $package = Join-Path $PSScriptRoot '../../package.json'
    $engines = (ConvertFrom-Json ([System.IO.File]::ReadAllText($package))).engines.node
    foreach ($culture in 'en-US', 'de-DE', 'fr-FR') {
        $advice = (Import-LocalizedData -BaseDirectory $script:Files -FileName Messages.psd1 -UICulture $culture).HostStartAdvice
        foreach ($version in [regex]::Matches($engines, '\^([\d.]+)')) { Assert-True $advice.Contains($version.Groups[1].Value) "$($version.Value) of $engines in $culture" }
    }
}

Test 'messages come in the language of the session' {
    $said = Invoke-Shell "[System.Globalization.CultureInfo]::CurrentUICulture = 'de-AT'; $(Get-ImportLine) New-PortReservation -Kind System -ErrorAction SilentlyContinue -ErrorVariable e; `$e[0].Exception.Message"
    Assert-Match "$said" '^Ein Block der Art System kann nicht angelegt werden'
    $said = Invoke-Shell "[System.Globalization.CultureInfo]::CurrentUICulture = 'ja-JP'; $(Get-ImportLine) New-PortReservation -Kind System -ErrorAction SilentlyContinue -ErrorVariable e; `$e[0].Exception.Message"
    Assert-Match "$said" '^A block of Kind System cannot be created'
}
