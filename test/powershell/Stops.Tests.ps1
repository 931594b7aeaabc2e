# Ctrl+C at any moment: what is in force afterwards is what was output, and at most the one object that was being given.

BeforeDiscovery {
    $cases = @(
        @{ Name = 'persistent reservations, many on a line'; Script = '26001..26120 | New-PortReservation' }
        @{ Name = 'reservations of both protocols'; Script = '26001..26040 | New-PortReservation -Protocol Tcp, Udp' }
        @{ Name = 'exclusions, one by one'; Script = '26001..26006 | New-PortReservation -Kind Exclusion' }
        @{ Name = 'runtime reservations'; Script = '26001..26060 | New-PortReservation -Kind Runtime' }
        @{ Name = 'reservations that a slow command takes'; Script = '26001..26030 | New-PortReservation | ForEach-Object { $_; [System.Threading.Thread]::Sleep(2) }' }
    )
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
    # How many moments each case is stopped at; the soak asks for more.
    $Moments = if ($env:PORT_RESERVATION_STOPS) { [int]$env:PORT_RESERVATION_STOPS } else { 3 }
    $Random = [System.Random]::new()

    function Stop-Somewhere {
        # Stops a script after so many milliseconds, and gives what it has output.
        param([powershell]$Shell, [string]$Script, [double]$Milliseconds)
        $run = Start-Script $Shell $Script
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        # The moment is what is tried; nothing is awaited.
        while ($clock.Elapsed.TotalMilliseconds -lt $Milliseconds -and -not $run.Running.IsCompleted) { [System.Threading.Thread]::SpinWait(100) }
        $Shell.Stop()
        # One that came to its end in that moment: the shell takes no other script before it has.
        $null = $run.Running.AsyncWaitHandle.WaitOne(60000)
        @($run.Output)
    }

    function Assert-InForce {
        # That what was output is in force, and beside it at most one object: that which a stop came upon while it was given.
        param([string[]]$Given, [string[]]$Left, [string]$Because)
        @($Given | Where-Object { $_ -notin $Left }) | Should -BeNullOrEmpty -Because $Because
        $more = @($Left | Where-Object { $_ -notin $Given })
        $more.Count | Should -BeLessOrEqual 1 -Because "nobody was given $more; $Because"
    }

    function Measure-Script {
        # Milliseconds of a script that nobody stops, once it is warm.
        param([powershell]$Shell, [string]$Script, [string]$Clean)
        foreach ($round in 1, 2) {
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            $null = (Start-Script $Shell $Script).Running.AsyncWaitHandle.WaitOne(60000)
            $time = $clock.Elapsed.TotalMilliseconds
            $null = (Start-Script $Shell $Clean).Running.AsyncWaitHandle.WaitOne(60000)
        }
        $time
    }
}

