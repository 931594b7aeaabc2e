<#
.SYNOPSIS
    A Group Policy start-up script that makes sure that the ports of a service are reserved. Safe to run repeatedly.
.DESCRIPTION
    Which kind of block does the service need?

        binds its port itself, as nearly every program does    Exclusion
        associates its sockets with a reservation              Persistent

    The column Kind of the CSV file says so. A persistent reservation refuses a program that binds the port itself.

    Runs as LocalSystem before anybody signs in. It asks nothing, writes what it did to a log file, and sets an exit code:
    0 if every block is reserved, 1 if not. Both kinds survive restarts, so normally there is nothing to do.
.PARAMETER Path
    A CSV file with the columns Protocol, StartPort, NumberOfPorts and Kind; without Kind, the blocks are Persistent.
.PARAMETER LogPath
    The log file to append to. The default is ports.log next to this script.
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
# LocalSystem would follow a link planted in place of the log, so the log belongs in a folder where ordinary users cannot
# create files: C:\Program Files, where this script is installed, not C:\Windows\Temp or C:\ProgramData.
if (-not $LogPath) { $LogPath = Join-Path $PSScriptRoot 'ports.log' }
function Add-LogLine([string]$Text) {
    # A line break in the CSV file must not look like a line of this script, nor a control character reach a console.
    $line = $Text -replace '[\p{Cc}\p{Cf}\u2028\u2029]', '?'
    Add-Content -LiteralPath $LogPath -Value ('{0:yyyy-MM-dd HH:mm:ss} {1}' -f [DateTime]::Now, $line)
}

try {
    # By its full path: LocalSystem does not have the user's module folders.
    Import-Module "$PSScriptRoot/../PortReservation.psd1" -ArgumentList $ModuleOptions
    $exitCode = 0
    foreach ($row in Import-Csv -LiteralPath $Path) {
        # One by one: a value that is not a number fails before the cmdlet runs, and would not be in an -ErrorVariable.
        try {
            $row | New-PortReservation -IfNotExists -Confirm:$false | ForEach-Object { Add-LogLine "reserved $_" }
        } catch {
            Add-LogLine "FAILED $($row.PSObject.Properties.Value -join ' '): $($_.Exception.Message)"
            $exitCode = 1
        }
    }
} catch {
    Add-LogLine "FAILED $($_.Exception.Message)"
    $exitCode = 1
} finally {
    Remove-Module PortReservation -ErrorAction SilentlyContinue
}
exit $exitCode
