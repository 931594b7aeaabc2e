<#
.SYNOPSIS
    Configuration Manager, discovery script of a configuration item: says Compliant, or what is not. Changes nothing.
.DESCRIPTION
    The setting is of the type Script, its data type is String, and its rule is: equals Compliant.
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
if ($LASTEXITCODE -eq 0) { 'Compliant' } else { ($lines -join ' | ') -replace '\s+', ' ' }
exit 0
