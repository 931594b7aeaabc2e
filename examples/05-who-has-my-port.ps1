<#
.SYNOPSIS
    A bind failed with EACCES 10013: whose block is the port in?
.PARAMETER Port
    The port that could not be bound.
.PARAMETER ModuleOptions
    Off Windows: @{ Simulator = '...'; SimulatorState = '...' }, as for Import-Module -ArgumentList.
.EXAMPLE
    ./05-who-has-my-port.ps1 -Port 50000
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)][ValidateRange(1, 65535)][int]$Port,
    [hashtable]$ModuleOptions = @{}
)
$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/../PortReservation.psd1" -ArgumentList $ModuleOptions

$blocks = @(Get-PortReservation -Port $Port)
if ($blocks.Count -eq 0) {
    "No listed block contains port $Port. Not every holder is in the list: WSL's mirrored networking is not."
}
foreach ($block in $blocks) {
    switch ($block.Kind) {
        'Persistent' { "$block is a persistent reservation: bind with Invoke-AssociatedBind, or remove it." }
        'Runtime' { "$block was reserved in this session." }
        'Exclusion' { "$block is an administered exclusion: an explicit bind to port $Port works." }
        'System' { "$block belongs to another program, such as WinNAT (Hyper-V, Docker, WSL): its ports cannot be bound." }
    }
}
