# Ctrl+C at one certain moment: at a line of the module, or while the host starts, is silent or answers late. The host lives on with
# what it holds, and nothing is left that nobody was told of.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')

    function Set-StopAt {
        # Lets a PowerShell stop itself at the one line of a function of the module that is like this, or so many lines behind it, when a
        # condition holds. $hits counts how often the line was come by.
        param([powershell]$Shell, [string]$Function, [string]$Line, [string]$When, [int]$Behind = 0)
        $Shell.Commands.Clear()
        $null = $Shell.AddScript(@'
            $global:stopper, $global:when, $global:hits = $args[0], [scriptblock]::Create($args[3]), 0
            $found = Select-String -LiteralPath (& (Get-Module PortReservation) { (Get-Command $args[0]).ScriptBlock.File } $args[1]) -Pattern $args[2] -CaseSensitive
            if (@($found).Count -ne 1) { throw "$(@($found).Count) lines are like $($args[2])" }
            $null = Set-PSBreakpoint -Script $found.Path -Line ($found.LineNumber + $args[4]) -Action {
                $global:hits++
                if (-not (& $global:when)) { return }
                $null = $stopper.BeginStop($null, $null)
                while ($true) { [System.Threading.Thread]::Sleep(1) }
            }
'@).AddArgument($Shell).AddArgument($Function).AddArgument($Line).AddArgument($When).AddArgument($Behind).Invoke()
        if ($Shell.HadErrors) { throw "$($Shell.Streams.Error)" }
    }
}

