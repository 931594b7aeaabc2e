# Measures in one warm session: one cmdlet at a time, and many objects through the pipeline, against the P/Invoke peer.
# Prints one line of JSON: milliseconds, the smallest of several runs.
param([string]$Module, [string]$Library, [string]$State, [int]$Port)

$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/pinvoke.ps1" -Library $Library -State $State
Import-Module $Module -ArgumentList @{ Simulator = $Library; SimulatorState = $State }

function Measure-Least([int]$Times, [scriptblock]$Block, [scriptblock]$After = {}) {
    $least = [double]::MaxValue
    foreach ($i in 1..$Times) {
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $null = & $Block
        $watch.Stop()
        & $After
        $least = [Math]::Min($least, $watch.Elapsed.TotalMilliseconds)
    }
    $least
}

$pairs = 100
$warm = Measure-Least 8 {
    foreach ($i in 1..$pairs) {
        New-PortReservation -StartPort $Port
        Remove-PortReservation -StartPort $Port -NumberOfPorts 1 -Confirm:$false
    }
}

$objects = foreach ($i in 0..999) { [pscustomobject]@{ Protocol = 'Tcp'; StartPort = $Port + $i; NumberOfPorts = 1 } }
$removeAll = { $objects | Remove-PortReservation -Confirm:$false }
$piped = Measure-Least 5 { $objects | New-PortReservation } $removeAll
$peerPiped = Measure-Least 5 { $objects | New-PInvokeReservation } $removeAll

@{ WarmCmdlet = $warm / $pairs / 2; Piped = $piped; PeerPiped = $peerPiped } | ConvertTo-Json -Compress
