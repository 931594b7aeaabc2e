<#
.SYNOPSIS
    Brings many machines at once to the blocks of a CSV file, and shows what became of each block.
.DESCRIPTION
    The module must be installed on the machines, and here for the views of what comes back. Give the sessions of New-PSSession, which are of an
    administrator of the machines.
.PARAMETER Session
    Sessions on the machines.
.PARAMETER Path
    A CSV file on this machine: StartPort, NumberOfPorts, Protocol, Kind.
.PARAMETER ModulePath
    The module on the machines. The default is the one that is installed for the machine and Windows PowerShell.
.PARAMETER ModuleOptions
    Off Windows: @{ Simulator = '...'; SimulatorState = '...' }, as for Import-Module -ArgumentList.
.EXAMPLE
    $sessions = New-PSSession -ComputerName (Get-Content machines.txt); .\12-remoting.ps1 -Session $sessions -Path ports.csv
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)][System.Management.Automation.Runspaces.PSSession[]]$Session,
    [Parameter(Mandatory)][string]$Path,
    [string]$ModulePath,
    [hashtable]$ModuleOptions = @{}
)
$ErrorActionPreference = 'Stop'
$rows = @(Import-Csv -LiteralPath $Path)
$module, $options = $ModulePath, $ModuleOptions
# A machine that fails is an error of its own; the others go on. PSComputerName tells from where each object is.
Invoke-Command -Session $Session -ErrorAction Continue -ScriptBlock {
    # By its full path: by its name it would be looked for in the administrator's own folders first.
    $path = $using:module
    if (-not $path) { $path = "$([System.Environment]::GetFolderPath('ProgramFiles'))\WindowsPowerShell\Modules\PortReservation" }
    Import-Module $path -ArgumentList $using:options -ErrorAction Stop
    $using:rows | Sync-PortReservation -Confirm:$false
}
