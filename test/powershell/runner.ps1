# Runs the tests in *.Tests.ps1 by Pester, all in this one PowerShell, which may be Windows PowerShell 5.1.
# Prints a line of JSON with the names of all tests that will run ({ "tests": [...] }), and then one for each test as it ends:
# name, fullName (what -Filter is compared with), outcome (ok, failed, skipped), message, milliseconds.
# Exit codes: 0 all passed or skipped, 1 some failed, 2 the tests cannot be run, 77 there is no Pester.
param(
    [Parameter(Mandatory)][string]$ModulePath,
    [Parameter(Mandatory)][string]$Simulator,
    # The state file of the simulated system; made where it is missing, and emptied for each test.
    [Parameter(Mandatory)][string]$SimulatorState,
    # Absolute path of node; default: the one of PATH.
    [string]$NodePath,
    # The script that turns the simulator's knobs; needs koffi.
    [string]$KnobPath,
    # Path of Pester.psd1; default: the newest that is installed, from 5.5.
    [string]$PesterPath,
    # Only tests whose full name (the names of its blocks and its own, with dots between them) is like this.
    [string]$Filter = '*',
    # Only tests with one of these tags.
    [string[]]$Tag = @()
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Write-Line {
    param([System.Collections.IDictionary]$Value)
    $line = ConvertTo-Json -Compress -InputObject $Value
    # As escapes: the console's code page must not decide what arrives.
    $line = [regex]::Replace($line, '[^\x20-\x7e]', { param($match) '\u{0:x4}' -f [int][char]$match.Value })
    [Console]::Out.WriteLine($line)
}

function Expand-Name {
    # As Pester expands <name> and <_>, which it does not do before the test runs.
    param([string]$Name, $Data)
    [regex]::Replace($Name, '<(\w+)>', {
            param($match)
            $key = $match.Groups[1].Value
            if ($key -eq '_') { "$Data".Trim() } elseif ($Data -is [System.Collections.IDictionary] -and $Data.Contains($key)) { "$($Data[$key])" } else { $match.Value }
        })
}

function Get-TestName {
    param($Test)
    $names = @(Expand-Name $Test.Name $Test.Data)
    for ($block = $Test.Block; -not $block.IsRoot; $block = $block.Parent) { $names = @(Expand-Name $block.Name $block.Data) + $names }
    $names -join '.'
}

function Format-Failure {
    # Pester's message, the line that failed, and the way there without Pester's own functions and this file.
    param([System.Collections.IEnumerable]$Records)
    $texts = foreach ($record in $Records) {
        $record.Exception.Message
        if ($record.FullyQualifiedErrorId -eq 'PesterAssertionFailed') { "at $("$($record.TargetObject.LineText)".Trim()), $($record.TargetObject.File):$($record.TargetObject.Line)" }
        "$($record.ScriptStackTrace)" -split '\r?\n' | Where-Object { $_ -and $_ -notmatch '[\\/](Pester\.psm?1|runner\.ps1): line \d+$' }
    }
    $texts -join "`n"
}

function Write-Outcome {
    param($Test, [string]$Outcome, [string]$Message)
    Write-Line ([ordered]@{ name = Get-TestName $Test; fullName = $Test.Path -join '.'; outcome = $Outcome; message = $Message; ms = [int]$Test.Duration.TotalMilliseconds })
}

# What the steps of the run keep; the tests' own variables are below it.
$RunnerState = @{ Found = @(); Told = [System.Collections.Generic.HashSet[object]]::new() }

function Register-Reporter {
    # Pester tells its results when all is over. Its plug-ins, made for the test runner of VS Code, hear of each test.
    $steps = @{
        Name               = 'Reporter'
        DiscoveryEnd       = {
            param($Context)
            $tests = foreach ($container in $Context.BlockContainers) { Select-Test $container }
            $RunnerState.Found = @($tests | Where-Object ShouldRun)
            Write-Line @{ tests = @($RunnerState.Found | ForEach-Object { Get-TestName $_ }) }
        }
        EachTestTeardownEnd = {
            param($Context)
            $ended = $Context.Test
            $null = $RunnerState.Told.Add($ended)
            if ($ended.Skipped -or $ended.Skip) {
                $reason = @($ended.ErrorRecord | ForEach-Object { "$_" -replace '^is skipped, because ' }) + 'it says so' | Select-Object -First 1
                Write-Outcome $ended skipped $reason
            } elseif ($ended.Passed) {
                Write-Outcome $ended ok ''
            } else {
                Write-Outcome $ended failed (Format-Failure $ended.ErrorRecord)
            }
        }
    }
    & (Get-Module Pester) { param($steps) $script:additionalPlugins = New-PluginObject @steps } $steps
}

function Select-Test {
    param($Block)
    $Block.Tests
    foreach ($inner in $Block.Blocks) { Select-Test $inner }
}

$helpers = Join-Path $PSScriptRoot 'helpers.psm1'
try {
    if (-not $PesterPath) {
        $PesterPath = Get-Module -ListAvailable Pester | Where-Object { $_.Version -ge [version]'5.5' -and $_.Version.Major -eq 5 } | Sort-Object Version | Select-Object -Last 1 -ExpandProperty Path
        if (-not $PesterPath) {
            [Console]::Error.WriteLine('there is no Pester 5.5 or later: NuGet could not give it, and it is not installed')
            exit 77
        }
    }
    Import-Module $PesterPath
    Register-Reporter
    $setting = @{ ModulePath = $ModulePath; Simulator = $Simulator; SimulatorState = $SimulatorState; NodePath = $NodePath; KnobPath = $KnobPath }
    Import-Module $helpers -ArgumentList $setting
    Import-TestModule

    $configuration = New-PesterConfiguration @{
        Run          = @{ Path = $PSScriptRoot; PassThru = $true }
        Filter       = @{ FullName = $Filter; Tag = $Tag }
        Output       = @{ Verbosity = 'None' }
        TestRegistry = @{ Enabled = $false }
    }
    $run = Invoke-Pester -Configuration $configuration
    # What Pester did not come to: the setup of a block around it failed.
    foreach ($test in $RunnerState.Found | Where-Object { -not $RunnerState.Told.Contains($_) }) {
        $records = for ($block = $test.Block; $null -ne $block; $block = $block.Parent) { $block.ErrorRecord }
        Write-Outcome $test failed "it was not run: $(Format-Failure @($records))"
    }
    foreach ($part in @($run.FailedContainers) + @($run.FailedBlocks)) { [Console]::Error.WriteLine("$($part): $(Format-Failure $part.ErrorRecord)") }
} catch {
    [Console]::Error.WriteLine("runner: $_`n$($_.ScriptStackTrace)")
    exit 2
} finally {
    if (Get-Module helpers) { Remove-Module helpers }
}
exit $(if ($run.FailedContainersCount + $run.FailedBlocksCount -gt 0) { 2 } elseif ($run.FailedCount -gt 0) { 1 } else { 0 })
