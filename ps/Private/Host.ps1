# The host process: started for the first cmdlet that needs it, and ended with the module or the session.

# Milliseconds. Node.js starts quickly, but not from a cold disk behind a virus scanner.
$script:StartLimit = 30000

function Connect-Host {
    # Returns the connection to a host that has answered the greeting; starts one if there is none.
    param($Cmdlet)

    $connection = $script:Session['Connection']
    if ($null -ne $connection) {
        if ($connection['Busy']) { $Cmdlet.ThrowTerminatingError((New-BusyFault)) }
        if ($connection['Ready']) { return $connection }
    }
    $failure = if ($script:Session['Removed']) { New-RemovedFault } else { Open-Host $Cmdlet }
    if ($null -ne $failure) { $Cmdlet.ThrowTerminatingError($failure) }
    $script:Session['Connection']
}

function New-RemovedFault {
    # The error of a cmdlet that still runs after its module was removed, or that somebody has kept and calls then.
    New-ReservationError 'HostUnavailable' (Get-Message ModuleRemoved) (Get-Message ModuleRemovedAdvice) $null
}

function Open-HostProcess {
    # Starts the host and greets it, but does not wait for its answer. Returns an ErrorRecord, or nothing.
    param($Cmdlet)

    $ErrorActionPreference = 'Stop'
    $connection = $null
    $done = $false
    # Made before it starts: a stop just after the start would otherwise leave a process that nobody can end.
    $process = [System.Diagnostics.Process]::new()
    try {
        $connection = New-HostConnection $Cmdlet $process
        $version = [string]$ExecutionContext.SessionState.Module.Version
        Send-Line $connection ('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1,"processId":' + $PID +
            ',"answers":"rows","client":{"name":"PortReservation","version":"' + $version + '"},"language":"' + (Get-Language) + '","surface":"powershell"}}' + "`n")
        Register-RunspaceHandler $connection
        # The action of an event may have started another host meanwhile, which holds what that action made.
        if ($null -eq $script:Session['Connection']) { $script:Session['Connection'] = $connection } else { Stop-Connection $connection 0 }
        $done = $true
    } catch {
        Hide-Failure $_
        New-ReservationError 'HostUnavailable' (Get-Message HostDidNotStart @($_.Exception.Message)) (Get-Message HostStartAdvice) $null
    } finally {
        # Also after Ctrl+C.
        if (-not $done) {
            if ($null -ne $connection) { Stop-Connection $connection 0 }
            # Kill throws if it has not started.
            else { try { $process.Kill() } catch { Hide-Failure $_ } finally { $process.Dispose() } }
        }
    }
}

function Open-Host {
    # Starts a host if there is none, and waits until it has answered the greeting. Returns an ErrorRecord, or nothing.
    param($Cmdlet)

    if ($null -eq $script:Session['Connection']) {
        $failure = Open-HostProcess $Cmdlet
        if ($null -ne $failure) { return $failure }
    }
    $connection = $script:Session['Connection']
    # Kept until it is known to be ready: after a stop, the next cmdlet waits for the same answer, and the action of an event may do so now.
    $task = $connection['Pending']
    if ($connection['Ready']) { return }
    $line = if ($task.Wait(50) -or (Wait-HostAnswer $connection $task $script:StartLimit @{ Activity = '' })) { $task.Result }
    $version = [string]$ExecutionContext.SessionState.Module.Version
    # What a host of this very release answers. No other is asked for anything.
    if ($line -ceq "a1`ts`t$version") {
        $connection['Ready'], $connection['Pending'] = $true, $null
        return
    }
    $answer = if ($null -ne $line) { Read-Answer $line 1 1 }
    if ($null -eq $answer) {
        $failure = Get-Message HostDidNotStart @((Get-HostDiagnosis $connection))
        return New-ReservationError 'HostUnavailable' $failure (Get-Message HostStartAdvice) $null
    }
    Stop-Connection $connection 0
    $answer = $answer[0][1]
    if ($answer -isnot [hashtable]) {
        $message = Get-Message HostVersion @($connection['Script'], $answer, $version)
        return New-ReservationError 'HostUnavailable' $message (Get-Message HostStartAdvice) $null
    }
    # The host runs, but could not be initialized. Its error says why, for example a state file it cannot use.
    $reason = if ($answer.Reason) { $answer.Reason } else { 'HostUnavailable' }
    $advice = if ($answer.Advice) { $answer.Advice } else { Get-Message HostStartAdvice }
    New-ReservationError $reason $answer.Message $advice $null
}