Describe 'stops at one moment' {
    BeforeEach {
        Reset-Simulator
        $shell = [powershell]::Create()
        $null = $shell.AddScript((Get-ImportLine) + 'Get-PortReservationHost').Invoke()
    }
    AfterEach { Remove-PowerShell $shell }

    It 'while Select-Object -First ends a cmdlet leave nothing that was not output, and the host: <Name>' -ForEach @(
        @{ Name = 'before the rest is taken back'; Line = '\$ids = ConvertTo-RequestValue' }
        @{ Name = 'before the answer to that is awaited'; Line = 'if \(-not \$Connection\[''Pending''\]\.Wait\(\$limit' }
        @{ Name = 'before that answer is read'; Line = '\$State\[''Lines''\], \$Connection\[''Pending''\] =' }
    ) {
        Set-StopAt $shell 'Undo-Request' $Line '$hits -eq 1'
        $shell.Commands.Clear()
        $null = $shell.AddScript('$global:before = (Get-PortReservationHost).ProcessId').Invoke()
        $run = Start-Script $shell 'New-PortReservation 26001 -Protocol Tcp, Udp | Select-Object -First 1'
        $run.Running.AsyncWaitHandle.WaitOne(60000) | Should -BeTrue
        "$($shell.InvocationStateInfo.State)" | Should -BeExactly 'Stopped'
        $shell.Commands.Clear()
        $shell.AddScript('"$hits"; Get-PortReservation | ForEach-Object { "$_" }; (Get-PortReservationHost).ProcessId -eq $before; $Error.Count').Invoke() |
            Should -BeExactly '2', 'Tcp 26001 (Persistent)', $true, 0 -Because 'the line was come by again'
    }

    It 'of a command behind, which waits for the host, leave the host and no socket that was not output' {
        # The second answer that is awaited is that to Close-AssociatedBind.
        $shell.Commands.Clear()
        $null = $shell.AddScript('$global:block = New-PortReservation -Kind Runtime -NumberOfPorts 5').Invoke()
        Set-StopAt $shell 'Receive-Answer' '\$task = \$Connection' '$hits -eq 2'
        $run = Start-Script $shell '$block | Invoke-AssociatedBind -Count 5 | Close-AssociatedBind'
        $run.Running.AsyncWaitHandle.WaitOne(60000) | Should -BeTrue
        "$($shell.InvocationStateInfo.State)" | Should -BeExactly 'Stopped'
        $shell.Commands.Clear()
        $shell.AddScript('(Get-PortReservationHost).ProcessId -eq $block.OwningProcess; @($block | Invoke-AssociatedBind -Count 5).Count; "$Error"').Invoke() |
            Should -BeExactly $true, 5, ''
    }

    It 'of the action of an event, while a cmdlet reads its answer, leave the host' {
        # The action asks the host, and is stopped while it waits for the answer. PowerShell runs it once more then.
        $shell.Commands.Clear()
        $null = $shell.AddScript(@'
            $global:runs = 0
            $global:block = New-PortReservation -Kind Runtime
            $null = Register-EngineEvent -SourceIdentifier asked -Action {
                $global:runs++
                if ($global:runs -eq 1) { Get-PortReservationHost }
            }
            $null = Set-PSBreakpoint -Command Read-Answer -Action { if (-not $global:asked) { $global:asked = $true; $null = New-Event -SourceIdentifier asked } }
'@).Invoke()
        Set-StopAt $shell 'Receive-Answer' '\$task = \$Connection' '$runs -eq 1'
        # Where the action is refused, because the host is busy, the cmdlet is not stopped.
        $run = Start-Script $shell 'New-PortReservation 26001 | Out-Null'
        $run.Running.AsyncWaitHandle.WaitOne(60000) | Should -BeTrue
        $shell.Commands.Clear()
        $shell.AddScript('Get-PSBreakpoint | Remove-PSBreakpoint; $runs -gt 0; (Get-PortReservationHost).ProcessId -eq $block.OwningProcess').Invoke() | Should -BeExactly $true, $true
    }

    It 'of a pipeline with many exclusions on one line leave the host, which takes each of them back' {
        $script = @'
            $block = New-PortReservation -Kind Runtime
            # Less than netsh takes for one of them.
            $hurry = { & (Get-Module PortReservation) { $script:DefaultTimeout = $script:AnswerMargin = 5 }; $_ }
            26001..26004 | New-PortReservation -Kind Exclusion -RestartWinNat | ForEach-Object $hurry | Select-Object -First 1 | Out-Null
            & (Get-Module PortReservation) { $script:DefaultTimeout = $script:AnswerMargin = 30000 }
            Get-PortReservation -Kind Exclusion | ForEach-Object { "$_" }
            (Get-PortReservationHost).ProcessId -eq $block.OwningProcess
'@
        $shell.Commands.Clear()
        $shell.AddScript($script).Invoke() | Should -BeExactly 'Tcp 26001 (Exclusion)', $true
    }

    It 'of a question that the host answers late leave the host, with what it holds' -Tag Unix {
        if ($IsOnWindows) { Set-ItResult -Skipped -Because 'no SIGSTOP on Windows' }
        $connection = $shell.AddScript('$block = New-PortReservation -Kind Runtime; & (Get-Module PortReservation) { $script:CancelLimit = 1; $script:Session.Connection }').Invoke()[0]
        $shell.Commands.Clear()
        $before = $connection.NextId
        kill -STOP $connection.ProcessId
        try {
            $running = $shell.AddScript('Remove-PortReservation 26001 -WhatIf').BeginInvoke()
            Wait-Until { $connection.NextId -gt $before -and $null -ne $connection.Pending } 'the question'
            $shell.Stop()
            $running.AsyncWaitHandle.WaitOne(60000) | Should -BeTrue
            $shell.Commands.Clear()
            $before = $connection.NextId
            $seen = [hashtable]::Synchronized(@{ Waits = $false })
            $null = $shell.AddScript('$global:seen = $args[0]; Set-PSBreakpoint -Command Wait-HostAnswer -Action { $global:seen.Waits = $true }').AddArgument($seen).Invoke()
            $shell.Commands.Clear()
            $running = $shell.AddScript('(Get-PortReservationHost).ProcessId -eq $block.OwningProcess; "$Error"').BeginInvoke()
            Wait-Until { $seen.Waits -or $connection.NextId -gt $before } 'the next cmdlet to wait'
        } finally {
            kill -CONT $connection.ProcessId
        }
        $shell.EndInvoke($running) | Should -BeExactly $true, ''
    }

    It 'just behind the start of the host leave none that nobody has' -Tag Unix {
        if ($IsOnWindows) { Set-ItResult -Skipped -Because 'what is started in its place is a script' }
        $folder = New-TestFolder
        $id = Join-Path $folder 'id'
        $node = Join-Path $folder 'node'
        # It does not end with its input, as the host does once PowerShell has collected what nobody has.
        Set-Content -LiteralPath $node -Value "#!/bin/sh`necho `$`$ > '$id.new'`nmv '$id.new' '$id'`nexec sleep 600"
        chmod 755 $node
        $import = (Get-ImportLine) -replace "NodePath = '[^']*'", "NodePath = '$node'"
        $shell.Commands.Clear()
        $null = $shell.AddScript("Remove-Module PortReservation; $import").Invoke()
        Set-StopAt $shell 'New-HostConnection' '= Start-WithPlainInput \$' "while (-not [System.IO.File]::Exists('$id')) { [System.Threading.Thread]::Sleep(1) }; `$true" -Behind 1
        $run = Start-Script $shell 'Get-PortReservationHost'
        $run.Running.AsyncWaitHandle.WaitOne(60000) | Should -BeTrue
        "$($shell.InvocationStateInfo.State)" | Should -BeExactly 'Stopped'
        $process = [int][System.IO.File]::ReadAllText($id)
        try { Wait-Until { -not (Test-ProcessAlive $process) } 'the end of the host' } finally { Stop-Process -Id $process -ErrorAction Ignore }
    }

    It 'while the host starts are heeded, and leave it to the next cmdlet' -Tag Unix {
        if ($IsOnWindows) { Set-ItResult -Skipped -Because 'what is started in its place is a script' }
        $folder = New-TestFolder
        $id, $gate, $node = 'id', 'gate', 'node' | ForEach-Object { Join-Path $folder $_ }
        mkfifo $gate
        Set-Content -LiteralPath $node -Value "#!/bin/sh`necho `$`$ >> '$id'`nread go < '$gate'`nexec '$($TestOptions.NodePath)' `"`$@`""
        chmod 755 $node
        $import = (Get-ImportLine) -replace "NodePath = '[^']*'", "NodePath = '$node'"
        $session = $shell.AddScript("Remove-Module PortReservation; $import & (Get-Module PortReservation) { `$script:Session }").Invoke()[-1]
        $run = Start-Script $shell '$null = Get-PortReservationHost'
        Wait-Until { $null -ne $session.Connection } 'the start of the host'
        $shell.Stop()
        $run.Running.AsyncWaitHandle.WaitOne(60000) | Should -BeTrue
        $run = Start-Script $shell '(Get-PortReservationHost).ProcessId'
        # Waits until somebody reads: only now does the host begin.
        [System.IO.File]::AppendAllText($gate, "go`n")
        $run.Running.AsyncWaitHandle.WaitOne(60000) | Should -BeTrue
        "$($run.Output)" | Should -BeExactly (Get-Content -LiteralPath $id) -Because 'there is one host'
    }

    It 'while the host is silent name what may be in force, and leave no error' -Tag Unix {
        if ($IsOnWindows) { Set-ItResult -Skipped -Because 'no SIGSTOP on Windows' }
        # In another PowerShell: what comes after the pipeline is for its screen alone.
        $process = Start-Shell ('$import = ' + "'$((Get-ImportLine).Replace("'", "''"))';" + @'
            $shell = [powershell]::Create()
            $shell.Runspace = [runspacefactory]::CreateRunspace($Host)
            $shell.Runspace.Open()
            $session = $shell.AddScript($import + '$null = Get-PortReservationHost; & (Get-Module PortReservation) { $script:CancelLimit = 300; $script:Session }').Invoke()[0]
            $connection = $session.Connection
            $before = $connection.NextId
            kill -STOP $connection.ProcessId
            $shell.Commands.Clear()
            $running = $shell.AddScript('New-PortReservation 26001, 26011 -NumberOfPorts 5 -Protocol Tcp, Udp').BeginInvoke()
            while ($connection.NextId -eq $before -or $null -eq $connection.Pending) { [System.Threading.Thread]::Sleep(10) }
            $shell.Stop()
            $shell.Commands.Clear()
            $shell.AddScript('"errors: $Error"; Remove-Module PortReservation').Invoke()
'@)
        try {
            $screen = $process.StandardError.ReadToEndAsync()
            $process.StandardOutput.ReadToEnd().Trim() | Should -BeExactly 'errors:'
            $screen.Result | Should -Match '>Tcp, Udp 26001-26005 \(Persistent\) may be in force, although it was not output: [^<]* did not answer in time'
        } finally {
            if (-not $process.WaitForExit(60000)) { $process.Kill() }
        }
    }
}
