# Measures in one session: the import, one cmdlet at a time once it is warm, and many objects through the pipeline, against the P/Invoke
# peer. Prints one line of JSON: milliseconds, the medians of several runs, and which PowerShell it is.
param([string]$Module, [string]$Library, [string]$State, [int]$Port, [string]$Node)

$ErrorActionPreference = 'Stop'
$watch = [System.Diagnostics.Stopwatch]::StartNew()
Import-Module $Module -ArgumentList @{ Simulator = $Library; SimulatorState = $State; NodePath = $Node }
$import = $watch.Elapsed.TotalMilliseconds
. "$PSScriptRoot/pinvoke.ps1" -Library $Library -State $State

function Measure-Median([int]$Times, [scriptblock]$Block, [scriptblock]$After = {}) {
    $milliseconds = foreach ($i in 0..$Times) {
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $null = & $Block
        $watch.Stop()
        & $After
        # The first one only warms up.
        if ($i -gt 0) { $watch.Elapsed.TotalMilliseconds }
    }
    @($milliseconds | Sort-Object)[[int][Math]::Floor($Times / 2)]
}

$remove = { Remove-PortReservation -StartPort $Port -NumberOfPorts 1 -Confirm:$false }
$new = Measure-Median 200 { New-PortReservation -StartPort $Port } $remove
$reservation = New-PortReservation -StartPort $Port
$get = Measure-Median 200 { Get-PortReservation -StartPort $Port -NumberOfPorts 1 }
$bind = Measure-Median 100 { $reservation | Invoke-AssociatedBind | Close-AssociatedBind }
$removed = Measure-Median 200 $remove { $null = New-PortReservation -StartPort $Port }
& $remove

$objects = foreach ($i in 0..999) { [pscustomobject]@{ Protocol = 'Tcp'; StartPort = $Port + $i; NumberOfPorts = 1 } }
$removeAll = { $objects | Remove-PortReservation -Confirm:$false }
$piped = Measure-Median 5 { $objects | New-PortReservation } $removeAll
$peerPiped = Measure-Median 5 { $objects | New-PInvokeReservation } $removeAll

# The official builds are compiled to machine code (ReadyToRun), as Windows PowerShell's assemblies are by NGen; that of the .NET SDK's tool is not.
function Test-Precompiled {
    if ($PSVersionTable.PSEdition -eq 'Desktop') { return $true }
    $reader = [System.Reflection.PortableExecutable.PEReader]::new([System.IO.File]::OpenRead([psobject].Assembly.Location))
    try { $reader.PEHeaders.CorHeader.ManagedNativeHeaderDirectory.Size -gt 0 } finally { $reader.Dispose() }
}

@{ PowerShell = "$($PSVersionTable.PSVersion)"; IsPrecompiled = Test-Precompiled; Import = $import; New = $new; Get = $get; Remove = $removed; Bind = $bind; Piped = $piped; PeerPiped = $peerPiped } | ConvertTo-Json -Compress