function New-HostConnection {
    # Starts the process with three pipes, its own environment and no shell.
    param($Cmdlet, [System.Diagnostics.Process]$Process)

    $node = Find-Node
    $hostScript = Find-HostScript
    # The language is also a parameter, for an error that comes before the greeting.
    $arguments = @($hostScript, '--language', (Get-Language))
    if ($script:Session['Simulator']) { $arguments += '--simulator', $script:Session['Simulator'], '--simulator-state', $script:Session['SimulatorState'] }
    $systemFolder = [System.Environment]::SystemDirectory
    $Process.StartInfo = $start = [System.Diagnostics.ProcessStartInfo]@{
        FileName               = $node
        Arguments              = ConvertTo-NativeArgument $arguments
        UseShellExecute        = $false
        CreateNoWindow         = $true
        # The current folder may be on a share, belong to another user, or be about to be deleted.
        WorkingDirectory       = if ($systemFolder) { $systemFolder } else { '/' }
        RedirectStandardInput  = $true
        RedirectStandardOutput = $true
        RedirectStandardError  = $true
        StandardOutputEncoding = [System.Text.UTF8Encoding]::new($false)
        StandardErrorEncoding  = [System.Text.UTF8Encoding]::new($false)
    }
    # An elevated console inherits variables that an unelevated process can write, so none is passed on: no NODE_OPTIONS, no PATH.
    # The first look at it fails where two names differ only in case; the second does not.
    try { $null = $start.EnvironmentVariables } catch { Hide-Failure $_ }
    $start.EnvironmentVariables.Clear()
    if ($systemFolder) {
        # Winsock and the cryptography of Node.js do not load without them.
        $windowsFolder = [System.IO.Path]::GetDirectoryName($systemFolder)
        $start.EnvironmentVariables['SystemRoot'] = $windowsFolder
        $start.EnvironmentVariables['windir'] = $windowsFolder
    }
    if ($Cmdlet.MyInvocation.BoundParameters['Verbose'] -or $Cmdlet.SessionState.PSVariable.GetValue('VerbosePreference') -ne 'SilentlyContinue') {
        $Cmdlet.WriteVerbose((Get-Message HostStarting @($node, $hostScript)))
    }
    $writer = Start-WithPlainInput $Process
    @{
        Process    = $Process
        ProcessId  = [int]$Process.Id
        Script     = $hostScript
        Input      = $writer
        Output     = $Process.StandardOutput
        # Read continuously: a full pipe would block the host.
        Errors     = $Process.StandardError.ReadToEndAsync()
        # The answer that is waited for.
        Pending    = $null
        # The task that writes the last line. Set in the statement that begins to write, so that a stop knows whether it was sent.
        Writing    = $null
        # Whether the answer to a request of Invoke-Request is still to be read.
        Unread     = $false
        # Whether the greeting is answered.
        Ready      = $false
        NextId     = 2
        Busy       = $false
        # Whether a request is under way that must not be interrupted: it would leave winnat stopped, or only one dynamic range changed.
        MustFinish = $false
        Runspace   = $null
        Handler    = $null
        # The host's id of a bind -> the record of the open bind (Binds.ps1).
        Binds      = @{}
    }
}

function Start-WithPlainInput {
    # Starts a process, and returns a writer to its stdin that does not use the console's code page, which need not contain ASCII.
    param([System.Diagnostics.Process]$Process)

    $encoding = $Process.StartInfo.StandardErrorEncoding
    if ($PSVersionTable.PSEdition -ne 'Desktop') {
        $Process.StartInfo.StandardInputEncoding = $encoding
        $null = $Process.Start()
        return $Process.StandardInput
    }
    # .NET Framework can only use the console's code page, so another writer is put on the same pipe. With code page 65001 the first
    # one has written a byte order mark, which the host skips. Changing [Console]::InputEncoding for the start is no way: it would lose
    # what a script has not read yet from [Console]::In, and two runspaces could leave it changed.
    $null = $Process.Start()
    $writer = [System.IO.StreamWriter]::new($Process.StandardInput.BaseStream, $encoding, 4096)
    $writer.AutoFlush = $true
    $writer
}

function Send-Line {
    # Begins to write a line (ASCII) and to read its answer. Nobody waits for the writing but the next request: if the host has ended,
    # the writing fails, and the reading ends without an answer.
    param($Connection, $Line)

    $Connection['Writing'] = $Connection['Input'].WriteAsync($Line)
    $Connection['Pending'] = $Connection['Output'].ReadLineAsync()
}

function Wait-HostAnswer {
    # Waits for the task that reads a line. Returns $false if the host has ended, or the limit (milliseconds, 0 for none) is over. Call:
    # the one whose progress bar a long wait shows.
    param($Connection, $Task, $Limit, $Call)

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    # Short waits, because PowerShell handles Ctrl+C between statements, not inside one.
    while (-not $Task.Wait(50)) {
        if ($Limit -gt 0 -and $clock.ElapsedMilliseconds -gt $Limit) { return $false }
        # The end of the host closes the pipe, and so ends the task, unless a child process still holds the other end.
        if ($Connection['Process'].HasExited -and -not $Task.Wait(500)) { return $false }
        if ($Call['Activity'] -and -not $Call['Shown'] -and $Call['Clock'].ElapsedMilliseconds -gt $script:ProgressDelay) {
            # It throws if $ProgressPreference is Stop. That must not lose the answer; it throws again after that.
            try { Show-Progress $Call } catch { Hide-Failure $_ }
        }
    }
    $true
}

