<#
.SYNOPSIS
    The main job: reserves a block, binds a socket from it, connects to it, and gives everything back.
.DESCRIPTION
    In an elevated session the block is a persistent reservation, otherwise a runtime one, which needs no administrator.
.PARAMETER ModuleOptions
    Off Windows: @{ Simulator = '...'; SimulatorState = '...' }, as for Import-Module -ArgumentList.
.PARAMETER NumberOfPorts
    How many ports to reserve.
.EXAMPLE
    ./01-reserve-bind-connect.ps1
#>
[CmdletBinding()]
param(
    [hashtable]$ModuleOptions = @{},
    [int]$NumberOfPorts = 10
)
$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/../PortReservation.psd1" -ArgumentList $ModuleOptions

$hostInfo = Get-PortReservationHost
"Backend:      $($hostInfo.Backend), elevated: $($hostInfo.IsElevated)"

if ($hostInfo.IsElevated) {
    # Only trying shows whether a block is free; blocks in use are skipped.
    $reservation = $null
    for ($start = 25100; -not $reservation -and $start -lt 45000; $start += $NumberOfPorts) {
        try {
            $reservation = New-PortReservation -StartPort $start -NumberOfPorts $NumberOfPorts
        } catch {
            if ($_.FullyQualifiedErrorId -notlike 'PortInUse*') { throw }
        }
    }
} else {
    $reservation = New-PortReservation -Kind Runtime -NumberOfPorts $NumberOfPorts
}
"Reserved:     $reservation, token $($reservation.Token)"

try {
    $reservation | Invoke-AssociatedBind -Listen -ScriptBlock {
        param($bind)
        "Bound:        $($bind.LocalEndPoint), $($bind.State)"
        $client = [System.Net.Sockets.TcpClient]::new()
        try {
            $client.Connect('127.0.0.1', $bind.LocalPort)
            "Connected:    $($client.Client.LocalEndPoint) -> $($client.Client.RemoteEndPoint)"
        } finally {
            $client.Dispose()
        }
    }
} finally {
    $removed = $reservation | Remove-PortReservation -PassThru -Confirm:$false
    "Given back:   $removed"
}
$left = @(Get-PortReservation -Port $reservation.StartPort -Protocol Tcp)
"Left behind:  $($left.Count) blocks with port $($reservation.StartPort)"
if ($left.Count -gt 0) { exit 1 }
