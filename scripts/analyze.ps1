# PSScriptAnalyzer over every script of the project. Exit codes: 0 it has nothing to say, 1 it has, 77 it is not installed.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

if (-not (Get-Module -ListAvailable -Name PSScriptAnalyzer)) {
    'the module PSScriptAnalyzer is not installed (Install-Module PSScriptAnalyzer)'
    exit 77
}
$root = Split-Path $PSScriptRoot
$settings = Join-Path $root 'PSScriptAnalyzerSettings.psd1'
$scripts = @('ps', 'examples', 'scripts' | ForEach-Object { Get-ChildItem (Join-Path $root $_) -Recurse -Include *.ps1, *.psm1 })
if ($scripts.Count -eq 0) {
    'no script was found'
    exit 1
}
# What it must find, or it has looked at nothing.
if (-not (Invoke-ScriptAnalyzer -ScriptDefinition 'gci; $a = $b ?? 1' -Settings $settings)) {
    'it did not find a planted fault'
    exit 1
}
$found = @(@(Get-Item (Join-Path $root 'PortReservation.psd1')) + $scripts | ForEach-Object { Invoke-ScriptAnalyzer -Path $_.FullName -Settings $settings })
$found | ForEach-Object { '{0}:{1}: {2} {3}' -f $_.ScriptPath, $_.Line, $_.RuleName, $_.Message }
exit [int]($found.Count -gt 0)
