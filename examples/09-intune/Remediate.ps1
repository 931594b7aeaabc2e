<#
.SYNOPSIS
    Intune, remediation script: makes the blocks of ports that this machine shall have. Safe to run twice.
.DESCRIPTION
    Exit codes, as Intune reads them: 0 the machine has them, 1 something could not be made. What it prints is in the device's status.
.PARAMETER Program
    The command line, in parts. The default is the command of the newest version of the module that is installed for the machine.
#>
[CmdletBinding()]
param([string[]]$Program = @())
$ErrorActionPreference = 'Stop'
# The same in both scripts.
$desired = @'
[
    { "startPort": 8080, "kind": "exclusion" },
    { "startPort": 25000, "numberOfPorts": 10, "protocol": "tcp", "kind": "persistent" }
]
'@

# In Windows' own folder of modules, which administrators alone can write to.
if ($Program.Count -eq 0) {
    $modules = Join-Path ([System.Environment]::GetFolderPath('ProgramFiles')) 'WindowsPowerShell\Modules\PortReservation'
    $version = Get-ChildItem -Directory -LiteralPath $modules | Sort-Object { [version]$_.Name } | Select-Object -Last 1
    $Program = @(Join-Path $version.FullName 'port-reservation.ps1')
}
$first = $Program[0]
$arguments = @($Program | Select-Object -Skip 1)
# Windows PowerShell makes an error of each line that a program writes to stderr, such as a warning.
$ErrorActionPreference = 'Continue'

$lines = @($desired | & $first @arguments apply - 2>&1 | ForEach-Object { "$_" })
# 0: nothing to do. 12: changed.
$failed = $LASTEXITCODE -notin 0, 12
($lines -join ' | ') -replace '\s+', ' '
exit [int]$failed
