# Import-Module: options, places, platforms.

Test 'an unknown or incomplete option is an error that names it' {
    foreach ($case in @(@{ Simulater = 'x' }, "'Simulater'"), @(@{ Simulator = 'x' }, 'SimulatorState'), @(@{ NodePath = '' }, "'NodePath'")) {
        $failure = Get-TerminatingFailure { Import-Module $ModulePath -Force -Global -ArgumentList $case[0] }
        Assert-Match $failure.Exception.Message $case[1]
    }
}

Test 'relative paths mean the folder of the import' {
    $folder = New-TestFolder
    $name = 'state of mine'
    Push-Location $folder
    try {
        $options = $script:TestOptions.Clone()
        $options.SimulatorState = "./$name"
        Import-TestModule $ModulePath $options
        Set-Location ([System.IO.Path]::GetTempPath())
        $null = New-PortReservation -StartPort 5000
        Assert-True (Test-Path -LiteralPath (Join-Path $folder $name)) 'the state file'
    } finally {
        Pop-Location
        Import-TestModule
    }
}

Test 'a folder and a state file with blanks and letters of all alphabets work' {
    $folder = New-TestFolder ('a b ' + [char]0xe9 + [char]0x4e2d + "'" + '[1]')
    $path = Copy-Module $folder
    $options = $script:TestOptions.Clone()
    $options.SimulatorState = Join-Path $folder ('st ' + [char]0xfc)
    try {
        Import-TestModule ([System.Management.Automation.WildcardPattern]::Escape($path)) $options
        Assert-Equal "$(New-PortReservation -StartPort 5000)" 'Tcp 5000 (Persistent)'
        Assert-Equal "$((Get-Module PortReservation).ModuleBase)" $folder
        Assert-True (Test-Path -LiteralPath $options.SimulatorState) 'the state file'
    } finally {
        Import-TestModule
    }
}

