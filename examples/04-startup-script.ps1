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
    Where to append the log. The default is ports.log beside this script.
.PARAMETER ModuleOptions
    Off Windows: @{ Simulator = '...'; SimulatorState = '...' }, as for Import-Module -ArgumentList.
.EXAMPLE
    powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File 04-startup-script.ps1 -Path ports.csv
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)][string]$Path,
    [string]$LogPath,
    [hashtable]$ModuleOptions = @{}
)
$ErrorActionPreference = 'Stop'
# LocalSystem follows a link wherever it leads, so its log belongs in a folder where ordinary users cannot create one. In
# C:\Windows\Temp and C:\ProgramData they can; in C:\Program Files, where this script is installed, they cannot.
if (-not $LogPath) { $LogPath = Join-Path $PSScriptRoot 'ports.log' }
function Write-Log([string]$Text) {
    Add-Content -LiteralPath $LogPath -Value ('{0:yyyy-MM-dd HH:mm:ss} {1}' -f [DateTime]::Now, $Text)
}

try {
    # By its full path: user module folders do not exist for LocalSystem.
    Import-Module "$PSScriptRoot/../PortReservation.psd1" -ArgumentList $ModuleOptions
    $exitCode = 0
    foreach ($row in Import-Csv -LiteralPath $Path) {
        # One by one: what is no number is refused before the cmdlet runs, and would not be in an -ErrorVariable.
        try {
            $row | New-PortReservation -IfNotExists -Confirm:$false | ForEach-Object { Write-Log "reserved $_" }
        } catch {
            Write-Log "FAILED $($row.PSObject.Properties.Value -join ' '): $($_.Exception.Message)"
            $exitCode = 1
        }
    }
} catch {
    Write-Log "FAILED $($_.Exception.Message)"
    $exitCode = 1
} finally {
    Remove-Module PortReservation -ErrorAction SilentlyContinue
}
exit $exitCode
