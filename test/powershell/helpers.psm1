# What the tests share: the module under test on a simulated system, the simulator's knobs, other PowerShells, and two
# operators of Should. Everything started here is ended when this module is removed.
param(
    # ModulePath, Simulator, SimulatorState, NodePath and KnobPath, as runner.ps1 gives them. What is missing is the clone's, so
    # that Invoke-Pester runs a file of tests by itself (after npm run build:simulator).
    [hashtable]$Setting = @{}
)

Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

$IsOnWindows = [System.Environment]::OSVersion.Platform -eq 'Win32NT'
$ClonePath = Split-Path (Split-Path $PSScriptRoot)
$Folders = [System.Collections.Generic.List[string]]::new()
$Knob = $null
$Shell = (Get-Process -Id $PID).Path
# PowerShell as a tool of .NET is a program that dotnet runs.
$ShellProgram = if ([System.IO.Path]::GetFileNameWithoutExtension($Shell) -eq 'dotnet') { '"{0}" ' -f (Join-Path $PSHOME 'pwsh.dll') } else { '' }

function New-TestFolder {
    # An empty folder that is removed at the end.
    param([string]$Name = 'test')
    $folder = Join-Path ([System.IO.Path]::GetTempPath()) "pr-$([System.IO.Path]::GetRandomFileName())"
    $null = New-Item -ItemType Directory -Path $folder
    $script:Folders.Add($folder)
    $path = Join-Path $folder $Name
    $null = New-Item -ItemType Directory -Path $path
    $path
}

$default = @{
    ModulePath     = { Join-Path $ClonePath 'PortReservation.psd1' }
    Simulator      = { (Get-ChildItem (Join-Path $ClonePath 'build/simulator') -Filter 'portsim.*' | Where-Object Extension -in '.so', '.dylib', '.dll' | Select-Object -First 1).FullName }
    SimulatorState = { Join-Path (New-TestFolder) 'state' }
    NodePath       = { @(Get-Command node -CommandType Application)[0].Path }
    KnobPath       = { Join-Path $PSScriptRoot 'portsim-knob.mjs' }
}
$given = @{}
foreach ($name in $default.Keys) { $given[$name] = if ($Setting[$name]) { $Setting[$name] } else { & $default[$name] } }
$ModulePath = $given.ModulePath
$TestOptions = @{ Simulator = $given.Simulator; SimulatorState = $given.SimulatorState; NodePath = $given.NodePath }

function Import-TestModule {
    # -Force replaces only a module of the same path.
    param([string]$Path = $ModulePath, [hashtable]$Options = $TestOptions)
    Remove-Module PortReservation -ErrorAction Ignore
    Import-Module $Path -Global -ArgumentList $Options
}

function Wait-Until {
    # Polls for what no event tells. Generous: it only has to tell "slow" from "never".
    param([scriptblock]$Condition, [string]$What, [int]$Seconds = 100)
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($clock.Elapsed.TotalSeconds -gt $Seconds) { throw "$What did not happen within $Seconds s" }
        Start-Sleep -Milliseconds 20
    }
}

function Start-Knob {
    $start = [System.Diagnostics.ProcessStartInfo]::new($TestOptions.NodePath, "`"$($given.KnobPath)`" `"$($TestOptions.Simulator)`" `"$($TestOptions.SimulatorState)`"")
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $script:Knob = [System.Diagnostics.Process]::Start($start)
    $said = $script:Knob.StandardOutput.ReadLine()
    if ($said -ne 'ready') { throw "the knob tool says '$said'" }
}

function Get-Knob {
    # Get-Knob winnat_state: what portsim_winnat_state() gives.
    param([Parameter(Mandatory)][string]$Name, [Parameter(ValueFromRemainingArguments)][object[]]$Values = @())
    if ($null -eq $script:Knob) { Start-Knob }
    $script:Knob.StandardInput.WriteLine((ConvertTo-Json -Compress -InputObject @(@("portsim_$Name") + $Values)))
    $script:Knob.StandardOutput.ReadLine()
}

function Set-Knob {
    # Set-Knob set_elevated 0: calls portsim_set_elevated(0), and expects that it succeeds.
    param([Parameter(Mandatory)][string]$Name, [Parameter(ValueFromRemainingArguments)][object[]]$Values = @())
    $said = Get-Knob $Name @Values
    if ($said -ne '0') { throw "portsim_$Name $Values gave '$said'" }
}

# Whether the last test promised to leave nothing in the host.
$script:HostIsEmpty = $false

function Reset-Simulator {
    # A simulated system as new, no host, and the module as the tests were given it: what a test leaves behind is no other test's.
    # -KeepHost is for tests that leave nothing in the host, neither a reservation nor a bind: its start takes longer than most of
    # them. The host of a test without it is not kept.
    param([switch]$KeepHost)
    if ($null -eq (Get-ModuleSession)) { Import-TestModule }
    elseif (-not $KeepHost -or -not $script:HostIsEmpty) { & (Get-Module PortReservation) { Stop-HostProcess } }
    $script:HostIsEmpty = [bool]$KeepHost
    Set-Knob reset
}

