# Installs the package for Windows Installer as Group Policy would, uses it once on the real DLLs, and uninstalls it. Needs an elevated console.
[CmdletBinding()]
param([Parameter(Mandatory)][string]$Path, [Parameter(Mandatory)][int]$StartPort)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$modules = Join-Path $env:ProgramFiles 'WindowsPowerShell\Modules\PortReservation'
function Invoke-Installer([string]$Verb) {
    $process = Start-Process "$env:SystemRoot\System32\msiexec.exe" -ArgumentList $Verb, "`"$Path`"", '/qn', '/norestart' -Wait -PassThru
    if ($process.ExitCode -ne 0) { throw "msiexec $Verb ended with $($process.ExitCode)" }
}

Invoke-Installer '/i'
try {
    Import-Module PortReservation
    if ((Get-Module PortReservation).ModuleBase -notlike "$modules\*") { throw "not the installed module was imported: $((Get-Module PortReservation).ModuleBase)" }
    $null = New-PortReservation -StartPort $StartPort -NumberOfPorts 2
    $found = Get-PortReservation -StartPort $StartPort -NumberOfPorts 2
    Remove-PortReservation -StartPort $StartPort -NumberOfPorts 2
    "$found"
    # As DSC calls it.
    $list = (Get-Module PortReservation).Invoke({ 'PortReservationList' -as [type] })::new()
    $list.Name = 'installer'
    $list.Blocks = @(@{ StartPort = $StartPort; NumberOfPorts = 2 })
    $before = $list.Test()
    $list.Set()
    $after = $list.Test()
    Remove-PortReservation -StartPort $StartPort -NumberOfPorts 2
    if ($before -or -not $after) { throw "the DSC resource says $before before Set, and $after after it" }
} finally {
    Remove-Module PortReservation -ErrorAction SilentlyContinue
    Invoke-Installer '/x'
}
if (Test-Path -LiteralPath $modules) { throw "uninstalled, this is left: $(Get-ChildItem -Recurse -Name $modules)" }
