# Ctrl+C at any moment: what is in force afterwards is what was output.

BeforeDiscovery {
    $cases = @(
        @{ Name = 'persistent reservations, many on a line'; Script = '30001..30120 | New-PortReservation' }
        @{ Name = 'reservations of both protocols'; Script = '30001..30040 | New-PortReservation -Protocol Tcp, Udp' }
        @{ Name = 'exclusions, one by one'; Script = '30001..30006 | New-PortReservation -Kind Exclusion' }
        @{ Name = 'runtime reservations'; Script = '30001..30060 | New-PortReservation -Kind Runtime' }
        @{ Name = 'reservations that a slow command takes'; Script = '30001..30030 | New-PortReservation | ForEach-Object { $_; [System.Threading.Thread]::Sleep(2) }' }
    )
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
    # How many moments each case is stopped at; the soak asks for more.
    $Moments = if ($env:PORT_RESERVATION_STOPS) { [int]$env:PORT_RESERVATION_STOPS } else { 3 }
    $Random = [System.Random]::new()

    function Start-Script {
        # Runs a script in a PowerShell and returns where its output arrives, and what waits for its end.
        param([powershell]$Shell, [string]$Script)
        $Shell.Commands.Clear()
        $Shell.Streams.ClearStreams()
        $null = $Shell.AddScript($Script)
        $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
        $nothing = [System.Management.Automation.PSDataCollection[psobject]]::new()
        $nothing.Complete()
        @{ Output = $output; Running = $Shell.BeginInvoke($nothing, $output) }
    }

    function Stop-Somewhere {
        # Stops a script after so many milliseconds, and gives what it has output.
        param([powershell]$Shell, [string]$Script, [double]$Milliseconds)
        $run = Start-Script $Shell $Script
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        # The moment is what is tried; nothing is awaited.
        while ($clock.Elapsed.TotalMilliseconds -lt $Milliseconds -and -not $run.Running.IsCompleted) { [System.Threading.Thread]::SpinWait(100) }
        $Shell.Stop()
        @($run.Output)
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
            "$left" | Should -BeExactly "$given" -Because "it was stopped after $after of $time ms"
            $null = (Start-Script $shell $clean).Running.AsyncWaitHandle.WaitOne(60000)
        }
    }

    It 'at any moment leave open the sockets that were output' {
        $script = '$blocks | Invoke-AssociatedBind'
        $null = (Start-Script $shell '$global:blocks = @(31001, 31101, 31201, 31301 | New-PortReservation -Kind Runtime -NumberOfPorts 5) * 5').Running.AsyncWaitHandle.WaitOne(60000)
        $time = Measure-Script $shell $script 'Close-AssociatedBind -All'
        for ($moment = 1; $moment -le $Moments; $moment++) {
            $given = @(Stop-Somewhere $shell $script ($time * $Random.NextDouble()))
            $given | Where-Object State -ne Bound | Should -BeNullOrEmpty
            # The host has no other: every port that was not given can be bound.
            $free = (Start-Script $shell "(`$blocks[0..3] | ForEach-Object { `$block = `$_; 1..5 | ForEach-Object { Invoke-AssociatedBind `$block -ErrorAction SilentlyContinue } }).Count")
            $null = $free.Running.AsyncWaitHandle.WaitOne(60000)
            [int]$free.Output[0] + $given.Count | Should -Be 20
            $null = (Start-Script $shell 'Close-AssociatedBind -All').Running.AsyncWaitHandle.WaitOne(60000)
        }
    }

    It 'at any moment of a script block close its socket' {
        $script = '$blocks | Invoke-AssociatedBind -ScriptBlock { $_.LocalPort }'
        $null = (Start-Script $shell '$global:blocks = @(31001, 31101, 31201, 31301 | New-PortReservation -Kind Runtime -NumberOfPorts 5)').Running.AsyncWaitHandle.WaitOne(60000)
        $time = Measure-Script $shell $script ''
        for ($moment = 1; $moment -le $Moments; $moment++) {
            $null = Stop-Somewhere $shell $script ($time * $Random.NextDouble())
            $free = Start-Script $shell '@(@($blocks) * 5 | Invoke-AssociatedBind).Count; Close-AssociatedBind -All'
            $null = $free.Running.AsyncWaitHandle.WaitOne(60000)
            [int]$free.Output[0] | Should -Be 20 -Because "every port can be bound: $($shell.Streams.Error | Select-Object -First 1)"
        }
    }

    It 'at any moment of a list leave whole blocks, and the next run completes it' {
        $path = Join-Path (New-TestFolder) 'list.csv'
        $wanted = 31501..31540
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
        $null = (Start-Script $shell '$global:made = @(30001..30060 | New-PortReservation)').Running.AsyncWaitHandle.WaitOne(60000)
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
                $null = 30001..31000 | ForEach-Object { if ($_ -eq 30300) { [Console]::Out.WriteLine('now') }; $_ } | New-PortReservation -OutVariable made
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
        "$((Get-PortReservation).StartPort)" | Should -BeExactly $given
    }
}

