# Whatever ends New-PortReservation -RestartWinNat: the service winnat runs again.

# portsim_winnat_state's.
$script:Running = '2'
$script:Stopping = '3'

function Start-Restart {
    # A block of WinNAT's, which a PowerShell of its own is about to win back, and in it the module's session.
    param([powershell]$Shell, [int]$Delay)
    Set-Knob add_system_block 6 26800 10 1
    $null = $Shell.AddScript((Get-ImportLine) + '$null = Get-PortReservationHost; & (Get-Module PortReservation) { $script:Session | Add-Member -NotePropertyName Module -NotePropertyValue (Get-Module PortReservation) -PassThru }')
    $Shell.Invoke()[0]
    Set-Knob set_winnat_delay $Delay
    $Shell.Commands.Clear()
    $null = $Shell.AddScript('New-PortReservation -StartPort 26800 -NumberOfPorts 5 -RestartWinNat').BeginInvoke()
    Wait-Until { (Get-Knob winnat_state) -eq $script:Stopping } 'the stop of winnat'
}

Test 'Ctrl+C while winnat is stopped waits until it runs again, reserves nothing, and keeps the host' {
    $shell = [powershell]::Create()
    try {
        $session = Start-Restart $shell 1500
        $hostId = $session.Connection.ProcessId
        # Longer than any other request is waited for.
        & $session.Module { $script:CancelLimit = 100 }
        $shell.Stop()
        Assert-Equal (Get-Knob winnat_state) $script:Running 'winnat after Ctrl+C'
        $shell.Commands.Clear()
        $null = $shell.AddScript('(Get-PortReservationHost).ProcessId; Get-PortReservation | ForEach-Object { "$_" }')
        Assert-Equal @($shell.Invoke()) @($hostId, 'Tcp 26800-26809 (System)') 'the same host, and what is reserved'
    } finally {
        Remove-PowerShell $shell
    }
}

Test 'a host that starts winnat again is not killed when nobody waits for it any more' {
    $shell = [powershell]::Create()
    try {
        $session = Start-Restart $shell 1500
        $process = $session.Connection.Process
        & $session.Module { $script:WinNatLimit = 100 }
        $shell.Stop()
        Assert-True (-not $process.HasExited) 'the host lives'
        Assert-Equal $session.Connection $null 'the connection'
    } finally {
        $shell.Dispose()
    }
    Wait-Until { $process.HasExited } 'the end of the host'
    Assert-Equal (Get-Knob winnat_state) $script:Running 'winnat after the end of the host'
}

Test 'a host that is told to end says so for the request it cancels, and the next cmdlet has another' {
    if ($script:IsOnWindows) { Skip 'no SIGTERM on Windows' }
    $shell = [powershell]::Create()
    try {
        $hostId = (Start-Restart $shell 700).Connection.ProcessId
        kill -TERM $hostId
        Wait-Until { "$($shell.InvocationStateInfo.State)" -ne 'Running' } 'the end of the cmdlet'
        Assert-Equal (Get-Knob winnat_state) $script:Running 'winnat'
        $failure = $shell.Streams.Error[0]
        Assert-Failure $failure HostUnavailable ConnectionError New-PortReservation $null $null
        Assert-Match $failure.Exception.Message "process $hostId\) ended.*Try again"
        Assert-Equal "$($failure.TargetObject)" 'Tcp 26800-26804 (Persistent)'
        $shell.Commands.Clear()
        $null = $shell.AddScript('(Get-PortReservationHost).ProcessId')
        Assert-True ($shell.Invoke()[0] -ne $hostId) 'another host'
    } finally {
        Remove-PowerShell $shell
    }
}

Test 'winnat runs again after the runspace is closed, and after the session is killed' {
    $shell = [powershell]::Create()
    $process = (Start-Restart $shell 700).Connection.Process
    $shell.Runspace.Close()
    $shell.Dispose()
    Wait-Until { $process.HasExited } 'the end of the host'
    Assert-Equal (Get-Knob winnat_state) $script:Running 'winnat after the end of the runspace'

    Set-Knob reset
    Set-Knob add_system_block 6 26800 10 1
    Set-Knob set_winnat_delay 700
    $process = Start-Shell "$(Get-ImportLine) [Console]::Out.WriteLine((Get-PortReservationHost).ProcessId); New-PortReservation -StartPort 26800 -RestartWinNat"
    try {
        $id = [int]$process.StandardOutput.ReadLine()
        Wait-Until { (Get-Knob winnat_state) -eq $script:Stopping } 'the stop of winnat'
        $process.Kill()
        Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
        Assert-Equal (Get-Knob winnat_state) $script:Running 'winnat after the end of the session'
    } finally {
        if (-not $process.HasExited) { $process.Kill() }
        $process.Dispose()
    }
}
