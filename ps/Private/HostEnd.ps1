# The host's end: with the module, the session, its runspace, or after a failure.

function Stop-Connection {
    # Closes the host's stdin, which ends it, waits that long, and kills it where it stays. May be called again.
    param([object]$Connection, [int]$Wait)

    if ([object]::ReferenceEquals($script:Session.Connection, $Connection)) { $script:Session.Connection = $null }
    if ($null -ne $Connection.Handler) { $Connection.Runspace.remove_StateChanged($Connection.Handler) }
    try { $Connection.Process.StandardInput.Close() } catch { $null = $_ }
    try {
        # One that has stopped winnat ends by itself when winnat runs again; killed, it would leave the service stopped.
        if (-not $Connection.Process.WaitForExit($Wait) -and -not $Connection.InWinNat) {
            $Connection.Process.Kill()
            $null = $Connection.Process.WaitForExit(1000)
        }
        # What it wrote to stderr can be read on. Who asks the process once more gets an exception, and nobody has to: the
        # session has no such connection any more.
        if ($Connection.Process.HasExited) { $Connection.Process.Dispose() }
    } catch {
        # It ended in between, or this was done before.
        $null = $_
    }
}

function Stop-HostProcess {
    # Ends the session's host, and with it every socket and runtime reservation.
    if ($null -ne $script:Session.Connection) { Stop-Connection $script:Session.Connection 700 }
}

function Register-ExitHandler {
    # A session that ends does not remove its modules. Plain .NET only: the action runs outside of this module.
    if ($null -ne $script:Session.ExitSubscriber) { return }
    $action = {
        $connection = $Event.MessageData.Connection
        if ($null -ne $connection) {
            try {
                $connection.Process.StandardInput.Close()
                if (-not $connection.Process.WaitForExit(700) -and -not $connection.InWinNat) { $connection.Process.Kill() }
            } catch {
                $null = $_
            }
        }
    }
    $script:Session.ExitSubscriber = $ExecutionContext.Events.SubscribeEvent(
        $null, $null, [System.Management.Automation.PSEngineEvent]::Exiting, $script:Session, $action, $true, $false)
}

function Register-RunspaceHandler {
    # A runspace that is closed in a PowerShell that goes on raises no Exiting: one of [powershell]::Create(), of a thread job,
    # of ForEach-Object -Parallel. No script block runs in it any more, so the handler, which closes the host's stdin, is an
    # expression that .NET compiles. An open runspace changes its state in no other way than by closing.
    param([object]$Connection)

    $close = [System.Linq.Expressions.Expression]::Call(
        [System.Linq.Expressions.Expression]::Constant($Connection.Input, [System.IO.Stream]), [System.IO.Stream].GetMethod('Close'))
    $body = [System.Linq.Expressions.Expression]::TryCatch(
        $close, [System.Linq.Expressions.Expression]::Catch([System.Exception], [System.Linq.Expressions.Expression]::Empty()))
    $parameters = [System.Linq.Expressions.ParameterExpression[]]@(foreach ($type in [object], [System.Management.Automation.Runspaces.RunspaceStateEventArgs]) {
            [System.Linq.Expressions.Expression]::Parameter($type)
        })
    $Connection.Handler = [System.Linq.Expressions.Expression]::Lambda(
        [System.EventHandler[System.Management.Automation.Runspaces.RunspaceStateEventArgs]], $body, $parameters).Compile()
    $Connection.Runspace = [System.Management.Automation.Runspaces.Runspace]::DefaultRunspace
    $Connection.Runspace.add_StateChanged($Connection.Handler)
}
