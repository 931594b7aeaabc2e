# Requests and answers: one JSON value per line. Every cmdlet uses this code, so it makes few calls and few objects.

# A working host answers within the operation's own time limit; this is the tolerance for a busy machine.
$script:AnswerMargin = 15000
# How long to wait after Ctrl+C for a request to be cancelled, and for one that must start the service winnat again: the host
# allows 30 seconds for the stop and two minutes for the start. Without its answer, every bind of the session would be lost.
$script:CancelLimit = 2000
$script:WinNatLimit = 155000
# The host's default limit for the control codes.
$script:DefaultTimeout = 30000

# An answer, or a batch of answers, that contains only reservations, exactly as the host writes it. One match costs a fraction
# of parsing the JSON into objects; an answer that does not match is parsed.
$script:ReservationAnswer = [regex]::new((
        '\A\[?(?:,?\{"jsonrpc":"2\.0","id":(?<id>\d+),"result":(?:\{"reservations":)?\[?(?:,?' +
        '\{"protocol":"(?<protocol>tcp|udp)","startPort":(?<start>\d{1,5}),"endPort":\d{1,5},"numberOfPorts":(?<count>\d{1,5}),' +
        '"kind":"(?<kind>[a-z]+)"(?:,"token":(?<token>"\d{1,20}"|null)|,"addressFamily":(?<family>"IPv[46]"|null)|' +
        ',"owningProcess":(?<owner>\d{1,10}|null)){3},"store":(?<store>"persistent"|"active"|null)' +
        '(?:,"created":(?<created>true|false))?\})*\]?(?:,"notRead":\[\]\})?\})+\]?\z'), 'CultureInvariant')

function ConvertTo-JsonString {
    # Text as JSON, with an escape for everything that is not plain ASCII.
    param([string]$Text)

    '"' + [regex]::Replace($Text, '[^\x20\x21\x23-\x5b\x5d-\x7e]', { param($Match) '\u{0:x4}' -f [int][char]$Match.Value }) + '"'
}

function Wait-HostAnswer {
    # Waits for a line. False: the host ended, or did not answer within the limit (0: no limit). Queue: whose progress a long
    # wait shows.
    param([object]$Connection, [System.Threading.Tasks.Task]$Task, [long]$Limit, $Queue, $Cmdlet)

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    # Short waits, because PowerShell handles Ctrl+C between statements, not inside one.
    while (-not $Task.Wait(50)) {
        if ($Limit -gt 0 -and $clock.ElapsedMilliseconds -gt $Limit) { return $false }
        # Its end closes the pipe, unless a child process still holds the other end.
        if ($Connection.Process.HasExited -and -not $Task.Wait(500)) { return $false }
        if ($null -ne $Queue -and $Queue.Activity -and -not $Queue.Shown -and $Queue.Began.ElapsedMilliseconds -gt $script:ProgressDelay) {
            # With the preference 'Stop' it fails. That must not lose the answer: it fails again after it.
            try { Show-Progress $Queue $Cmdlet } catch { $null = $_ }
        }
    }
    $true
}

function Send-HostLine {
    # Writes lines that get a one-line answer.
    param([object]$Connection, [string]$Lines)

    $bytes = [System.Text.Encoding]::UTF8.GetBytes($Lines)
    $Connection.Input.Write($bytes, 0, $bytes.Length)
    $Connection.Input.Flush()
    $Connection.Pending = $Connection.Output.ReadLineAsync()
}

function Receive-HostLine {
    # Waits for that line; $null if none came.
    param([object]$Connection, [long]$Limit)

    $task = $Connection.Pending
    if (-not (Wait-HostAnswer $Connection $task $Limit)) { return }
    $Connection.Pending = $null
    $task.Result
}

