# A whole script as an administrator starts it: import, one reservation, the end.
param([string]$Module, [string]$Library, [string]$State, [int]$Port, [string]$Node)

Import-Module $Module -ArgumentList @{ Simulator = $Library; SimulatorState = $State; NodePath = $Node }
(New-PortReservation -StartPort $Port).Token
Remove-PortReservation -StartPort $Port -NumberOfPorts 1 -Confirm:$false
