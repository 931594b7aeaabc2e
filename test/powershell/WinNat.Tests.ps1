# Whatever ends New-PortReservation -RestartWinNat: the service winnat runs again.

# portsim_winnat_state's.
$script:Running = '2'
$script:Stopping = '3'

# Longer than any case: winnat stops when a case lets it.
$script:Long = 3600000
# A runtime block that the host holds beside its request, and gives back as soon as it is told to end.
$script:Held = 'New-PortReservation -Kind Runtime -StartPort 26900 -Protocol Udp'
$script:Restart = 'New-PortReservation -StartPort 26800 -NumberOfPorts 5 -RestartWinNat'

function Start-Restart {
    # A block of WinNAT's, which a PowerShell of its own is about to win back, and in it the module's session.
    param([powershell]$Shell)
    Set-Knob add_system_block 6 26800 10 1
    Set-Knob set_winnat_delay $script:Long
    $null = $Shell.AddScript((Get-ImportLine) + "`$null = $script:Held; " + '& (Get-Module PortReservation) { $script:Session | Add-Member -NotePropertyName Module -NotePropertyValue (Get-Module PortReservation) -PassThru }')
    $Shell.Invoke()[0]
    $Shell.Commands.Clear()
    $null = $Shell.AddScript($script:Restart).BeginInvoke()
    Wait-Until { (Get-Knob winnat_state) -eq $script:Stopping } 'the stop of winnat'
}

function Resume-WinNat {
    # Lets winnat stop and start, but not before the host has heard that nobody wants the block any more.
    Wait-Until { @(Get-PortReservation -Port 26900).Count -eq 0 } 'the end of what the host held'
    Set-Knob set_winnat_delay 0
}

Test 'Ctrl+C while winnat is stopped waits until it runs again, reserves nothing, and keeps the host' {
    $shell = [powershell]::Create()
    try {
        $session = Start-Restart $shell
        $connection = $session.Connection
        $hostId = $connection.ProcessId
        # No other request is waited for.
        & $session.Module { $script:CancelLimit = 0 }
        $stop = $shell.BeginStop($null, $null)
        Wait-Until { $null -eq $connection.Pending } 'the cancellation'
        # The host reads it after the cancellation.
        $bytes = [System.Text.Encoding]::UTF8.GetBytes('{"jsonrpc":"2.0","method":"reservation.remove","params":{"kind":"runtime","protocol":"udp","startPort":26900,"numberOfPorts":1}}' + "`n")
        $connection.Input.Write($bytes, 0, $bytes.Length)
        $connection.Input.Flush()
        Resume-WinNat
        $shell.EndStop($stop)
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
        $session = Start-Restart $shell
        $process = $session.Connection.Process
        & $session.Module { $script:WinNatLimit = 0 }
        $shell.Stop()
        Assert-True (-not $process.HasExited) 'the host lives'
        Assert-Equal $session.Connection $null 'the connection'
    } finally {
        $shell.Dispose()
    }
    Resume-WinNat
    Wait-Until { $process.HasExited } 'the end of the host'
    Assert-Equal (Get-Knob winnat_state) $script:Running 'winnat after the end of the host'
}

Test 'a host that is told to end says so for the request it cancels, and the next cmdlet has another' {
    if ($script:IsOnWindows) { Skip 'no SIGTERM on Windows' }
    $shell = [powershell]::Create()
    try {
        $hostId = (Start-Restart $shell).Connection.ProcessId
        kill -TERM $hostId
        Resume-WinNat
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
    $process = (Start-Restart $shell).Connection.Process
    $shell.Runspace.Close()
    $shell.Dispose()
    Resume-WinNat
    Wait-Until { $process.HasExited } 'the end of the host'
    Assert-Equal (Get-Knob winnat_state) $script:Running 'winnat after the end of the runspace'

    Set-Knob reset
    Set-Knob add_system_block 6 26800 10 1
    Set-Knob set_winnat_delay $script:Long
    $process = Start-Shell "$(Get-ImportLine) [Console]::Out.WriteLine(($script:Held).OwningProcess); $script:Restart"
    try {
        $id = [int]$process.StandardOutput.ReadLine()
        Wait-Until { (Get-Knob winnat_state) -eq $script:Stopping } 'the stop of winnat'
        $process.Kill()
        Resume-WinNat
        Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
        Assert-Equal (Get-Knob winnat_state) $script:Running 'winnat after the end of the session'
    } finally {
        if (-not $process.HasExited) { $process.Kill() }
        $process.Dispose()
    }
}