function Invoke-HostRequest {
    # Sends requests ('"method":...,"params":...' each) and always returns their answers in the same order: if the host dies
    # or does not answer, each answer is the error HostUnavailable. Start-up failures end the cmdlet.
    # With a pattern: returns the match instead of answers, if the whole line matches. Timeout: milliseconds the operation may
    # take, 0 for no limit. Queue: whose progress a long wait shows. Inline and untyped, because each function call costs as
    # much as a message to the host.
    param($Cmdlet, $Requests, $Timeout = $script:DefaultTimeout, $Pattern, $Queue)

    $ErrorActionPreference = 'Stop'
    $connection = $script:Session.Connection
    if ($null -eq $connection) { $connection = Start-HostProcess $Cmdlet }
    # A user's event action can run during a wait.
    if ($connection.Busy) {
        $Cmdlet.ThrowTerminatingError((New-ReservationError 'HostUnavailable' (Get-Message HostBusy) (Get-Message HostBusyAdvice) $null))
    }

    $count = $Requests.Count
    $id = $connection.NextId
    $connection.NextId = $id + $count
    if ($count -eq 1) {
        $lines = '{"jsonrpc":"2.0","id":' + $id + ',' + $Requests[0] + "}`n"
    } else {
        $text = [System.Text.StringBuilder]::new('[', 256 * $count)
        $next = $id
        foreach ($request in $Requests) {
            if ($next -gt $id) { $null = $text.Append(',') }
            $null = $text.Append('{"jsonrpc":"2.0","id":').Append($next++).Append(',').Append($request).Append('}')
        }
        $lines = $text.Append("]`n").ToString()
    }

    $answer = $null
    $failure = $null
    $settled = $false
    $connection.Busy = $true
    $connection.MustFinish = $lines.Contains('"restartWinNat":true') -or $lines.Contains('"method":"dynamicRange.set"')
    try {
        try {
            $bytes = [System.Text.Encoding]::UTF8.GetBytes($lines)
            $connection.Input.Write($bytes, 0, $bytes.Length)
            $connection.Input.Flush()
            $connection.Pending = $task = $connection.Output.ReadLineAsync()
            $limit = 0
            if ($Timeout -gt 0) { $limit = $Timeout + $script:AnswerMargin }
            if ($task.Wait(50) -or (Wait-HostAnswer $connection $task $limit $Queue $Cmdlet)) {
                $connection.Pending = $null
                $connection.MustFinish = $false
                $answer = $task.Result
            }
        } catch {
            # A broken pipe: the host has ended.
            $failure = $_.Exception.Message
        }
        $settled = $true
    } finally {
        $connection.Busy = $false
        # Ctrl+C, or a downstream Select-Object -First that is satisfied.
        if (-not $settled) { Stop-HostRequest $connection $id $Requests }
    }

    if ($null -ne $answer) {
        if ($null -ne $Pattern) {
            $match = $Pattern.Match($answer)
            if ($match.Success) {
                $ids = $match.Groups['id'].Captures
                if ($ids.Count -eq $count -and $ids[0].Value -eq $id) { return $match }
            }
        }
        try {
            # In an object: whether a bare array is unrolled depends on the PowerShell version.
            if ($count -gt 1) { $answers = (ConvertFrom-Json -InputObject ('{"answers":' + $answer + '}')).answers }
            else { $answers = @(ConvertFrom-Json -InputObject $answer) }
            if ($answers[0].id -eq $id -and $answers.Count -eq $count) {
                if ($answer.Contains('"code":-32800')) { Set-LostAnswer $connection $answers }
                return , $answers
            }
        } catch {
            # Not an answer: also out of step.
            $null = $_
        }
    }
    , @(New-LostAnswer $connection $count $failure ($null -ne $answer))
}

function New-LostAnswer {
    # The host has ended, does not answer, or answers another request: ends it, and makes an error for each request.
    param([object]$Connection, [int]$Count, [string]$Failure, [bool]$OutOfStep)

    $name = if ($OutOfStep) { 'HostOutOfStep' }
    elseif ($Failure -or $null -eq $Connection.Pending -or $Connection.Process.HasExited) { 'HostEnded' }
    else { 'HostSilent' }
    $lost = New-LostError $Connection $name
    for ($index = 0; $index -lt $Count; $index++) { [pscustomobject]@{ error = $lost } }
}

