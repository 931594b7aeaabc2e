<#
.SYNOPSIS
    A Group Policy start-up script: makes sure that the ports of a service are reserved. Safe to run twice.
.DESCRIPTION
    Runs as LocalSystem before anybody logs on. It asks nothing, writes what it did to a log file, and ends with an exit
    code: 0 when every block is reserved, 1 when one is not. A persistent reservation survives restarts, so the script
    normally finds everything done.
.PARAMETER Path
    A CSV file with the columns Protocol, StartPort and NumberOfPorts.
.PARAMETER LogPath
    Where to append the log.
.PARAMETER ModuleOptions
    Off Windows: @{ Simulator = '...'; SimulatorState = '...' }, as for Import-Module -ArgumentList.
.EXAMPLE
    powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File 04-startup-script.ps1 -Path ports.csv -LogPath C:\Windows\Temp\ports.log
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)][string]$Path,
    [Parameter(Mandatory)][string]$LogPath,
    [hashtable]$ModuleOptions = @{}
)
$ErrorActionPreference = 'Stop'
function Write-Log([string]$Text) {
    Add-Content -LiteralPath $LogPath -Value ('{0:yyyy-MM-dd HH:mm:ss} {1}' -f [DateTime]::Now, $Text)
}

try {
    # By its full path: user module folders do not exist for LocalSystem.
    Import-Module "$PSScriptRoot/../PortReservation.psd1" -ArgumentList $ModuleOptions
    $reserved = Import-Csv -LiteralPath $Path |
        New-PortReservation -IfNotExists -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failed
    foreach ($reservation in $reserved) { Write-Log "reserved $reservation" }
    foreach ($failure in $failed) { Write-Log "FAILED $($failure.TargetObject): $($failure.Exception.Message)" }
    $exitCode = [int]($failed.Count -gt 0)
} catch {
    Write-Log "FAILED $($_.Exception.Message)"
    $exitCode = 1
} finally {
    Remove-Module PortReservation -ErrorAction SilentlyContinue
}
exit $exitCode
