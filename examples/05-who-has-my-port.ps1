<#
.SYNOPSIS
    A bind failed with EACCES 10013: who has the port, and what to do?
.DESCRIPTION
    Tests a TCP port. Reason, Block and OwningProcess show who has it, Advice what to do.
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

Test-PortReservation -Port $Port