Describe 'stops' {
    BeforeEach {
        Reset-Simulator
        $shell = [powershell]::Create()
        $null = $shell.AddScript((Get-ImportLine) + 'Get-PortReservationHost').Invoke()
    }
    AfterEach { Remove-PowerShell $shell }

    It 'at any moment leave in force what was output: <Name>' -ForEach $cases {
        $clean = 'Get-PortReservation | Where-Object Kind -ne System | Remove-PortReservation'
        $time = Measure-Script $shell $Script $clean
        for ($moment = 1; $moment -le $Moments; $moment++) {
            $after = $time * $Random.NextDouble()
            $given = @(Stop-Somewhere $shell $Script $after | ForEach-Object { "$($_.Protocol) $($_.StartPort)" } | Sort-Object)
            $list = Start-Script $shell 'Get-PortReservation -Kind Persistent, Exclusion, Runtime'
            # To its end: the output is complete a moment before the shell takes another script.
            $null = $list.Running.AsyncWaitHandle.WaitOne(60000)
            $left = @($list.Output | ForEach-Object { "$($_.Protocol) $($_.StartPort)" } | Sort-Object)
            Assert-InForce $given $left "it was stopped after $after of $time ms"
            $null = (Start-Script $shell $clean).Running.AsyncWaitHandle.WaitOne(60000)
        }
    }

    It 'by a <_> in a command behind leave in force what was output' -ForEach 'break', 'continue' {
        $given = [System.Collections.Generic.List[object]]::new()
        $leave = [scriptblock]::Create("if (`$_.StartPort -eq 26003) { $_ }; `$given.Add(`$_)")
        foreach ($once in 1) { New-PortReservation (26001..26005) | ForEach-Object $leave }
        # The one that it stopped at was given.
        "$((Get-PortReservation).StartPort)" | Should -BeExactly "$(@($given.StartPort) + 26003 | Sort-Object)"
    }

    It 'by a <_> behind a cmdlet, or in its script block, are about the loop of the script' -ForEach 'break', 'continue' {
        $ErrorActionPreference = 'Continue'
        $leave = [scriptblock]::Create($_)
        $block = New-PortReservation -Kind Runtime -NumberOfPorts 5
        $calls = @(
            { New-PortReservation 26001, 26002 | ForEach-Object $leave }
            { 26003, 26004 | New-PortReservation -Kind Exclusion | ForEach-Object $leave }
            { New-PortReservation 26001, 26001 2>&1 | ForEach-Object $leave }
            { Get-PortReservation | ForEach-Object $leave }
            { Get-PortReservation 26001, 26001 | ForEach-Object $leave }
            { 26001, 26002 | Test-PortReservation | ForEach-Object $leave }
            { Test-PortReservation 26001, 26002 | ForEach-Object $leave }
            { $block | Invoke-AssociatedBind -Count 2 | ForEach-Object $leave }
            { $block | Invoke-AssociatedBind -Count 2 -ScriptBlock $leave }
            { 1, 2 | Close-AssociatedBind 2>&1 | ForEach-Object $leave }
            { @{ StartPort = 26005 }, @{ StartPort = 26006 } | Sync-PortReservation -Verbose 4>&1 | ForEach-Object $leave }
            { Remove-PortReservation 26001, 26003 -PassThru | ForEach-Object $leave }
        )
        foreach ($call in $calls) {
            $reached = $false
            foreach ($once in 1) { & $call; $reached = $true }
            $reached | Should -BeFalse -Because "$call"
        }
        # What each had given, and nothing more.
        "$((Get-PortReservation -Kind Persistent, Exclusion).StartPort)" | Should -BeExactly '26003'
    }

    It 'at any moment leave open the sockets that were output' {
        $script = '$blocks | Invoke-AssociatedBind'
        $null = (Start-Script $shell '$global:blocks = @(27001, 27101, 27201, 27301 | New-PortReservation -Kind Runtime -NumberOfPorts 5) * 5').Running.AsyncWaitHandle.WaitOne(60000)
        $time = Measure-Script $shell $script 'Close-AssociatedBind -All'
        for ($moment = 1; $moment -le $Moments; $moment++) {
            $given = @(Stop-Somewhere $shell $script ($time * $Random.NextDouble()))
            $given | Where-Object State -ne Bound | Should -BeNullOrEmpty
            # The host has no other, but for one that was being given: every port that was not given can be bound.
            $free = (Start-Script $shell "(`$blocks[0..3] | ForEach-Object { `$block = `$_; 1..5 | ForEach-Object { Invoke-AssociatedBind `$block -ErrorAction SilentlyContinue } }).Count")
            $null = $free.Running.AsyncWaitHandle.WaitOne(60000)
            [int]$free.Output[0] + $given.Count | Should -BeIn 19, 20
            $null = (Start-Script $shell 'Close-AssociatedBind -All').Running.AsyncWaitHandle.WaitOne(60000)
        }
    }

    It 'at any moment of Close-AssociatedBind leave objects that say how their sockets are' {
        $null = (Start-Script $shell '$global:blocks = @(27001, 27101 | New-PortReservation -Kind Runtime -NumberOfPorts 20)').Running.AsyncWaitHandle.WaitOne(60000)
        $bind = '$global:binds = @($blocks | Invoke-AssociatedBind -Count 20)'
        $time = Measure-Script $shell "$bind; `$binds | Close-AssociatedBind" ''
        for ($moment = 1; $moment -le $Moments; $moment++) {
            $null = (Start-Script $shell $bind).Running.AsyncWaitHandle.WaitOne(60000)
            $null = Stop-Somewhere $shell '$binds | Close-AssociatedBind' ($time * $Random.NextDouble() / 2)
            # A port can be bound once more where its socket is closed.
            $wrong = Start-Script $shell @'
                foreach ($bind in $binds) {
                    $again = Invoke-AssociatedBind $bind.Reservation -Port $bind.LocalPort -ErrorAction SilentlyContinue
                    if (($null -eq $again) -eq ($bind.State -eq 'Closed')) { "$bind" }
                    if ($null -ne $again) { $again.Dispose() }
                }
                Close-AssociatedBind -All
'@
            $null = $wrong.Running.AsyncWaitHandle.WaitOne(60000)
            @($wrong.Output) | Should -BeNullOrEmpty
        }
    }

    It 'at any moment of a script block close its socket' {
        $script = '$blocks | Invoke-AssociatedBind -ScriptBlock { $_.LocalPort }'
        $null = (Start-Script $shell '$global:blocks = @(27001, 27101, 27201, 27301 | New-PortReservation -Kind Runtime -NumberOfPorts 5)').Running.AsyncWaitHandle.WaitOne(60000)
        $time = Measure-Script $shell $script ''
        for ($moment = 1; $moment -le $Moments; $moment++) {
            $null = Stop-Somewhere $shell $script ($time * $Random.NextDouble())
            $free = Start-Script $shell '@(@($blocks) * 5 | Invoke-AssociatedBind).Count; Close-AssociatedBind -All'
            $null = $free.Running.AsyncWaitHandle.WaitOne(60000)
            [int]$free.Output[0] | Should -Be 20 -Because "every port can be bound: $($shell.Streams.Error | Select-Object -First 1)"
        }
    }

    It 'at any moment of -AsSocket leave no socket that nobody has' -Tag Windows {
        if (-not $IsOnWindows) { Set-ItResult -Skipped -Because 'a socket can be handed to another process on Windows only' }
        $script = '$blocks | Invoke-AssociatedBind -Count 5 -AsSocket'
        $null = (Start-Script $shell '$global:blocks = @(27001, 27101, 27201, 27301 | New-PortReservation -Kind Runtime -NumberOfPorts 5)').Running.AsyncWaitHandle.WaitOne(60000)
        $time = Measure-Script $shell "$script | ForEach-Object Dispose" ''
        for ($moment = 1; $moment -le $Moments; $moment++) {
            foreach ($socket in @(Stop-Somewhere $shell $script ($time * $Random.NextDouble()))) { $socket.Dispose() }
            # One that PowerShell refused in the very moment of the stop ends as whatever nobody has.
            $free = Start-Script $shell '[GC]::Collect(); [GC]::WaitForPendingFinalizers(); @(@($blocks) * 5 | Invoke-AssociatedBind).Count; Close-AssociatedBind -All'
            $null = $free.Running.AsyncWaitHandle.WaitOne(60000)
            [int]$free.Output[0] | Should -Be 20 -Because "every port can be bound: $($shell.Streams.Error | Select-Object -First 1)"
        }
    }

    It 'at any moment of a list leave whole blocks, and the next run completes it' {
        $path = Join-Path (New-TestFolder) 'list.csv'
        $wanted = 27501..27540
        Set-Content -LiteralPath $path -Value (@('startPort') + $wanted)
        $script = "Sync-PortReservation '$path'"
        $clean = 'Get-PortReservation -Kind Persistent | Remove-PortReservation'
        $time = Measure-Script $shell $script $clean
        for ($moment = 1; $moment -le $Moments; $moment++) {
            $null = Stop-Somewhere $shell $script ($time * $Random.NextDouble())
            $list = Start-Script $shell "`$before = @(Get-PortReservation -Kind Persistent); `$changes = @($script); `$before.Count; @(`$changes | Where-Object Changed).Count; @(Get-PortReservation -Kind Persistent).StartPort"
            $null = $list.Running.AsyncWaitHandle.WaitOne(60000)
            $before, $changed, $left = $list.Output
            [int]$before + [int]$changed | Should -Be $wanted.Count
            "$left" | Should -BeExactly "$wanted"
            $null = (Start-Script $shell $clean).Running.AsyncWaitHandle.WaitOne(60000)
        }
    }

    It 'of a removal leave what was not removed, and the host works on' {
        $null = (Start-Script $shell '$global:made = @(26001..26060 | New-PortReservation)').Running.AsyncWaitHandle.WaitOne(60000)
        $null = Stop-Somewhere $shell '$made | Remove-PortReservation' (5 * $Random.NextDouble())
        $left = @(Get-PortReservation)
        ($left.Count -le 60) | Should -BeTrue
        $removed = Start-Script $shell '@($made | Remove-PortReservation -IfExists -PassThru).Count; (Get-PortReservationHost).ProcessId'
        $null = $removed.Running.AsyncWaitHandle.WaitOne(60000)
        [int]$removed.Output[0] | Should -Be $left.Count
        Get-PortReservation | Should -HaveCount 0
    }

    It 'by SIGINT leave in force what was output' -Tag Unix {
        if ($IsOnWindows) { Set-ItResult -Skipped -Because 'no signals on Windows' }
        $process = Start-Shell ((Get-ImportLine) + @'
            try {
                $null = Get-PortReservationHost
                [Console]::Out.WriteLine('ready')
                $null = 26001..27000 | ForEach-Object { if ($_ -eq 26300) { [Console]::Out.WriteLine('now') }; $_ } | New-PortReservation -OutVariable made
            } finally {
                [Console]::Out.WriteLine("$($made.StartPort)")
            }
'@)
        try {
            $process.StandardOutput.ReadLine() | Should -BeExactly 'ready'
            $process.StandardOutput.ReadLine() | Should -BeExactly 'now'
            kill -INT $process.Id
            $given = $process.StandardOutput.ReadLine()
            $process.WaitForExit(60000) | Should -BeTrue
        } finally {
            if (-not $process.HasExited) { $process.Kill() }
        }
        $given | Should -Not -BeNullOrEmpty
        Assert-InForce ($given -split ' ') (Get-PortReservation).StartPort 'it was stopped by SIGINT'
    }
}
