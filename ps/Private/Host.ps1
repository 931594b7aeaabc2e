# The host: its start, for the first cmdlet that needs it, and its end.

# Node.js starts quickly, but not on a cold disk with a virus scanner.
$script:StartLimit = 30000

function Connect-Host {
    # The connection to a host that has answered the greeting.
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
    # The error of a cmdlet that goes on after its module was removed, or is called by a copy that somebody has kept.
    New-ReservationError 'HostUnavailable' (Get-Message ModuleRemoved) (Get-Message ModuleRemovedAdvice) $null
}

function Open-HostProcess {
    # Starts the host and greets it, but does not wait for its answer. Returns an ErrorRecord, or nothing.
    param($Cmdlet)

    $ErrorActionPreference = 'Stop'
    $connection = $null
    $done = $false
    # Here before it starts: after a stop just behind that, nobody else has it, and it would live on.
    $process = [System.Diagnostics.Process]::new()
    try {
        $connection = New-HostConnection $Cmdlet $process
        $version = [string]$ExecutionContext.SessionState.Module.Version
        Send-Line $connection ('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1,"processId":' + $PID +
            ',"answers":"rows","client":{"name":"PortReservation","version":"' + $version + '"},"language":"' + (Get-Language) + '","surface":"powershell"}}' + "`n")
        Register-RunspaceHandler $connection
        # An action of an event may have started another one meanwhile, which has what it made.
        if ($null -eq $script:Session['Connection']) { $script:Session['Connection'] = $connection } else { Stop-Connection $connection 0 }
        $done = $true
    } catch {
        Hide-Failure $_
        New-ReservationError 'HostUnavailable' (Get-Message HostDidNotStart @($_.Exception.Message)) (Get-Message HostStartAdvice) $null
    } finally {
        # Also after Ctrl+C.
        if (-not $done) {
            if ($null -ne $connection) { Stop-Connection $connection 0 }
            # It may not have started.
            else { try { $process.Kill() } catch { Hide-Failure $_ } finally { $process.Dispose() } }
        }
    }
}

function Open-Host {
    # Has a host that has answered the greeting, or returns an ErrorRecord.
    param($Cmdlet)

    if ($null -eq $script:Session['Connection']) {
        $failure = Open-HostProcess $Cmdlet
        if ($null -ne $failure) { return $failure }
    }
    $connection = $script:Session['Connection']
    if ($connection['Ready']) { return }
    $line = if ($connection['Pending'].Wait($script:StartLimit)) { $connection['Pending'].Result }
    $connection['Pending'] = $null
    $version = [string]$ExecutionContext.SessionState.Module.Version
    # The answer of a host of this release: no other may be asked for anything.
    if ($line -ceq "a1`ts`t$version") {
        $connection['Ready'] = $true
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
    # For what keeps it from starting, before it can be greeted.
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
        # Of the call under way: set in the statement that writes its line.
        Writing    = $null
        # Whether the answer to a request outside of a call was not read.
        Unread     = $false
        # Whether the greeting is answered.
        Ready      = $false
        NextId     = 2
        Busy       = $false
        # Whether a request is under way that must not be left half done: winnat stopped, or one dynamic range changed.
        MustFinish = $false
        Runspace   = $null
        Handler    = $null
        # Number in the host -> record of an open bind; see Binds.ps1.
        Binds      = @{}
    }
}

function Start-WithPlainInput {
    # Starts a process, and gives the writer to its input: of ASCII, which a console's code page need not have in it.
    param([System.Diagnostics.Process]$Process)

    $encoding = $Process.StartInfo.StandardErrorEncoding
    if ($PSVersionTable.PSEdition -ne 'Desktop') {
        $Process.StartInfo.StandardInputEncoding = $encoding
        $null = $Process.Start()
        return $Process.StandardInput
    }
    # The writer of .NET Framework has the console's code page; with 65001 it begins with a byte order mark, which the host skips. To change that
    # for the time of the start would lose what a script has not read yet of [Console]::In, and two runspaces could leave it changed.
    $null = $Process.Start()
    $writer = [System.IO.StreamWriter]::new($Process.StandardInput.BaseStream, $encoding, 4096)
    $writer.AutoFlush = $true
    $writer
}

function Send-Line {
    # Writes a line, which is ASCII, and begins to wait for the answer. Only the next one waits for the writing: to a host that has ended
    # it fails, and then no answer comes.
    param($Connection, $Line)

    $Connection['Writing'] = $Connection['Input'].WriteAsync($Line)
    $Connection['Pending'] = $Connection['Output'].ReadLineAsync()
}

function Wait-HostAnswer {
    # Waits for a line. False: the host ended, or did not answer within the limit (0: no limit). Call: whose progress a long wait
    # shows.
    param($Connection, $Task, $Limit, $Call)

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    # Short waits, because PowerShell handles Ctrl+C between statements, not inside one.
    while (-not $Task.Wait(50)) {
        if ($Limit -gt 0 -and $clock.ElapsedMilliseconds -gt $Limit) { return $false }
        # Its end closes the pipe, unless a child process still holds the other end.
        if ($Connection['Process'].HasExited -and -not $Task.Wait(500)) { return $false }
        if ($Call['Activity'] -and -not $Call['Shown'] -and $Call['Clock'].ElapsedMilliseconds -gt $script:ProgressDelay) {
            # With the preference 'Stop' it fails. That must not lose the answer: it fails again after it.
            try { Show-Progress $Call } catch { Hide-Failure $_ }
        }
    }
    $true
}

function Get-HostDiagnosis {
    # Ends a host that failed, and returns the end of its stderr.
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
    # Closes the host's stdin, which ends it, waits, and kills it if it has not ended. May be called again.
    param($Connection, [int]$Wait)

    if ([object]::ReferenceEquals($script:Session['Connection'], $Connection)) { $script:Session['Connection'] = $null }
    if ($null -ne $Connection['Handler']) { $Connection['Runspace'].remove_StateChanged($Connection['Handler']) }
    # Closing the pipe of one that has ended would be an exception, in the caller's -ErrorVariable too; so would closing the writer, which
    # writes once more what was not read, of one that is about to.
    try { if (-not $Connection['Process'].HasExited) { $Connection['Input'].BaseStream.Close() } } catch { Hide-Failure $_ }
    try {
        # A host that has stopped winnat ends when winnat runs again; killed, it would leave the service stopped.
        if (-not $Connection['Process'].WaitForExit($Wait) -and -not $Connection['MustFinish']) {
            $Connection['Process'].Kill()
            $null = $Connection['Process'].WaitForExit(1000)
        }
        # Its stderr can still be read. The process object must not be used again; the session no longer has this connection.
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
    # A session that ends does not remove its modules; the host ends all the same, but what it holds shall be gone before. Plain
    # .NET only: the action runs outside this module.
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
    # Closing a runspace of [powershell]::Create(), a thread job or ForEach-Object -Parallel raises no Exiting event, because
    # its PowerShell process goes on. No script block can run in it any more, so the handler, which closes the host's stdin,
    # is a compiled .NET expression. An open runspace changes state only by closing.
    param($Connection)

    # The first runspace of a console ends with its process, and compiling the expression would take a tenth of the first cmdlet.
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
