<#
.SYNOPSIS
    Makes the blocks of a CSV file on many machines at once, and shows what each has.
.DESCRIPTION
    The module must be installed on the machines, and here for the views of what comes back. Give the sessions of New-PSSession, which are of an
    administrator of the machines.
.PARAMETER Session
    Sessions on the machines.
.PARAMETER Path
    A CSV file on this machine: Protocol, StartPort, NumberOfPorts, Kind.
.PARAMETER ModulePath
    The module on the machines. The default is the installed one.
.PARAMETER ModuleOptions
    Off Windows: @{ Simulator = '...'; SimulatorState = '...' }, as for Import-Module -ArgumentList.
.EXAMPLE
    $sessions = New-PSSession -ComputerName (Get-Content machines.txt); .\12-remoting.ps1 -Session $sessions -Path ports.csv
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)][System.Management.Automation.Runspaces.PSSession[]]$Session,
    [Parameter(Mandatory)][string]$Path,
    [string]$ModulePath = 'PortReservation',
    [hashtable]$ModuleOptions = @{}
)
$ErrorActionPreference = 'Stop'
$rows = @(Import-Csv -LiteralPath $Path)
# A machine that fails is an error of its own; the others go on. PSComputerName tells from where each object is.
Invoke-Command -Session $Session -ErrorAction Continue -ScriptBlock {
    Import-Module $using:ModulePath -ArgumentList $using:ModuleOptions
    $using:rows | New-PortReservation -IfNotExists -Confirm:$false
}
