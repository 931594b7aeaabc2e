# Runs the cases in *.Tests.ps1 against the module, all in this one PowerShell, which may be Windows PowerShell 5.1.
# Prints a line of JSON for each case as it ends: name, outcome (ok, failed, skipped), message, milliseconds.
# Exit codes: 0 all passed or skipped, 1 some failed, 2 the runner itself cannot run.
param(
    [Parameter(Mandatory)][string]$ModulePath,
    [Parameter(Mandatory)][string]$Simulator,
    # The state file of the simulated system; made where it is missing, and emptied for each case.
    [Parameter(Mandatory)][string]$SimulatorState,
    # Absolute path of node; default: the module finds it, and the tests' own tool uses PATH.
    [string]$NodePath,
    # The script that turns the simulator's knobs; needs koffi.
    [string]$KnobPath = (Join-Path $PSScriptRoot 'portsim-knob.mjs'),
    # Only cases whose name is like this.
    [string]$Filter = '*'
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$script:Cases = [System.Collections.Generic.List[object]]::new()

function Test {
    param([Parameter(Mandatory)][string]$Name, [Parameter(Mandatory)][scriptblock]$Body)
    $script:Cases.Add([pscustomobject]@{ Name = $Name; Body = $Body })
}

function Write-Outcome {
    param([string]$Name, [string]$Outcome, [string]$Message, [long]$Milliseconds)
    $line = ConvertTo-Json -Compress -InputObject ([ordered]@{ name = $Name; outcome = $Outcome; message = $Message; ms = $Milliseconds })
    # As escapes: the console's code page must not decide what arrives.
    $line = [regex]::Replace($line, '[^\x20-\x7e]', { param($match) '\u{0:x4}' -f [int][char]$match.Value })
    [Console]::Out.WriteLine($line)
}

. (Join-Path $PSScriptRoot 'helpers.ps1')

$failed = 0
try {
    Start-Knob
    Import-TestModule
    foreach ($file in Get-ChildItem -LiteralPath $PSScriptRoot -Filter '*.Tests.ps1' | Sort-Object Name) { . $file.FullName }
} catch {
    [Console]::Error.WriteLine("runner: $_`n$($_.ScriptStackTrace)")
    exit 2
}

try {
    foreach ($case in $script:Cases) {
        if ($case.Name -notlike $Filter) { continue }
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $outcome = 'ok'
        $message = ''
        try {
            Reset-Simulator
            $null = & $case.Body
        } catch {
            $message = "$($_.Exception.Message)`n$($_.ScriptStackTrace)"
            if ($_.Exception.Message.StartsWith('SKIP: ')) { $outcome = 'skipped'; $message = $_.Exception.Message.Substring(6) }
            else { $outcome = 'failed'; $failed++ }
        }
        Write-Outcome $case.Name $outcome $message $clock.ElapsedMilliseconds
    }
} finally {
    Stop-Everything
}
exit $(if ($failed -gt 0) { 1 } else { 0 })
