# Starts the host, for the first cmdlet that needs it.

# Node.js starts quickly, but not on a cold disk with a virus scanner.
$script:StartLimit = 30000

function Start-HostProcess {
    # Starts and initializes the host. A failure here ends the cmdlet: every other object would fail the same way.
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
                ',"client":{"name":"PortReservation","version":"' + $version + '"},"language":"' + (Get-Language) + '","surface":"powershell"}}' + "`n"
            Send-HostLine $connection $line
            # PowerShell's own preparations, while Node.js starts.
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
            # The protocol of another release may differ.
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
    # The host runs, but could not be initialized. Its error says why, for example a state file it cannot use.
    $reason = if ($answer.error.PSObject.Properties['data']) { $answer.error.data.reason } else { 'HostUnavailable' }
    $advice = if ($answer.error.PSObject.Properties['data']) { $answer.error.data.advice } else { Get-Message HostStartAdvice }
    $Cmdlet.ThrowTerminatingError((New-ReservationError $reason $answer.error.message $advice $null))
}

function New-HostConnection {
    # A process with three pipes, its own environment and no shell.
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
    # The current folder may be on a share, belong to another user, or be about to be deleted.
    $systemFolder = [System.Environment]::SystemDirectory
    $start.WorkingDirectory = if ($systemFolder) { $systemFolder } else { '/' }
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $start.StandardOutputEncoding = [System.Text.UTF8Encoding]::new($false)
    $start.StandardErrorEncoding = [System.Text.UTF8Encoding]::new($false)
    # An elevated console inherits variables that an unelevated process can write, so none is passed on: no NODE_OPTIONS, no PATH.
    # The first look at it fails where two names differ only in case; the second does not.
    try { $null = $start.EnvironmentVariables } catch { $null = $_ }
    $start.EnvironmentVariables.Clear()
    $windowsFolder = [System.Environment]::GetFolderPath('Windows')
    if ($windowsFolder) {
        # Winsock and the cryptography of Node.js do not load without them.
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
        # Read continuously: a full pipe would block the host.
        Errors    = $process.StandardError.ReadToEndAsync()
        Pending   = $null
        NextId    = 2
        Busy      = $false
        # Whether a request is under way that must not be left half done: winnat stopped, or one dynamic range changed.
        MustFinish = $false
        Runspace  = $null
        Handler   = $null
        # Number in the host -> record of an open bind; see Binds.ps1.
        Binds     = [System.Collections.Generic.Dictionary[long, object]]::new()
    }
}

function Start-WithPlainInput {
    # .NET Framework writes a byte order mark to the child's input at Start if the console's code page is 65001.
    param([System.Diagnostics.ProcessStartInfo]$Start)

    if ($PSVersionTable.PSEdition -ne 'Desktop') { return [System.Diagnostics.Process]::Start($Start) }
    $encoding = $null
    try {
        $encoding = [System.Console]::InputEncoding
        [System.Console]::InputEncoding = [System.Text.UTF8Encoding]::new($false)
    } catch {
        # Without a console there is no code page; the host skips the mark anyway.
        $encoding = $null
    }
    try {
        [System.Diagnostics.Process]::Start($Start)
    } finally {
        if ($null -ne $encoding) { [System.Console]::InputEncoding = $encoding }
    }
}

function Get-HostDiagnosis {
    # Ends a host that failed, and returns the end of its stderr.
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
