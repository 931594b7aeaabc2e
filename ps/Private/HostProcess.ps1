# The host's beginning: it is started by the first cmdlet that needs it.

# Node.js starts in a moment, but not on a cold disk with a virus scanner.
$script:StartLimit = 30000

function Start-HostProcess {
    # Starts the host and greets it. What goes wrong here ends the cmdlet: every other item would fail the same way.
    param([System.Management.Automation.PSCmdlet]$Cmdlet)

    $ErrorActionPreference = 'Stop'
    $connection = $null
    $failure = $null
    $ready = $false
    try {
        try {
            $connection = New-HostConnection $Cmdlet
            $version = [string]$ExecutionContext.SessionState.Module.Version
            $line = '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1,"processId":' + $PID +
                ',"client":{"name":"PortReservation","version":"' + $version + '"}}}' + "`n"
            Send-HostLine $connection $line
            # What PowerShell has to prepare, it does while Node.js starts.
            Register-Type
            Register-RunspaceHandler $connection
            $null = $script:ReservationAnswer.Match('')
            $null = ConvertFrom-Json -InputObject '{}'
            $answer = Receive-HostLine $connection $script:StartLimit
            if ($null -eq $answer) { $failure = Get-Message HostDidNotStart @((Get-HostDiagnosis $connection)) }
            else { $answer = ConvertFrom-Json -InputObject $answer -ErrorAction Stop }
        } catch {
            $failure = Get-Message HostDidNotStart @($_.Exception.Message)
        }
        if ($null -eq $failure -and $null -eq $answer.PSObject.Properties['error']) {
            # Another release may mean something else by the same words.
            if ($answer.result.version -eq $version) { $ready = $true }
            else { $failure = Get-Message HostVersion @($connection.Script, $answer.result.version, $version) }
        }
        if ($ready) {
            $script:Session.Connection = $connection
            Register-ExitHandler
            return $connection
        }
    } finally {
        # Also after Ctrl+C.
        if (-not $ready -and $null -ne $connection) { Stop-Connection $connection 0 }
    }
    if ($null -ne $failure) {
        $Cmdlet.ThrowTerminatingError((New-ReservationError 'HostUnavailable' $failure (Get-Message HostStartAdvice) $null))
    }
    # The host lives but has no reservations to offer: it says why, for example a state file it cannot use.
    $reason = if ($answer.error.PSObject.Properties['data']) { $answer.error.data.reason } else { 'HostUnavailable' }
    $advice = if ($answer.error.PSObject.Properties['data']) { $answer.error.data.advice } else { Get-Message HostStartAdvice }
    $Cmdlet.ThrowTerminatingError((New-ReservationError $reason $answer.error.message $advice $null))
}

function New-HostConnection {
    # A process with three pipes, an environment of our making and no shell.
    param([System.Management.Automation.PSCmdlet]$Cmdlet)

    $node = Find-Node
    $hostScript = Find-HostScript
    $arguments = @($hostScript)
    if ($script:Session.Simulator) {
        $arguments += '--simulator', $script:Session.Simulator, '--simulator-state', $script:Session.SimulatorState
    }
    $start = [System.Diagnostics.ProcessStartInfo]::new($node, (ConvertTo-NativeArgument $arguments))
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    # The current folder may be a share, a folder of someone else, or one that the user wants to delete.
    $start.WorkingDirectory = [System.IO.Path]::GetDirectoryName($hostScript)
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.StandardOutputEncoding = [System.Text.UTF8Encoding]::new($false)
    $start.StandardErrorEncoding = [System.Text.UTF8Encoding]::new($false)
    # An elevated console inherits what an unelevated process can write, so nothing is passed on: no NODE_OPTIONS, no PATH.
    $start.EnvironmentVariables.Clear()
    $windowsFolder = [System.Environment]::GetFolderPath('Windows')
    if ($windowsFolder) {
        # Winsock and the cryptography in Node.js do not load without them.
        $start.EnvironmentVariables['SystemRoot'] = $windowsFolder
        $start.EnvironmentVariables['windir'] = $windowsFolder
    }
    $Cmdlet.WriteVerbose((Get-Message HostStarting @($node, $hostScript)))
    $process = Start-WithPlainInput $start
    [pscustomobject]@{
        Process   = $process
        ProcessId = [int]$process.Id
        Script    = $hostScript
        Input     = $process.StandardInput.BaseStream
        Output    = $process.StandardOutput
        # Read all the time: a full pipe would stop the host.
        Errors    = $process.StandardError.ReadToEndAsync()
        Pending   = $null
        NextId    = 2
        Busy      = $false
        # Whether a request is under way that stops the service winnat for a while.
        InWinNat  = $false
        Runspace  = $null
        Handler   = $null
        # Number in the host -> record of an open bind; see Binds.ps1.
        Binds     = [System.Collections.Generic.Dictionary[long, object]]::new()
    }
}

function Start-WithPlainInput {
    # .NET Framework writes a byte order mark to the child's input at Start where the console's code page is 65001.
    param([System.Diagnostics.ProcessStartInfo]$Start)

    if ($PSVersionTable.PSEdition -ne 'Desktop') { return [System.Diagnostics.Process]::Start($Start) }
    $encoding = $null
    try {
        $encoding = [System.Console]::InputEncoding
        [System.Console]::InputEncoding = [System.Text.UTF8Encoding]::new($false)
    } catch {
        # Without a console there is no code page either; the host skips a mark anyway.
        $encoding = $null
    }
    try {
        [System.Diagnostics.Process]::Start($Start)
    } finally {
        if ($null -ne $encoding) { [System.Console]::InputEncoding = $encoding }
    }
}

function Get-HostDiagnosis {
    # Ends a host that failed, and gives the end of what it wrote to stderr.
    param([object]$Connection)

    Stop-Connection $Connection 0
    $text = ''
    try {
        if ($Connection.Errors.Wait(500)) { $text = $Connection.Errors.Result.Trim() }
    } catch {
        $text = $_.Exception.Message
    }
    if ($text.Length -gt 2000) { $text = '...' + $text.Substring($text.Length - 2000) }
    if ($text) { $text } else { Get-Message HostSaidNothing }
}
