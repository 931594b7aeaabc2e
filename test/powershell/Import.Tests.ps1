# Import-Module: options, places, platforms.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
}

Describe 'Import-Module' {
    BeforeEach { Reset-Simulator }
    AfterEach { Import-TestModule }

    It 'an unknown or incomplete option is an error that names it: <Named>' -ForEach @(
        @{ Options = @{ Simulater = 'x' }; Named = "'Simulater'" }
        @{ Options = @{ Simulator = 'x' }; Named = 'SimulatorState' }
        @{ Options = @{ NodePath = '' }; Named = "'NodePath'" }
        @{ Options = @{ Keys = 'NodePath' }; Named = "'Keys'" }
    ) {
        { Import-Module $ModulePath -Force -Global -ArgumentList $Options } | Should -Throw -ExpectedMessage "*$Named*"
    }

    It 'relative paths mean the folder of the import' {
        $folder = New-TestFolder
        $name = 'state of mine'
        Push-Location $folder
        try {
            $options = $TestOptions.Clone()
            $options.SimulatorState = "./$name"
            Import-TestModule $ModulePath $options
            Set-Location ([System.IO.Path]::GetTempPath())
            $null = New-PortReservation -StartPort 5000
            Test-Path -LiteralPath (Join-Path $folder $name) | Should -BeTrue
        } finally {
            Pop-Location
        }
    }

    It 'a folder and a state file with blanks and letters of all alphabets work' {
        # Windows PowerShell names the assembly of a module's classes after the path, which then has no apostrophe.
        $quote = if ($PSVersionTable.PSEdition -eq 'Desktop') { '' } else { "'" }
        $folder = New-TestFolder ('a b ' + [char]0xe9 + [char]0x4e2d + $quote + '[1]')
        $path = Copy-Module $folder
        $options = $TestOptions.Clone()
        $options.SimulatorState = Join-Path $folder ('st ' + [char]0xfc)
        Import-TestModule ([System.Management.Automation.WildcardPattern]::Escape($path)) $options
        "$(New-PortReservation -StartPort 5000)" | Should -BeExactly 'Tcp 5000 (Persistent)'
        "$((Get-Module PortReservation).ModuleBase)" | Should -BeExactly $folder
        Test-Path -LiteralPath $options.SimulatorState | Should -BeTrue
    }

    It 'two copies of the module can be loaded in one session' {
        $folder = New-TestFolder
        $other = Copy-Module $folder
        $said = @(Invoke-Shell ("`$ErrorActionPreference = 'Stop'; $(Get-ImportLine) `$first = New-PortReservation -StartPort 5000; " +
                "$(Get-ImportLine $other) `$second = New-PortReservation -StartPort 5001 -NumberOfPorts 2; `$line = 'Get-PortReservation -StartPort 50'; " +
                "`"`$((TabExpansion2 -inputScript `$line -cursorColumn `$line.Length).CompletionMatches.CompletionText)`"; " +
                "Remove-Module PortReservation; `"`$first, `$second`""))
        # Each completes what it has seen itself, and the later one has the command.
        $said | Should -BeExactly '5001', 'Tcp 5000 (Persistent), Tcp 5001-5002 (Persistent)'
    }

    It 'off Windows and without the simulator every cmdlet says so: <_>' -Tag Unix -ForEach @(
        { New-PortReservation -StartPort 5000 -WhatIf }
        { Get-PortReservation }
        { Remove-PortReservation -StartPort 5000 }
        { Invoke-AssociatedBind -StartPort 5000 }
        { Close-AssociatedBind 'x' }
        { Get-PortReservationHost }
        { Test-PortReservation 5000 }
        { Show-PortReservation }
        { Get-DynamicPortRange }
        { Measure-PortReservation }
        { Set-DynamicPortRange Tcp 49152 16384 -WhatIf }
    ) {
        if ($IsOnWindows) { Set-ItResult -Skipped -Because 'this is Windows' }
        Import-Module $ModulePath -Force -Global
        $failure = $_ | Should -Throw -PassThru
        $failure | Should -BeCmdletError -ErrorId "PlatformNotSupported,$($_.Ast.EndBlock.Statements[0].PipelineElements[0].CommandElements[0].Value)" -Category NotImplemented
        $failure.Exception.Message | Should -Match 'Import-Module .*PortReservation\.psd1.* -ArgumentList @\{ Simulator = '
    }

    It 'Node.js that is not there is an error that names what was tried' {
        $options = $TestOptions.Clone()
        $options.NodePath = Join-Path (New-TestFolder) 'no node here'
        Import-TestModule $ModulePath $options
        $failure = { Get-PortReservation } | Should -Throw -PassThru
        $failure | Should -BeCmdletError -ErrorId 'HostUnavailable,Get-PortReservation' -Category ConnectionError
        $failure.Exception.Message | Should -Match 'no node here'
    }

    It 'a program that is no host, and a host of another release, are errors that say so' {
        $folder = New-TestFolder
        $path = Copy-Module $folder
        $script = @(& (Get-Module PortReservation) { Find-HostScript })[0].Replace((Split-Path $ModulePath), $folder)
        [System.IO.File]::WriteAllText($script, 'console.error("last words"); process.exit(3);')
        Import-TestModule $path
        $failure = { Get-PortReservation } | Should -Throw -ErrorId 'HostUnavailable,Get-PortReservation' -PassThru
        $failure.Exception.Message | Should -Match 'last words'
        [System.IO.File]::WriteAllText($script, 'process.stdin.resume(); console.log(["a1", "s", "9.9.9"].join("\t"));')
        $failure = { New-PortReservation -StartPort 5000 } | Should -Throw -ErrorId 'HostUnavailable,New-PortReservation' -PassThru
        $failure.Exception.Message | Should -Match '9\.9\.9'
        (Get-ModuleSession).Connection | Should -Be $null
    }

    It 'a state file that is none is the simulator''s error, and stays as it is' {
        $file = Join-Path (New-TestFolder) 'letter.txt'
        [System.IO.File]::WriteAllText($file, 'Dear reader')
        Import-TestModule
        & (Get-Module PortReservation) { param($file) $script:Session.SimulatorState = $file } $file
        $failure = { Get-PortReservation } | Should -Throw -ErrorId 'NativeError,Get-PortReservation' -PassThru
        $failure.Exception.Message | Should -Match 'letter\.txt'
        [System.IO.File]::ReadAllText($file) | Should -BeExactly 'Dear reader'
    }

    It '<_> is refused at import with a reason' -ForEach 'ConstrainedLanguage', 'RestrictedLanguage', 'NoLanguage' {
        $mode = $_
        $shell = [powershell]::Create()
        try {
            $shell.Runspace.SessionStateProxy.LanguageMode = $mode
            $null = $shell.AddCommand('Import-Module').AddParameter('Name', $ModulePath)
            try { $null = $shell.Invoke() } catch { $null = $_ }
            $said = "$($shell.Streams.Error) $($shell.InvocationStateInfo.Reason)"
            $said | Should -Match $mode
        } finally {
            $shell.Dispose()
        }
    }
}

Describe 'a module that the machine trusts, in a session whose language is constrained' {
    BeforeEach { Reset-Simulator }

    It 'works, each call in <_>' -ForEach 'ReuseThread', 'UseNewThread' {
        $runspace = [runspacefactory]::CreateRunspace()
        $runspace.ThreadOptions = $_
        $runspace.Open()
        $shell = [powershell]::Create()
        $shell.Runspace = $runspace
        try {
            $null = $shell.AddScript((Get-ImportLine)).Invoke()
            # What a policy does: the module is allowed by its signature, and what is typed is not.
            $runspace.SessionStateProxy.LanguageMode = 'ConstrainedLanguage'
            $said = @(foreach ($script in '[System.IO.File]::Exists("/")',
                    'New-PortReservation -StartPort 5000 -NumberOfPorts "2"', '5010, 5011 | New-PortReservation', '@{ StartPort = 5020 } | New-PortReservation -Kind Exclusion',
                    'New-PortReservation 8080.5', 'New-PortReservation 5030 -Kind Runtime -AddressFamily IPX', '(Test-PortReservation 5000).Reason',
                    '$bind = Get-PortReservation 5000 2 | Invoke-AssociatedBind -Port 5001; $bind.State; $bind.Dispose(); $bind.State',
                    'Get-PortReservation 5000 2 | Invoke-AssociatedBind -ScriptBlock { $_.LocalPort -in 5000, 5001 }', 'Get-PortReservation 5000 2 | Invoke-AssociatedBind -ScriptBlock { [System.IO.File]::Exists("/") }',
                    'Set-DynamicPortRange Udp 40000 1000; (Get-DynamicPortRange Udp).StartPort', '(Get-Help New-PortReservation).Name', 'Get-PortReservation | Remove-PortReservation; @(Get-PortReservation).Count') {
                    $shell.Commands.Clear()
                    $shell.Streams.ClearStreams()
                    "$(try { $shell.AddScript($script).Invoke() } catch { $_.Exception.GetBaseException().Message }) $($shell.Streams.Error)".Trim()
                })
        } finally {
            $runspace.SessionStateProxy.LanguageMode = 'FullLanguage'
            Remove-PowerShell $shell
            $runspace.Dispose()
        }
        $refused = $said[0]
        $refused | Should -Match 'language mode'
        $said[1, 2, 3] | Should -BeExactly 'Tcp 5000-5001 (Persistent)', 'Tcp 5010 (Persistent) Tcp 5011 (Persistent)', 'Tcp 5020 (Exclusion)'
        $said[4] | Should -Match "'8080\.5' is not a whole number"
        $said[5] | Should -Match '"IPX" is not one of the possible values'
        $said[6, 7, 8] | Should -BeExactly 'PersistentReservation', 'Bound Closed', 'True'
        # What is typed stays constrained, also where the module calls it.
        $said[9] | Should -BeExactly $refused
        $said[10, 11, 12] | Should -BeExactly '40000 40000', 'New-PortReservation', '0'
    }
}

Describe 'the start of the host' {
    BeforeEach { Reset-Simulator }
    AfterEach { Import-TestModule }

    It 'quotes <Argument> as CommandLineToArgvW reads it' -ForEach @(
        @{ Argument = 'a'; Quoted = 'a' }
        @{ Argument = 'a b'; Quoted = '"a b"' }
        @{ Argument = ''; Quoted = '""' }
        @{ Argument = 'a"b'; Quoted = '"a\"b"' }
        @{ Argument = 'a\b'; Quoted = 'a\b' }
        @{ Argument = 'a b\'; Quoted = '"a b\\"' }
        @{ Argument = 'a\"b'; Quoted = '"a\\\"b"' }
        @{ Argument = 'a b\\'; Quoted = '"a b\\\\"' }
        @{ Argument = '\\server\a b'; Quoted = '"\\server\a b"' }
        @{ Argument = "tab`tx"; Quoted = "`"tab`tx`"" }
        @{ Argument = 'C:\Program Files\'; Quoted = '"C:\Program Files\\"' }
    ) {
        & (Get-Module PortReservation) { ConvertTo-NativeArgument $args[0] } $Argument | Should -BeExactly $Quoted
    }

    It 'quotes arguments as a real process reads them' {
        $joined = & (Get-Module PortReservation) { ConvertTo-NativeArgument 'a', 'b c', '' }
        $joined | Should -BeExactly 'a "b c" ""'
        $arguments = 'a', 'a b', 'a"b', 'a\b', 'a b\', 'a\"b', 'a b\\', '\\server\a b', "tab`tx", 'C:\Program Files\'
        $node = & (Get-Module PortReservation) { Find-Node }
        $line = @('-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--') + $arguments
        $start = [System.Diagnostics.ProcessStartInfo]::new($node, (& (Get-Module PortReservation) { ConvertTo-NativeArgument $args[0] } $line))
        $start.UseShellExecute = $false
        $start.RedirectStandardOutput = $true
        $process = [System.Diagnostics.Process]::Start($start)
        $text = $process.StandardOutput.ReadToEnd()
        $null = $process.WaitForExit(60000)
        (ConvertFrom-Json ('{"a":' + $text + '}')).a | Should -BeExactly $arguments
    }

    It 'leaves the console as it is, also where .NET Framework does it' {
        $reader = [System.Console]::In
        if ($PSVersionTable.PSEdition -ne 'Desktop') { & (Get-Module PortReservation) { $script:PSVersionTable = @{ PSEdition = 'Desktop' } } }
        (Get-PortReservationHost).Backend | Should -BeExactly 'Simulator'
        [object]::ReferenceEquals([System.Console]::In, $reader) | Should -BeTrue -Because 'a script may not have read all of it yet'
    }

    It 'Node.js is looked for in the module first, and never in the current folder' {
        $folder = New-TestFolder
        $path = Copy-Module $folder
        $name = if ($IsOnWindows) { 'node.exe' } else { 'node' }
        $null = New-Item -ItemType Directory -Path (Join-Path $folder 'bin') -Force
        [System.IO.File]::WriteAllText((Join-Path $folder "bin/$name"), '')
        $here = New-TestFolder
        [System.IO.File]::WriteAllText((Join-Path $here $name), '')
        Push-Location $here
        try {
            & (Get-Module PortReservation) { Find-Node } | Should -Not -BeLike "$here*"
            $options = $TestOptions.Clone()
            $options.Remove('NodePath')
            Import-TestModule $path $options
            & (Get-Module PortReservation) { Find-Node } | Should -BeExactly (Join-Path (Join-Path $folder 'bin') $name)
        } finally {
            Pop-Location
        }
    }
}