function Get-ModuleSession {
    # The module's own state, for what cannot be seen from outside.
    $module = Get-Module PortReservation
    if ($null -ne $module) { & $module { $script:Session } }
}

function Copy-Module {
    # The module in another folder, with the host's program beside it; of what is large a link is enough. -WithoutParts leaves out
    # the packages that the host loads.
    param([string]$Folder, [switch]$WithoutParts)
    $root = Split-Path $ModulePath
    $names = if (Test-Path (Join-Path $root 'ps')) { 'PortReservation.psd1', 'ps', 'dist/port-reservation-host.cjs', 'dist/port-reservation-host.main.cjs', 'node_modules/@koromix' }
    else { 'bin/port-reservation-host.cjs', 'bin/port-reservation-host.main.cjs', 'bin/node_modules' + (Get-ChildItem $root -Exclude bin, docs, Examples | ForEach-Object { $_.Name }) }
    foreach ($name in $names) {
        if ($WithoutParts -and $name -like '*node_modules*') { continue }
        $source = Join-Path $root $name
        $target = Join-Path $Folder $name
        $null = New-Item -ItemType Directory -Path (Split-Path $target) -Force
        if ($name -like '*node_modules*' -and -not $IsOnWindows) { $null = New-Item -ItemType SymbolicLink -Path $target -Value $source }
        else { Copy-Item -LiteralPath $source -Destination $target -Recurse }
    }
    Join-Path $Folder 'PortReservation.psd1'
}

function Test-ProcessAlive {
    param([int]$Id)
    $null -ne (Get-Process -Id $Id -ErrorAction Ignore)
}

function Start-Shell {
    # Another PowerShell of this kind that runs the script and keeps its input open.
    param([string]$Script)
    $encoded = [Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes('$ProgressPreference = "SilentlyContinue"; ' + $Script))
    $start = [System.Diagnostics.ProcessStartInfo]::new($Shell, "$ShellProgram-NoProfile -NonInteractive -EncodedCommand $encoded")
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    [System.Diagnostics.Process]::Start($start)
}

function Invoke-Shell {
    # What another PowerShell prints, line by line.
    param([string]$Script)
    $process = Start-Shell $Script
    try {
        $process.StandardInput.Close()
        $errors = $process.StandardError.ReadToEndAsync()
        $text = $process.StandardOutput.ReadToEnd()
        if (-not $process.WaitForExit(240000)) { throw 'the other PowerShell does not end' }
        if ($errors.Result) { throw "the other PowerShell wrote to stderr: $($errors.Result)" }
        $text -split '\r?\n' | Where-Object { $_ -ne '' }
    } finally {
        if (-not $process.HasExited) { $process.Kill() }
        $process.Dispose()
    }
}

function Get-ImportLine {
    # The import of the module, as text for another PowerShell.
    param([string]$Path = $ModulePath)
    $options = foreach ($name in $TestOptions.Keys) { "$name = '" + $TestOptions[$name].Replace("'", "''") + "'" }
    "Import-Module '" + $Path.Replace("'", "''") + "' -ArgumentList @{ " + ($options -join '; ') + ' };'
}

function Write-HostLine {
    # Writes a line of the test's own to the host of a connection. .NET takes none while it still writes one of the module's: not even
    # the host's answer to that says that it has finished.
    param($Connection, [string]$Line)
    Wait-Until { $null -eq $Connection.Writing -or $Connection.Writing.IsCompleted } 'the end of the line before'
    $Connection.Input.Write("$Line`n")
    $Connection.Input.Flush()
}

function Start-Script {
    # Runs a script in a PowerShell and returns where its output arrives, and what waits for its end.
    param([powershell]$Shell, [string]$Script)
    $Shell.Commands.Clear()
    $Shell.Streams.ClearStreams()
    $null = $Shell.AddScript($Script)
    $output = [System.Management.Automation.PSDataCollection[psobject]]::new()
    $nothing = [System.Management.Automation.PSDataCollection[psobject]]::new()
    $nothing.Complete()
    @{ Output = $output; Running = $Shell.BeginInvoke($nothing, $output) }
}

function Remove-PowerShell {
    # Ends a PowerShell of this process, and first the host that the module has in it. Also one that a test has left in the middle of a
    # stop: it takes no command until then, and the error of that would hide the test's.
    param([powershell]$Shell)

    if ($Shell.InvocationStateInfo.State -in 'Running', 'Stopping') { $Shell.Stop() }
    $Shell.Commands.Clear()
    $null = $Shell.AddScript('Remove-Module PortReservation').Invoke()
    $Shell.Dispose()
}

function Get-Completion {
    # What Tab offers at the end of a line. Here, because Pester gives each test a $_, and its members would be offered for $_.
    param([string]$Line)
    (TabExpansion2 $Line $Line.Length).CompletionMatches | ForEach-Object CompletionText
}