Describe 'a bind object in another runspace' {
    BeforeAll { Reset-Simulator }

    It 'has plain values there, and is closed only where it was made' {
        $bind = New-PortReservation -Kind Runtime | Invoke-AssociatedBind
        $other = [powershell]::Create()
        try {
            $null = $other.AddScript('param($bind) $bind.State; "$bind"; "$($bind.Reservation)"; try { $bind.Dispose() } catch { "$_" }').AddArgument($bind)
            $running = $other.BeginInvoke()
            $running.AsyncWaitHandle.WaitOne(30000) | Should -BeTrue -Because 'nothing waits for the other runspace'
            $said = @($other.EndInvoke($running))
        } finally {
            $other.Dispose()
        }
        $said[0] | Should -BeExactly 'Bound'
        $said[1] | Should -BeExactly "$bind"
        $said[2] | Should -BeExactly "$($bind.Reservation)"
        $said[3] | Should -BeLike '*not a bind of this session*'
        $bind.State | Should -BeExactly 'Bound'
        $bind | Close-AssociatedBind
        $bind.State | Should -BeExactly 'Closed'
    }

    It 'whose own runspace has ended is closed' {
        $other = [powershell]::Create()
        $null = $other.AddScript((Get-ImportLine) + 'New-PortReservation -Kind Runtime | Invoke-AssociatedBind')
        $bind = $other.Invoke()[0]
        $id = $bind.OwningProcess
        $other.Runspace.Close()
        $other.Dispose()
        Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
        $bind.State | Should -BeExactly 'Closed'
        $bind.Dispose()
        "$($bind.LocalPort)" | Should -Match '^\d+$'
        { $bind | Close-AssociatedBind } | Should -WriteError -ErrorId 'InvalidParameter,Close-AssociatedBind'
    }
}

Describe 'a host that is killed in the middle of a batch' {
    BeforeEach { Reset-Simulator }

    It 'made what the next one finds: it is output, and the rest are errors of this module' {
        $null = Get-PortReservationHost
        $session = Get-ModuleSession
        $Error.Clear()
        $said = @()
        $out = @(30001..30300 | ForEach-Object {
                if ($_ -eq 30150) { $session.Connection.Process.Kill() }
                $_
            } | New-PortReservation -ErrorAction SilentlyContinue -ErrorVariable said)
        "$($out.StartPort | Sort-Object)" | Should -BeExactly "$((Get-PortReservation).StartPort | Sort-Object)"
        $out.Count + @($said | Where-Object FullyQualifiedErrorId -eq 'HostUnavailable,New-PortReservation').Count | Should -Be 300
        foreach ($failure in @($said) + @($Error)) { $failure.FullyQualifiedErrorId | Should -BeExactly 'HostUnavailable,New-PortReservation' }
    }

    It 'removed what the next one does not find' {
        $made = @(30001..30030 | New-PortReservation)
        # The lost line has two of them: one is gone, as if the host had come so far.
        $answers = & (Get-Module PortReservation) {
            $connection = $script:Session.Connection
            $null = Invoke-Request $connection '"method":"reservation.remove","params":{"kind":"Persistent","protocol":"Tcp","startPort":30001,"numberOfPorts":1}'
            $connection.Process.Kill()
            $null = $connection.Process.WaitForExit(5000)
            Stop-Connection $connection 0
            $null = Get-PortReservationHost
            $sent = @(foreach ($port in 30001, 30002) { , @('reservation.remove', @{ kind = 'Persistent'; protocol = 'Tcp'; startPort = $port; numberOfPorts = 1 }, 'target') })
            Read-LostAnswer $connection $sent $null $false
        }
        "$($answers[0][1])" | Should -BeExactly 'Tcp 30001 (Persistent)'
        $answers[1][1].Reason | Should -BeExactly 'HostUnavailable'
        $made.Count | Should -Be 30
        Get-PortReservation | Should -HaveCount 29
    }
}
