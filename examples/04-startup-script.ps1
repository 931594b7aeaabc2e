<#
.SYNOPSIS
    A Group Policy start-up script that makes sure that the ports of a service are reserved. Safe to run repeatedly.
.DESCRIPTION
    Which kind of block does the service need?

        binds its port itself, as nearly every program does    Exclusion
        associates its sockets with a reservation              Persistent

    The column Kind of the CSV file says so. A persistent reservation refuses a program that binds the port itself.

    Runs as LocalSystem before anybody signs in. It asks nothing and waits for nothing; a block that is in use, as many are while
    Windows starts, is tried again. It writes what it did to a log file, and what failed also to the event log (Application, source
    PortReservation). Both kinds survive restarts, so normally there is nothing to do.

    Exit codes: 0 every block is there, 1 some are not, 2 the file or the module could not be read, and nothing was done.
.PARAMETER Path
    A file of blocks, as Sync-PortReservation reads it: a table (CSV) with StartPort, NumberOfPorts, Protocol and Kind, or JSON. The
    default is ports.csv beside this script, as in a policy's folder of SYSVOL.
.PARAMETER LogPath
    The log file to append to. The default is PortReservation.log in C:\Windows\Logs. When it has a megabyte, it becomes
    PortReservation.log.old, in place of an older one.
.PARAMETER RetryCount
    How often blocks in use are tried again. The default is 10.
.PARAMETER RetrySeconds
    The seconds before they are. The default is 30.
.PARAMETER ModulePath
    The module's manifest. The default is the module that is installed for the machine and Windows PowerShell.
.PARAMETER ModuleOptions
    Off Windows: @{ Simulator = '...'; SimulatorState = '...' }, as for Import-Module -ArgumentList.
.EXAMPLE
    powershell.exe -NoProfile -NonInteractive -ExecutionPolicy RemoteSigned -File 04-startup-script.ps1
#>
[CmdletBinding()]
param(
    [string]$Path,
    [string]$LogPath,
    [ValidateRange(0, 1000)][int]$RetryCount = 10,
    [ValidateRange(1, 3600)][int]$RetrySeconds = 30,
    [string]$ModulePath,
    [hashtable]$ModuleOptions = @{}
)
$ErrorActionPreference = 'Stop'
# Not as the default of the parameter: there, Windows PowerShell does not know the script's folder yet.
if (-not $Path) { $Path = Join-Path $PSScriptRoot 'ports.csv' }
$windows = [System.Environment]::GetFolderPath('Windows')
# LocalSystem would follow a link planted in place of the log, so the log belongs in a folder where ordinary users cannot
# create files: C:\Windows\Logs or C:\Program Files, not C:\Windows\Temp or C:\ProgramData.
if (-not $LogPath) { $LogPath = Join-Path $windows 'Logs\PortReservation.log' }

function Add-LogLine([string]$Text) {
    # A line break in the CSV file must not look like a line of this script, nor a control character reach a console.
    $line = $Text -replace '[\p{Cc}\p{Cf}\u2028\u2029]', '?'
    # The ports are reserved without a log as well, as where another program has it open.
    try { Add-Content -LiteralPath $LogPath -Value "$([DateTime]::Now.ToString('yyyy-MM-dd HH:mm:ss', [cultureinfo]::InvariantCulture)) $line" } catch {
        if (-not $script:isLogLost) { Send-Failure "The log cannot be written: $($_.Exception.Message)" }
        $script:isLogLost = $true
    }
}

function Send-Failure([string]$Text) {
    # Windows' own program, which every PowerShell has. It is no reason to fail that the event log is not to be had.
    $program = if ($windows) { Join-Path $windows 'System32\eventcreate.exe' }
    $description = ($Text -replace '[\p{Cc}\p{Cf}"]', ' ').Trim()
    if (-not $windows -or -not (Test-Path -LiteralPath $program)) { return Write-Warning $description }
    # Windows PowerShell makes an error of each line that a program writes to stderr.
    $ErrorActionPreference = 'Continue'
    $null = & $program /L APPLICATION /SO PortReservation /T ERROR /ID 1 /D $description 2>&1
}

function Add-Failure([string]$Text) {
    Add-LogLine "FAILED $Text"
    # With a word before it: a message such as "-Path is ..." must not look like an option of eventcreate.
    Send-Failure "FAILED $Text"
}

$isLogLost = $false
$exitCode = 0
try {
    $log = Get-Item -LiteralPath $LogPath -ErrorAction SilentlyContinue
    if ($null -ne $log -and $log.Length -gt 1MB) { Move-Item -LiteralPath $LogPath -Destination "$LogPath.old" -Force -ErrorAction SilentlyContinue }
    # By its full path: LocalSystem does not have the user's module folders. And none that is near this script: the script's own folder may be
    # protected, and the root of its drive not.
    if (-not $ModulePath) { $ModulePath = "$([System.Environment]::GetFolderPath('ProgramFiles'))\WindowsPowerShell\Modules\PortReservation" }
    Import-Module $ModulePath -ArgumentList $ModuleOptions
    for ($try = 0; ; $try++) {
        $changes = @(Sync-PortReservation -Path $Path -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable failures)
        $changed = @($changes | Where-Object Changed)
        foreach ($change in $changed) { Add-LogLine "$($change.Change): $change" }
        $inUse = @($failures | Where-Object FullyQualifiedErrorId -like 'PortInUse,*')
        if ($inUse.Count -eq 0 -or $try -ge $RetryCount) { break }
        foreach ($failure in $inUse) { Add-LogLine "in use, tried again in $RetrySeconds s: $failure" }
        Start-Sleep -Seconds $RetrySeconds
    }
    foreach ($failure in $failures) { Add-Failure "$failure" }
    if ($changes.Count -gt 0) { Add-LogLine "$($changes.Count) blocks, $($changed.Count) changed, $(@($failures).Count) failed" }
    # A file that breaks a rule is refused as a whole.
    if (@($failures | Where-Object FullyQualifiedErrorId -like 'InvalidParameter,*').Count -gt 0) { $exitCode = 2 }
    elseif (@($failures).Count -gt 0) { $exitCode = 1 }
} catch {
    Add-Failure $_.Exception.Message
    $exitCode = 2
} finally {
    Remove-Module PortReservation -ErrorAction SilentlyContinue
}
exit $exitCode