Test 'two copies of the module can be loaded in one session' {
    $folder = New-TestFolder
    $other = Copy-Module $folder
    $said = @(Invoke-Shell ("`$ErrorActionPreference = 'Stop'; $(Get-ImportLine) `$first = New-PortReservation -StartPort 5000; " +
            "$(Get-ImportLine $other) `$second = New-PortReservation -StartPort 5001 -NumberOfPorts 2; `$line = 'Get-PortReservation -StartPort 50'; " +
            "`"`$((TabExpansion2 -inputScript `$line -cursorColumn `$line.Length).CompletionMatches.CompletionText)`"; " +
            "Remove-Module PortReservation; `"`$first, `$second`""))
    # Each completes what it has seen itself, and the later one has the command.
    Assert-Equal $said @('5001', 'Tcp 5000 (Persistent), Tcp 5001-5002 (Persistent)')
}

Test 'off Windows and without the simulator every cmdlet says so' {
    if ($script:IsOnWindows) { Skip 'this is Windows' }
    try {
        Import-Module $ModulePath -Force -Global
        $bodies = { New-PortReservation -StartPort 5000 -WhatIf }, { Get-PortReservation }, { Remove-PortReservation -StartPort 5000 }, { Invoke-AssociatedBind -StartPort 5000 }, { Close-AssociatedBind 'x' }, { Get-PortReservationHost }, { Test-PortReservation 5000 }, { Show-PortReservation }
        foreach ($body in $bodies) {
            $failure = Get-TerminatingFailure $body
            Assert-Failure $failure PlatformNotSupported NotImplemented ($body.Ast.EndBlock.Statements[0].PipelineElements[0].CommandElements[0].Value) $null $null
            Assert-Match $failure.Exception.Message 'Import-Module .*PortReservation\.psd1.* -ArgumentList @\{ Simulator = '
        }
    } finally {
        Import-TestModule
    }
}

Test 'Node.js that is not there is an error that names what was tried' {
    try {
        $options = $script:TestOptions.Clone()
        $options.NodePath = Join-Path (New-TestFolder) 'no node here'
        Import-TestModule $ModulePath $options
        $failure = Get-TerminatingFailure { Get-PortReservation }
        Assert-Failure $failure HostUnavailable ConnectionError Get-PortReservation $null $null
        Assert-Match $failure.Exception.Message 'no node here'
    } finally {
        Import-TestModule
    }
}

Test 'a program that is no host, and a host of another release, are errors that say so' {
    $folder = New-TestFolder
    $path = Copy-Module $folder
    $script = @(& (Get-Module PortReservation) { Find-HostScript })[0].Replace((Split-Path $ModulePath), $folder)
    try {
        [System.IO.File]::WriteAllText($script, 'console.error("last words"); process.exit(3);')
        Import-TestModule $path
        $failure = Get-TerminatingFailure { Get-PortReservation }
        Assert-Equal $failure.FullyQualifiedErrorId 'HostUnavailable,Get-PortReservation'
        Assert-Match $failure.Exception.Message 'last words'
        [System.IO.File]::WriteAllText($script, 'process.stdin.resume(); console.log(JSON.stringify({ jsonrpc: "2.0", id: 1, result: { version: "9.9.9" } }));')
        $failure = Get-TerminatingFailure { New-PortReservation -StartPort 5000 }
        Assert-Equal $failure.FullyQualifiedErrorId 'HostUnavailable,New-PortReservation'
        Assert-Match $failure.Exception.Message '9\.9\.9'
        Assert-Equal (Get-ModuleSession).Connection $null 'the connection'
    } finally {
        Import-TestModule
    }
}

Test 'a state file that is none is the simulator''s error, and stays as it is' {
    $file = Join-Path (New-TestFolder) 'letter.txt'
    [System.IO.File]::WriteAllText($file, 'Dear reader')
    try {
        Import-TestModule
        & (Get-Module PortReservation) { param($file) $script:Session.SimulatorState = $file } $file
        $failure = Get-TerminatingFailure { Get-PortReservation }
        Assert-Equal $failure.FullyQualifiedErrorId 'NativeError,Get-PortReservation'
        Assert-Match $failure.Exception.Message 'letter\.txt'
        Assert-Equal ([System.IO.File]::ReadAllText($file)) 'Dear reader'
    } finally {
        Import-TestModule
    }
}

Test 'constrained language is refused at import with a reason' {
    $shell = [powershell]::Create()
    try {
        $shell.Runspace.SessionStateProxy.LanguageMode = 'ConstrainedLanguage'
        $null = $shell.AddCommand('Import-Module').AddParameter('Name', $ModulePath)
        try { $null = $shell.Invoke() } catch { $null = $_ }
        $said = "$($shell.Streams.Error) $($shell.InvocationStateInfo.Reason)"
        Assert-Match $said 'ConstrainedLanguage'
    } finally {
        $shell.Dispose()
    }
}

Test 'arguments are quoted as CommandLineToArgvW reads them' {
    $table = @(
        @('a', 'a'), @('a b', '"a b"'), @('', '""'), @('a"b', '"a\"b"'), @('a\b', 'a\b'), @('a b\', '"a b\\"'), @('a\"b', '"a\\\"b"'),
        @('a b\\', '"a b\\\\"'), @('\\server\a b', '"\\server\a b"'), @("tab`tx", "`"tab`tx`""), @('C:\Program Files\', '"C:\Program Files\\"')
    )
    foreach ($row in $table) {
        Assert-Equal (& (Get-Module PortReservation) { ConvertTo-NativeArgument $args[0] } $row[0]) $row[1] $row[0]
    }
    $joined = & (Get-Module PortReservation) { ConvertTo-NativeArgument 'a', 'b c', '' }
    Assert-Equal $joined 'a "b c" ""'
    # And a real process agrees.
    $node = & (Get-Module PortReservation) { Find-Node }
    $arguments = @('-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--') + @($table | ForEach-Object { $_[0] } | Where-Object { $_ -ne '' })
    $start = [System.Diagnostics.ProcessStartInfo]::new($node, (& (Get-Module PortReservation) { ConvertTo-NativeArgument $args[0] } $arguments))
    $start.UseShellExecute = $false
    $start.RedirectStandardOutput = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $text = $process.StandardOutput.ReadToEnd()
    $null = $process.WaitForExit(5000)
    Assert-Equal @((ConvertFrom-Json ('{"a":' + $text + '}')).a) @($arguments[3..($arguments.Count - 1)])
}

Test 'Node.js is looked for in the module first, and never in the current folder' {
    $folder = New-TestFolder
    $path = Copy-Module $folder
    $name = if ($script:IsOnWindows) { 'node.exe' } else { 'node' }
    $null = New-Item -ItemType Directory -Path (Join-Path $folder 'bin') -Force
    [System.IO.File]::WriteAllText((Join-Path $folder "bin/$name"), '')
    $here = New-TestFolder
    [System.IO.File]::WriteAllText((Join-Path $here $name), '')
    Push-Location $here
    try {
        Assert-True ((& (Get-Module PortReservation) { Find-Node }) -notlike "$here*") 'not the current folder'
        $options = $script:TestOptions.Clone()
        $options.Remove('NodePath')
        Import-TestModule $path $options
        Assert-Equal (& (Get-Module PortReservation) { Find-Node }) (Join-Path (Join-Path $folder 'bin') $name)
    } finally {
        Pop-Location
        Import-TestModule
    }
}