function Get-HostDiagnosis {
    # Ends a host that failed, and returns the last part of what it wrote to stderr.
    param($Connection)

    Stop-Connection $Connection 0
    $text = ''
    try {
        if ($Connection['Errors'].Wait(500)) { $text = $Connection['Errors'].Result.Trim() }
    } catch {
        Hide-Failure $_
        $text = $_.Exception.Message
    }
    if ($text.Length -gt 2000) { $text = '...' + $text.Substring($text.Length - 2000) }
    if ($text) { $text } else { Get-Message HostSaidNothing }
}

function Stop-Connection {
    # Ends the host by closing its stdin, waits (milliseconds), and then kills it. May be called again.
    param($Connection, [int]$Wait)

    if ([object]::ReferenceEquals($script:Session['Connection'], $Connection)) { $script:Session['Connection'] = $null }
    if ($null -ne $Connection['Handler']) { $Connection['Runspace'].remove_StateChanged($Connection['Handler']) }
    # Closing the pipe of a host that has ended would throw, which is seen in the caller's -ErrorVariable. So would closing the writer,
    # because it flushes first, of one that is just ending.
    try { if (-not $Connection['Process'].HasExited) { $Connection['Input'].BaseStream.Close() } } catch { Hide-Failure $_ }
    try {
        # A host that has stopped winnat ends by itself once winnat runs again. Killed, it would leave the service stopped.
        if (-not $Connection['Process'].WaitForExit($Wait) -and -not $Connection['MustFinish']) {
            $Connection['Process'].Kill()
            $null = $Connection['Process'].WaitForExit(1000)
        }
        # What was read of its stderr stays. Nothing uses the process object after this: the session has dropped the connection.
        if ($Connection['Process'].HasExited) { $Connection['Process'].Dispose() }
    } catch {
        # It ended meanwhile, or was ended before.
        Hide-Failure $_
    }
    # Its sockets ended with it.
    foreach ($record in @($Connection['Binds'].Values)) { $record.State = 'Closed' }
}

function Stop-HostProcess {
    # Ends the session's host, and with it every socket and runtime reservation.
    if ($null -ne $script:Session['Connection']) { Stop-Connection $script:Session['Connection'] 700 }
}

function Register-ExitHandler {
    # Ends the host before the session is gone: a session that ends does not remove its modules, and the host would notice only
    # afterwards. The action runs outside this module, so it uses .NET alone.
    if ($null -ne $script:Session['ExitSubscriber'] -or $script:Session['Removed']) { return }
    $action = {
        $connection = $Event.MessageData.Connection
        if ($null -ne $connection) {
            try {
                $connection['Process'].StandardInput.Close()
                if (-not $connection['Process'].WaitForExit(700) -and -not $connection['MustFinish']) { $connection['Process'].Kill() }
            } catch {
                $null = $_
            }
        }
    }
    $script:Session['ExitSubscriber'] = $ExecutionContext.Events.SubscribeEvent(
        $null, $null, [System.Management.Automation.PSEngineEvent]::Exiting, $script:Session, $action, $true, $false)
}

function Register-RunspaceHandler {
    # Closes the host's stdin when the runspace closes. A runspace of [powershell]::Create(), a thread job or ForEach-Object -Parallel
    # raises no Exiting event, because its process goes on; and no script block can run in a closing runspace, so the handler is a
    # compiled .NET expression. An open runspace changes its state only by closing.
    param($Connection)

    # Not for the first runspace of a console, which ends with its process: compiling the expression takes a tenth of the first cmdlet.
    if ($Host.Name -eq 'ConsoleHost' -and $Host.Runspace.Id -eq 1) { return }
    $close = [System.Linq.Expressions.Expression]::Call(
        [System.Linq.Expressions.Expression]::Constant($Connection['Input']), [System.IO.TextWriter].GetMethod('Close'))
    $body = [System.Linq.Expressions.Expression]::TryCatch(
        $close, [System.Linq.Expressions.Expression]::Catch([System.Exception], [System.Linq.Expressions.Expression]::Empty()))
    $parameters = [System.Linq.Expressions.ParameterExpression[]]@(foreach ($type in [object], [System.Management.Automation.Runspaces.RunspaceStateEventArgs]) {
            [System.Linq.Expressions.Expression]::Parameter($type)
        })
    $Connection['Handler'] = [System.Linq.Expressions.Expression]::Lambda(
        [System.EventHandler[System.Management.Automation.Runspaces.RunspaceStateEventArgs]], $body, $parameters).Compile()
    $Connection['Runspace'] = [System.Management.Automation.Runspaces.Runspace]::DefaultRunspace
    $Connection['Runspace'].add_StateChanged($Connection['Handler'])
}
