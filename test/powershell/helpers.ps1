# What the cases share: assertions, the simulator's knobs, and other PowerShells. Everything started here is ended by
# Stop-Everything.

$script:Knob = $null
$script:Folders = [System.Collections.Generic.List[string]]::new()
$script:IsOnWindows = [System.Environment]::OSVersion.Platform -eq 'Win32NT'
$script:Shell = (Get-Process -Id $PID).Path
# PowerShell as a tool of .NET is a program that dotnet runs.
$script:ShellProgram = if ([System.IO.Path]::GetFileNameWithoutExtension($script:Shell) -eq 'dotnet') { '"{0}" ' -f (Join-Path $PSHOME 'pwsh.dll') } else { '' }
$script:TestOptions = @{ Simulator = $Simulator; SimulatorState = $SimulatorState }
if ($NodePath) { $script:TestOptions.NodePath = $NodePath }

function Import-TestModule {
    # -Force replaces only a module of the same path.
    param([string]$Path = $ModulePath, [hashtable]$Options = $script:TestOptions)
    Remove-Module PortReservation -ErrorAction Ignore
    Import-Module $Path -Global -ArgumentList $Options
}

function Skip { param([string]$Reason) throw "SKIP: $Reason" }

function Assert-True {
    param($Value, [string]$What = 'the condition')
    if (-not $Value) { throw "$What does not hold" }
}

function Assert-Equal {
    param($Actual, $Expected, [string]$What = 'the value')
    # Lists are compared as text, and null is told from an empty string.
    $shown = foreach ($value in $Actual, $Expected) {
        if ($null -eq $value) { '(null)' } else { (@($value) | ForEach-Object { if ($null -eq $_) { '(null)' } else { "$_" } }) -join ', ' }
    }
    if ($shown[0] -cne $shown[1]) { throw "$What is '$($shown[0])' and should be '$($shown[1])'" }
}

function Assert-Match {
    param([string]$Actual, [string]$Pattern, [string]$What = 'the text')
    if ($Actual -notmatch $Pattern) { throw "$What does not match '$Pattern': $Actual" }
}

function Get-Failure {
    # The one non-terminating error of a script block that outputs nothing.
    param([scriptblock]$Body)
    # The cmdlets obey the caller's preference, which is 'Stop' elsewhere in these files.
    $ErrorActionPreference = 'Continue'
    $found = @(& $Body 2>&1)
    $failures = @($found | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
    if ($failures.Count -ne 1 -or $found.Count -ne 1) { throw "one error was expected, and there were $($failures.Count), and $($found.Count - $failures.Count) objects: $found" }
    $failures[0]
}

function Get-TerminatingFailure {
    param([scriptblock]$Body)
    try { $null = & $Body } catch { return $_ }
    throw 'an error was expected, and there was none'
}

function Assert-Failure {
    # Every column of the table of errors.
    param($Record, [string]$Reason, [string]$Category, [string]$Cmdlet, $NativeCode, $NativeName)
    Assert-Equal $Record.FullyQualifiedErrorId "$Reason,$Cmdlet" 'FullyQualifiedErrorId'
    Assert-Equal "$($Record.CategoryInfo.Category)" $Category 'the category'
    Assert-Equal $Record.Exception.NativeErrorCode $NativeCode 'NativeErrorCode'
    Assert-Equal $Record.Exception.NativeErrorName $NativeName 'NativeErrorName'
    Assert-True ($Record.ErrorDetails.RecommendedAction.Length -gt 20) 'a recommended action'
    Assert-True ($Record.Exception.Message.Length -gt 40) 'a message that says what to do'
    Assert-Equal $Record.ErrorDetails.Message $Record.Exception.Message 'the message shown'
}

function Wait-Until {
    # Polls for what no event tells. Generous: it only has to tell "slow" from "never".
    param([scriptblock]$Condition, [string]$What, [int]$Seconds = 30)
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($clock.Elapsed.TotalSeconds -gt $Seconds) { throw "$What did not happen within $Seconds s" }
        Start-Sleep -Milliseconds 20
    }
}