function Set-LostAnswer {
    # This module does not read answers that it has cancelled, so the host is ending for another reason.
    param([object]$Connection, [object[]]$Answers)

    Stop-Connection $Connection 700
    $lost = New-LostError $Connection 'HostEnded'
    foreach ($answer in $Answers) {
        if ($answer.PSObject.Properties['error'] -and $answer.error.code -eq -32800) { $answer.error = $lost }
    }
}

function New-LostError {
    # The error member of an answer that the host did not give.
    param([object]$Connection, [string]$Name)

    $diagnosis = Get-HostDiagnosis $Connection
    $message = Get-Message $Name @($Connection.ProcessId, $diagnosis)
    $data = [pscustomobject]@{
        reason = 'HostUnavailable'; message = $message; advice = Get-Message HostEndedAdvice; nativeCode = $null; nativeName = $null
    }
    [pscustomobject]@{ message = $message; data = $data }
}

function Stop-HostRequest {
    # Ctrl+C during a wait: cancels the requests, and undoes those that succeeded anyway.
    param([object]$Connection, [int]$Id, [System.Collections.Generic.List[string]]$Requests)

    try {
        $lines = [System.Text.StringBuilder]::new()
        for ($index = $Id; $index -lt $Id + $Requests.Count; $index++) {
            $null = $lines.Append('{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":' + $index + "}}`n")
        }
        $bytes = [System.Text.Encoding]::UTF8.GetBytes($lines.ToString())
        $Connection.Input.Write($bytes, 0, $bytes.Length)
        $Connection.Input.Flush()
        $task = $Connection.Pending
        if ($null -eq $task) { $task = $Connection.Output.ReadLineAsync() }
        $Connection.Pending = $null
        $limit = $script:CancelLimit
        if ($Connection.MustFinish) {
            $limit = $script:WinNatLimit
            # The warning stream ended with the pipeline. A PowerShell host without a screen has no UI.
            if ($null -ne $Host.UI) { $Host.UI.WriteWarningLine((Get-Message $(if ($Requests[0].Contains('"dynamicRange.set"')) { 'RangeWait' } else { 'WinNatWait' }))) }
        }
        if ($task.Wait($limit) -and $null -ne $task.Result) {
            $Connection.MustFinish = $false
            Remove-LateResult $Connection $task.Result $Id $Requests
            return
        }
    } catch {
        # The host cannot be used any more.
        $null = $_
    }
    # No answer: a late one could be taken for the answer to another request.
    Stop-Connection $Connection 0
}

function Remove-LateResult {
    # Undoes binds and reservations of a cancelled request that succeeded anyway: the caller has no object to end them.
    param([object]$Connection, [string]$Line, [int]$Id, [System.Collections.Generic.List[string]]$Requests)

    $undo = [System.Collections.Generic.List[string]]::new()
    foreach ($answer in @((ConvertFrom-Json -InputObject ('{"answers":' + $Line + '}') -ErrorAction Stop).answers)) {
        if ($null -eq $answer.PSObject.Properties['result']) { continue }
        $request = $Requests[$answer.id - $Id]
        # With ifNotExists it may be an older reservation that is in use.
        if ($request.StartsWith('"method":"reservation.create"') -and -not $request.Contains('"ifNotExists":true')) {
            foreach ($item in $answer.result) { $undo.Add((Get-RemoveRequest $item)) }
        } elseif ($request.StartsWith('"method":"bind.create"')) {
            foreach ($item in $answer.result) { $undo.Add('"method":"bind.close","params":{"id":' + $item.id + '}') }
        }
    }
    foreach ($request in $undo) {
        $line = '{"jsonrpc":"2.0","id":' + $Connection.NextId++ + ',' + $request + "}`n"
        Send-HostLine $Connection $line
        if ($null -eq (Receive-HostLine $Connection $script:DefaultTimeout)) { throw (Get-Message HostSaidNothing) }
    }
}
