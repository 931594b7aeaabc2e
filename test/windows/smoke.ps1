# The cmdlets on a real Windows, in an elevated Windows PowerShell 5.1 or PowerShell 7: reserve, bind, look, remove.
# With -Simulator and -SimulatorState it runs on the simulator, and says so. Exit code 0 when every step did as it should.
# -NodePath: the Node.js that it is about; an elevated session takes none from PATH.
param(
    [int]$StartPort = 40200,
    [string]$NodePath,
    [string]$Simulator,
    [string]$SimulatorState
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

function Assert {
    param([Parameter(Mandatory)][string]$What, [Parameter(Mandatory)][AllowNull()][object]$Condition)
    if (-not $Condition) { throw "not so: $What" }
    Write-Output "ok - $What"
}

$manifest = [System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'PortReservation.psd1')
$options = @{}
if ($NodePath) { $options.NodePath = $NodePath }
if ($Simulator) {
    [Console]::Error.WriteLine('smoke: SIMULATOR: nothing here was seen on Windows')
    $options += @{ Simulator = $Simulator; SimulatorState = $SimulatorState }
}
Import-Module $manifest -ArgumentList $options

$block = @{ Protocol = 'Tcp'; StartPort = $StartPort; NumberOfPorts = 3 }
$reservation = New-PortReservation @block -Confirm:$false
try {
    Assert 'a persistent block has a token' ($reservation.Token -gt 0)
    Assert 'it is found again by its block, with the same token' ((Get-PortReservation @block).Token -eq $reservation.Token)
    Assert 'it is in the list' (@(Get-PortReservation -Protocol Tcp -Port $StartPort).Count -eq 1)
    $bind = $reservation | Invoke-AssociatedBind -Listen
    Assert 'a socket got a port of the block' ($bind.LocalPort -ge $StartPort -and $bind.LocalPort -le $StartPort + 2)
    $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $bind.LocalPort)
    Assert 'the port takes connections' $client.Connected
    $client.Dispose()
    $bind.Dispose()
} finally {
    $reservation | Remove-PortReservation -Confirm:$false
}
Assert 'after its removal nothing is found' ($null -eq (Get-PortReservation @block -ErrorAction SilentlyContinue))

$runtime = New-PortReservation -Protocol Udp -NumberOfPorts 4 -Kind Runtime -Confirm:$false
Assert 'the system picks a runtime block' ($runtime.StartPort -gt 0 -and $runtime.Token -gt 0)
if ([Environment]::OSVersion.Platform -ne 'Win32NT' -or -not (Get-Command Invoke-AssociatedBind).Parameters.ContainsKey('AsSocket')) {
    Write-Output 'SKIPPED - a socket handed over to this process: it needs Windows and the parameter AsSocket'
} else {
    $socket = $runtime | Invoke-AssociatedBind -AsSocket
    $port = $socket.LocalEndPoint.Port
    Assert 'a socket handed over to this process has a port of the block' ($port -ge $runtime.StartPort -and $port -le $runtime.EndPort)
    $socket.Dispose()
}
$runtime | Remove-PortReservation -Confirm:$false

$exclusion = New-PortReservation -StartPort ($StartPort + 10) -Kind Exclusion -Store Active -Confirm:$false
try {
    Assert 'an exclusion until the next restart says so' ($exclusion.Store -eq 'Active')
    $test = Test-PortReservation -Port ($StartPort + 10)
    Assert 'an excluded port can be bound, and is explained' ($test.CanBind -and $test.Reason -eq 'Exclusion')
} finally {
    $exclusion | Remove-PortReservation -Confirm:$false
}
Assert 'after its removal the port is free' ((Test-PortReservation -Port ($StartPort + 10)).Reason -eq 'Free')
if ($Simulator) {
    Write-Output 'SKIPPED - the dynamic range is that of CIM: it needs Windows'
} else {
    $range = Get-DynamicPortRange -Protocol Tcp | Where-Object AddressFamily -EQ 'InterNetwork'
    $setting = Get-NetTCPSetting -SettingName Internet
    Assert "the dynamic range is that of CIM: $range" ($range.StartPort -eq $setting.DynamicPortRangeStartPort -and $range.NumberOfPorts -eq $setting.DynamicPortRangeNumberOfPorts)
    Assert 'its first port lies in it' (Test-PortReservation -Port $range.StartPort).InDynamicRange
}
Get-PortReservationHost | Format-List | Out-String | Write-Output
Remove-Module PortReservation