function Start-Knob {
    $node = if ($NodePath) { $NodePath } else { @(Get-Command node -CommandType Application)[0].Path }
    $start = [System.Diagnostics.ProcessStartInfo]::new($node, "`"$KnobPath`" `"$Simulator`" `"$SimulatorState`"")
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $script:Knob = [System.Diagnostics.Process]::Start($start)
    Assert-Equal $script:Knob.StandardOutput.ReadLine() 'ready' 'the knob tool'
}

function Get-Knob {
    # Get-Knob winnat_state: what portsim_winnat_state() gives.
    param([Parameter(Mandatory)][string]$Name, [Parameter(ValueFromRemainingArguments)][object[]]$Values = @())
    $script:Knob.StandardInput.WriteLine((ConvertTo-Json -Compress -InputObject @(@("portsim_$Name") + $Values)))
    $script:Knob.StandardOutput.ReadLine()
}

function Set-Knob {
    # Set-Knob set_elevated 0: calls portsim_set_elevated(0), and expects that it succeeds.
    param([Parameter(Mandatory)][string]$Name, [Parameter(ValueFromRemainingArguments)][object[]]$Values = @())
    Assert-Equal (Get-Knob $Name @Values) '0' "portsim_$Name $Values"
}

function Reset-Simulator {
    # A simulated system as new, and no host: what a case leaves behind is no other case's.
    $session = Get-ModuleSession
    if ($null -eq $session) { Import-TestModule }
    else { & (Get-Module PortReservation) { Stop-HostProcess } }
    Set-Knob reset
}

function Get-ModuleSession {
    # The module's own state, for what cannot be seen from outside.
    $module = Get-Module PortReservation
    if ($null -ne $module) { & $module { $script:Session } }
}

function New-TestFolder {
    param([string]$Name = 'test')
    $folder = Join-Path ([System.IO.Path]::GetTempPath()) "pr-$([System.IO.Path]::GetRandomFileName())"
    $null = New-Item -ItemType Directory -Path $folder
    $script:Folders.Add($folder)
    $path = Join-Path $folder $Name
    $null = New-Item -ItemType Directory -Path $path
    $path
}

function Copy-Module {
    # The module in another folder, with the host's program beside it; of what is large a link is enough.
    param([string]$Folder)
    $root = Split-Path $ModulePath
    $names = if (Test-Path (Join-Path $root 'ps')) { 'PortReservation.psd1', 'ps', 'dist/port-reservation-host.js', 'package.json', 'node_modules/koffi', 'node_modules/@koromix' }
    else { 'bin/port-reservation-host.js', 'bin/package.json', 'bin/node_modules' + (Get-ChildItem $root -Exclude bin, docs, Examples | ForEach-Object { $_.Name }) }
    foreach ($name in $names) {
        $source = Join-Path $root $name
        $target = Join-Path $Folder $name
        $null = New-Item -ItemType Directory -Path (Split-Path $target) -Force
        if ($name -like '*node_modules*' -and -not $script:IsOnWindows) { $null = New-Item -ItemType SymbolicLink -Path $target -Value $source }
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
    $start = [System.Diagnostics.ProcessStartInfo]::new($script:Shell, "$script:ShellProgram-NoProfile -NonInteractive -EncodedCommand $encoded")
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
        if (-not $process.WaitForExit(60000)) { throw 'the other PowerShell does not end' }
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
    $options = foreach ($name in $script:TestOptions.Keys) { "$name = '" + $script:TestOptions[$name].Replace("'", "''") + "'" }
    "Import-Module '" + $Path.Replace("'", "''") + "' -ArgumentList @{ " + ($options -join '; ') + ' };'
}

function Remove-PowerShell {
    # Ends a PowerShell of this process, and first the host that the module has in it.
    param([powershell]$Shell)

    $Shell.Commands.Clear()
    $null = $Shell.AddScript('Remove-Module PortReservation').Invoke()
    $Shell.Dispose()
}

function Stop-Everything {
    Remove-Module PortReservation -ErrorAction Ignore
    if ($null -ne $script:Knob) {
        $script:Knob.StandardInput.Close()
        if (-not $script:Knob.WaitForExit(5000)) { $script:Knob.Kill() }
    }
    foreach ($folder in $script:Folders) { Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction Ignore }
}
