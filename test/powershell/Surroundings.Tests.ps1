# What stands around a session and must not decide what it loads.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
}

Describe 'the surroundings of a session' {
    BeforeEach { Reset-Simulator }

    It 'modules of the user that have the names of PowerShell''s own are not loaded' {
        $folder = New-TestFolder 'planted'
        $canary = Join-Path $folder 'canary'
        $names = 'Import-LocalizedData', 'ConvertFrom-Json', 'ConvertTo-Json', 'Update-TypeData', 'Sort-Object', 'Write-Progress', 'Get-Item', 'Get-Process'
        $functions = "$($names | ForEach-Object { "function $_ { 'planted' };" })"
        foreach ($name in 'Microsoft.PowerShell.Utility', 'Microsoft.PowerShell.Management') {
            $place = (New-Item -ItemType Directory -Path (Join-Path $folder $name)).FullName
            Set-Content -LiteralPath (Join-Path $place "$name.psm1") -Value "[System.IO.File]::AppendAllText('$canary', '$name '); $functions"
        }
        $made = Invoke-Shell (@"
        [System.Environment]::SetEnvironmentVariable('PSModulePath', '$folder' + [System.IO.Path]::PathSeparator + [System.Environment]::GetEnvironmentVariable('PSModulePath'))
        $(Get-ImportLine)
        `$made = New-PortReservation -StartPort 5000 -NumberOfPorts 2
        `$bind = `$made | Invoke-AssociatedBind -LocalAddress 127.0.0.1
        `$bind.Dispose()
        [string]@(Get-PortReservation).Count + ' ' + [string](Test-PortReservation 5000).Reason + ' ' + "`$(`$made | Remove-PortReservation -PassThru)"
"@)
        $made | Should -BeExactly '1 PersistentReservation Tcp 5000-5001 (Persistent)'
        [System.IO.File]::Exists($canary) | Should -Be $false
    }

    It 'nothing of the module, its views included, calls a command that PowerShell would look for by its name' {
        $root = Split-Path $ModulePath
        # A package has one file, and other things beside it: examples, and the launcher of the command line.
        $files = if (Test-Path (Join-Path $root 'ps')) { @(Get-ChildItem (Join-Path $root 'ps') -Recurse -File) }
        else { @(Get-ChildItem $root -File | Where-Object Name -NE 'port-reservation.ps1') }
        $texts = @($files | Where-Object Name -Match '\.psm?1$' | ForEach-Object { Get-Content -Raw -LiteralPath $_.FullName }) +
        @($files | Where-Object Extension -EQ '.ps1xml' | ForEach-Object { ([xml](Get-Content -Raw -LiteralPath $_.FullName)).SelectNodes('//ScriptBlock') } | ForEach-Object InnerText)
        # By its name, after it was loaded by its path.
        $known = @(Get-Command -Module Microsoft.PowerShell.Core | ForEach-Object Name) + 'Microsoft.PowerShell.Utility\Write-Progress' +
        @([regex]::Matches($texts -join "`n", '(?m)^function ([\w-]+)') | ForEach-Object { $_.Groups[1].Value })
        $called = @(foreach ($text in $texts) {
                $tokens = $null
                $null = [System.Management.Automation.Language.Parser]::ParseInput($text, [ref]$tokens, [ref]$null)
                foreach ($token in $tokens) { if (($token.TokenFlags -band [System.Management.Automation.Language.TokenFlags]::CommandName) -ne 0 -and $token.Text -match '\A\w') { $token.Text } }
            }) | Sort-Object -Unique
        $called | Should -Contain 'ForEach-Object'
        $called | Where-Object { $_ -notin $known } | Should -BeNullOrEmpty
    }

    It 'the cmdlets work where modules are not loaded automatically, in <_>' -ForEach 'en-US', 'de-DE', 'fr-FR' {
        $said = Invoke-Shell (@"
            `$PSModuleAutoLoadingPreference = 'None'
            [System.Globalization.CultureInfo]::CurrentUICulture = '$_'
            $(Get-ImportLine)
            "`$(New-PortReservation -StartPort 5000)"
            "`$(Remove-PortReservation -StartPort 5000 -PassThru)"
"@)
        $said | Should -BeExactly 'Tcp 5000 (Persistent)', 'Tcp 5000 (Persistent)'
    }

    It 'a Node.js in the current folder is not run because PATH names that' {
        $folder = New-TestFolder 'here'
        $name = if ($IsOnWindows) { 'node.exe' } else { 'node' }
        Set-Content -LiteralPath (Join-Path $folder $name) -Value '#!/bin/sh'
        $path = [System.Environment]::GetEnvironmentVariable('PATH')
        Import-TestModule -Options @{ Simulator = $TestOptions.Simulator; SimulatorState = $TestOptions.SimulatorState }
        Push-Location -LiteralPath $folder
        try {
            [System.Environment]::SetEnvironmentVariable('PATH', (@('.', '', 'here', '..') -join [System.IO.Path]::PathSeparator))
            # The package has its own.
            $found = try { & (Get-Module PortReservation) { Find-Node } } catch { "$_" }
            "$found".StartsWith($folder) | Should -BeFalse -Because "$found"
            [System.Environment]::SetEnvironmentVariable('PATH', $folder)
            $found = try { & (Get-Module PortReservation) { Find-Node } } catch { "$_" }
            if (-not "$found".EndsWith("bin$([System.IO.Path]::DirectorySeparatorChar)$name") -and -not $IsOnWindows) { $found | Should -Be (Join-Path $folder $name) }
        } finally {
            [System.Environment]::SetEnvironmentVariable('PATH', $path)
            Pop-Location
            Import-TestModule
        }
    }

    It 'NodePath may be the folder of Node.js' {
        $node = & (Get-Module PortReservation) { Find-Node }
        $options = @{} + $TestOptions
        $options.NodePath = Split-Path $node
        Import-TestModule -Options $options
        try { & (Get-Module PortReservation) { Find-Node } | Should -BeExactly $node } finally { Import-TestModule }
    }

    It 'the cmdlets work in each runspace of a process, also when the one before it has ended' {
        foreach ($port in 5001, 5002) {
            $shell = [powershell]::Create()
            try {
                $null = $shell.AddScript((Get-ImportLine) + "New-PortReservation -StartPort $port | ForEach-Object { `"`$_`" }; `$null = Show-PortReservation; `$Error.Count; try { New-PortReservation -StartPort 8080.5 } catch { `$_.FullyQualifiedErrorId }")
                $running = $shell.BeginInvoke()
                Wait-Until { $running.IsCompleted } "the end of the runspace for port $port"
                $shell.EndInvoke($running) | Should -BeExactly "Tcp $port (Persistent)", 0, 'ParameterArgumentTransformationError,New-PortReservation'
            } finally {
                Remove-PowerShell $shell
            }
        }
    }
}