function Get-WrittenError {
    # The one error that a script block writes, and which does not end it; it gives nothing else.
    param([scriptblock]$ScriptBlock, [System.Management.Automation.SessionState]$SessionState)
    # The cmdlets obey the caller's preference, which is 'Stop' in the tests.
    $before = $SessionState.PSVariable.GetValue('ErrorActionPreference')
    $SessionState.PSVariable.Set('ErrorActionPreference', 'Continue')
    try { $found = @(& $ScriptBlock 2>&1) } finally { $SessionState.PSVariable.Set('ErrorActionPreference', $before) }
    $failures = @($found | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
    if ($failures.Count -ne 1 -or $found.Count -ne 1) { throw "one error was expected, and there were $($failures.Count), and $($found.Count - $failures.Count) objects: $found" }
    $failures[0]
}

function Should-WriteError {
    # { ... } | Should -WriteError -ErrorId 'PortInUse,New-PortReservation' [-PassThru]: the counterpart of -Throw for an error that
    # does not end the script block.
    param($ActualValue, [switch]$Negate, [System.Management.Automation.SessionState]$CallerSessionState, [string]$ErrorId, [string]$Because, [switch]$PassThru)
    if ($Negate) { throw '-WriteError has no -Not: a command that writes an error ends the test' }
    $reason = if ($Because) { " because $Because," }
    try {
        $written = Get-WrittenError $ActualValue $CallerSessionState
    } catch {
        return [pscustomobject]@{ Succeeded = $false; FailureMessage = "Expected an error to be written,$reason but $_" }
    }
    if ($ErrorId -and $written.FullyQualifiedErrorId -ne $ErrorId) {
        return [pscustomobject]@{ Succeeded = $false; FailureMessage = "Expected the error '$ErrorId' to be written,$reason but got '$($written.FullyQualifiedErrorId)': $written" }
    }
    $result = [pscustomobject]@{ Succeeded = $true; FailureMessage = '' }
    if ($PassThru) { $result | Add-Member -NotePropertyName Data -NotePropertyValue $written }
    $result
}

function Should-BeCmdletError {
    # $record | Should -BeCmdletError -ErrorId 'TokenNotValid,Invoke-AssociatedBind' -Category InvalidArgument: every column of the
    # table of errors; without -NativeErrorCode and -NativeErrorName the error has none.
    param($ActualValue, [switch]$Negate, $CallerSessionState, [string]$ErrorId, [string]$Category, $NativeErrorCode, [string]$NativeErrorName, [string]$Because)
    $null = $CallerSessionState
    if ($Negate) { throw '-BeCmdletError has no -Not' }
    $name = if ($NativeErrorName) { $NativeErrorName }
    $columns = [ordered]@{
        FullyQualifiedErrorId = $ActualValue.FullyQualifiedErrorId, $ErrorId
        'the category'        = "$($ActualValue.CategoryInfo.Category)", $Category
        NativeErrorCode       = $ActualValue.Exception.NativeErrorCode, $NativeErrorCode
        NativeErrorName       = $ActualValue.Exception.NativeErrorName, $name
        'the message shown'   = $ActualValue.ErrorDetails.Message, $ActualValue.Exception.Message
    }
    $faults = @(
        foreach ($column in $columns.Keys) {
            $is, $shall = $columns[$column]
            if ($is -cne $shall) { "$column is '$is' and should be '$shall'" }
        }
        if ($ActualValue.ErrorDetails.RecommendedAction.Length -le 20) { 'there is no recommended action' }
        if ($ActualValue.Exception.Message.Length -le 40) { 'the message does not say what to do' }
    )
    $reason = if ($Because) { " because $Because," }
    [pscustomobject]@{ Succeeded = $faults.Count -eq 0; FailureMessage = "Expected the error '$ErrorId',$reason but $($faults -join ', ') in: $ActualValue" }
}

foreach ($name in 'WriteError', 'BeCmdletError') {
    Add-ShouldOperator -Name $name -InternalName "Should-$name" -Test (Get-Item "function:Should-$name").ScriptBlock
}

$MyInvocation.MyCommand.ScriptBlock.Module.OnRemove = {
    Remove-Module PortReservation -ErrorAction Ignore
    if ($null -ne $script:Knob) {
        $script:Knob.StandardInput.Close()
        if (-not $script:Knob.WaitForExit(30000)) { $script:Knob.Kill() }
    }
    foreach ($folder in $script:Folders) { Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction Ignore }
}

Export-ModuleMember -Variable IsOnWindows, ModulePath, TestOptions -Function Copy-Module, Get-Completion, Get-ImportLine, Get-Knob, Get-ModuleSession, Import-TestModule,
    Invoke-Shell, New-TestFolder, Remove-PowerShell, Reset-Simulator, Set-Knob, Start-Script, Start-Shell, Test-ProcessAlive, Wait-Until, Write-HostLine
