# Whatever ends New-PortReservation -RestartWinNat: the service winnat runs again.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')

    $IsOnWine = $IsOnWindows -and $null -ne [Microsoft.Win32.Registry]::CurrentUser.OpenSubKey('Software\Wine')

    # portsim_winnat_state's.
    $Running = '2'
    $Stopping = '3'

    # Longer than any case: winnat stops when a case lets it.
    $Long = 3600000

    # A runtime block that the host holds beside its request, and gives back as soon as it is told to end.
    $Held = 'New-PortReservation -Kind Runtime -StartPort 26900 -Protocol Udp'
    $Restart = 'New-PortReservation -StartPort 26800 -NumberOfPorts 5 -RestartWinNat'

    function Start-Restart {
        # A block of WinNAT's, which a PowerShell of its own is about to win back, and in it the module's session.
        param([powershell]$Shell)
        Set-Knob add_system_block 6 26800 10 1
        Set-Knob set_winnat_delay $Long
        $null = $Shell.AddScript((Get-ImportLine) + "`$null = $Held; " + '& (Get-Module PortReservation) { $script:Session | Add-Member -NotePropertyName Module -NotePropertyValue (Get-Module PortReservation) -PassThru }')
        $Shell.Invoke()[0]
        $Shell.Commands.Clear()
        $null = $Shell.AddScript($Restart).BeginInvoke()
        Wait-Until { (Get-Knob winnat_state) -eq $Stopping } 'the stop of winnat'
    }

    function Resume-WinNat {
        # Lets winnat stop and start, but not before the host has heard that nobody wants the block any more.
        Wait-Until { @(Get-PortReservation -Port 26900).Count -eq 0 } 'the end of what the host held'
        Set-Knob set_winnat_delay 0
    }
}

Describe 'New-PortReservation -RestartWinNat, when something ends it' {
    BeforeEach { Reset-Simulator }

    It 'Ctrl+C while winnat is stopped waits until it runs again, reserves nothing, and keeps the host' {
        $shell = [powershell]::Create()
        try {
            $session = Start-Restart $shell
            $connection = $session.Connection
            $hostId = $connection.ProcessId
            # No other request is waited for.
            & $session.Module { $script:CancelLimit = 0 }
            # A task of the test's own: .NET gives the same one for all lines that are written at once.
            $before = $connection.Writing = [System.Threading.Tasks.Task]::FromResult(1)
            $stop = $shell.BeginStop($null, $null)
            Wait-Until { -not [object]::ReferenceEquals($connection.Writing, $before) } 'the cancellation'
            # The host reads it after the cancellation.
            Write-HostLine $connection '{"jsonrpc":"2.0","method":"reservation.remove","params":{"kind":"runtime","protocol":"udp","startPort":26900,"numberOfPorts":1}}'
            Resume-WinNat
            $shell.EndStop($stop)
            Get-Knob winnat_state | Should -BeExactly $Running -Because 'winnat runs after Ctrl+C'
            $shell.Commands.Clear()
            $null = $shell.AddScript('(Get-PortReservationHost).ProcessId; Get-PortReservation | ForEach-Object { "$_" }')
            $shell.Invoke() | Should -BeExactly $hostId, 'Tcp 26800-26809 (System)' -Because 'the host is the same, and nothing was reserved'
        } finally {
            # Else a test that fails in the middle waits for a service that nothing stops.
            Set-Knob set_winnat_delay 0
            Remove-PowerShell $shell
        }
    }

    It 'a host that starts winnat again is not killed when nobody waits for it any more' {
        $shell = [powershell]::Create()
        try {
            $session = Start-Restart $shell
            $process = $session.Connection.Process
            & $session.Module { $script:WinNatLimit = 0 }
            $shell.Stop()
            $process.HasExited | Should -BeFalse -Because 'the host lives'
            $session.Connection | Should -Be $null
        } finally {
            $shell.Dispose()
        }
        Resume-WinNat
        Wait-Until { (Get-Knob winnat_state) -eq $Running } 'the start of winnat'
        # Wine 8 does not let go of this process: all of its threads have ended but the one that ends it.
        if (-not $IsOnWine) { Wait-Until { $process.HasExited } 'the end of the host' }
        Get-Knob winnat_state | Should -BeExactly $Running -Because 'winnat runs after the end of the host'
    }

    It 'a host that is told to end says so for the request it cancels, and the next cmdlet has another' -Tag Unix {
        if ($IsOnWindows) { Set-ItResult -Skipped -Because 'no SIGTERM on Windows' }
        $shell = [powershell]::Create()
        try {
            $hostId = (Start-Restart $shell).Connection.ProcessId
            kill -TERM $hostId
            Resume-WinNat
            Wait-Until { "$($shell.InvocationStateInfo.State)" -ne 'Running' } 'the end of the cmdlet'
            Get-Knob winnat_state | Should -BeExactly $Running
            $failure = $shell.Streams.Error[0]
            $failure | Should -BeCmdletError -ErrorId 'HostUnavailable,New-PortReservation' -Category ConnectionError
            $failure.Exception.Message | Should -Match "process $hostId\) ended.*Try again"
            "$($failure.TargetObject)" | Should -BeExactly 'Tcp 26800-26804 (Persistent)'
            $shell.Commands.Clear()
            $null = $shell.AddScript('(Get-PortReservationHost).ProcessId')
            $shell.Invoke()[0] | Should -Not -Be $hostId
        } finally {
            Remove-PowerShell $shell
        }
    }

    It 'winnat runs again after the runspace is closed, and after the session is killed' {
        $shell = [powershell]::Create()
        $process = (Start-Restart $shell).Connection.Process
        $shell.Runspace.Close()
        $shell.Dispose()
        Resume-WinNat
        Wait-Until { $process.HasExited } 'the end of the host'
        Get-Knob winnat_state | Should -BeExactly $Running -Because 'winnat runs after the end of the runspace'

        Set-Knob reset
        Set-Knob add_system_block 6 26800 10 1
        Set-Knob set_winnat_delay $Long
        $process = Start-Shell "$(Get-ImportLine) [Console]::Out.WriteLine(($Held).OwningProcess); $Restart"
        try {
            $id = [int]$process.StandardOutput.ReadLine()
            Wait-Until { (Get-Knob winnat_state) -eq $Stopping } 'the stop of winnat'
            $process.Kill()
            Resume-WinNat
            Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
            Get-Knob winnat_state | Should -BeExactly $Running -Because 'winnat runs after the end of the session'
        } finally {
            if (-not $process.HasExited) { $process.Kill() }
            $process.Dispose()
        }
    }
}
