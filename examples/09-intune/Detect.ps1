<#
.SYNOPSIS
    Intune, detection script: whether this machine has the blocks of ports that it shall have. Changes nothing.
.DESCRIPTION
    Exit codes, as Intune reads them: 0 all is well, 1 the remediation script is to run. What it prints is in the device's status.
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

$lines = @($desired | & $first @arguments apply - --dry-run 2>&1 | ForEach-Object { "$_" })
$code = $LASTEXITCODE
# Intune keeps the last line and 2048 characters.
($lines -join ' | ') -replace '\s+', ' '
exit [int]($code -ne 0)
