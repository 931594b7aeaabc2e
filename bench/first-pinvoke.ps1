# The same as first-cmdlet.ps1 with Add-Type and P/Invoke.
param([string]$Library, [string]$State, [int]$Port)

. "$PSScriptRoot/pinvoke.ps1" -Library $Library -State $State
(New-PInvokeReservation -StartPort $Port).Token
$null = [PortApi]::DeletePersistentTcpPortReservation([uint16](($Port -shr 8) -bor (($Port -band 255) -shl 8)), 1)
