# Ends the host: with the module, the session, its runspace, or after a failure.

function Stop-Connection {
    # Closes the host's stdin, which ends it, waits, and kills it if it has not ended. May be called again.
    param([object]$Connection, [int]$Wait)

    if ([object]::ReferenceEquals($script:Session.Connection, $Connection)) { $script:Session.Connection = $null }
    if ($null -ne $Connection.Handler) { $Connection.Runspace.remove_StateChanged($Connection.Handler) }
    try { $Connection.Process.StandardInput.Close() } catch { $null = $_ }
    try {
        # A host that has stopped winnat ends when winnat runs again; killed, it would leave the service stopped.
        if (-not $Connection.Process.WaitForExit($Wait) -and -not $Connection.MustFinish) {
            $Connection.Process.Kill()
            $null = $Connection.Process.WaitForExit(1000)
        }
        # Its stderr can still be read. The process object must not be used again; the session no longer has this connection.
        if ($Connection.Process.HasExited) { $Connection.Process.Dispose() }
    } catch {
        # It ended meanwhile, or was ended before.
        $null = $_
    }
}

function Stop-HostProcess {
    # Ends the session's host, and with it every socket and runtime reservation.
    if ($null -ne $script:Session.Connection) { Stop-Connection $script:Session.Connection 700 }
}

function Register-ExitHandler {
    # A session that ends does not remove its modules. Plain .NET only: the action runs outside this module.
    if ($null -ne $script:Session.ExitSubscriber) { return }
    $action = {
        $connection = $Event.MessageData.Connection
        if ($null -ne $connection) {
            try {
                $connection.Process.StandardInput.Close()
                if (-not $connection.Process.WaitForExit(700) -and -not $connection.MustFinish) { $connection.Process.Kill() }
            } catch {
                $null = $_
            }
        }
    }
    $script:Session.ExitSubscriber = $ExecutionContext.Events.SubscribeEvent(
        $null, $null, [System.Management.Automation.PSEngineEvent]::Exiting, $script:Session, $action, $true, $false)
}

function Register-RunspaceHandler {
    # Closing a runspace of [powershell]::Create(), a thread job or ForEach-Object -Parallel raises no Exiting event, because
    # its PowerShell process goes on. No script block can run in it any more, so the handler, which closes the host's stdin,
    # is a compiled .NET expression. An open runspace changes state only by closing.
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
