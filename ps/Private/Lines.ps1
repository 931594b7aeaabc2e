# A line to the host and its answer: how a value gets into a request, who may ask when, and what a stop has left of the line before.

# A working host answers within the operation's own time limit; this is the tolerance for a busy machine.
$script:AnswerMargin = 15000
# A character that JSON does not take as it is, or that is not ASCII.
$script:NotPlain = '[^\x20\x21\x23-\x5b\x5d-\x7e]'

function ConvertTo-RequestValue {
    # A value in a request: JSON in ASCII by its type, and no other type. A value in an object of PowerShell's may have a text of its own,
    # also one from a file (Import-Clixml) or another machine, which would be a part of the request.
    param($Value)

    if ($Value -is [psobject]) { $Value = $Value.PSObject.BaseObject }
    if ($Value -is [int]) { return "$Value" }
    if ($Value -is [hashtable]) {
        # Its own Keys may be a key.
        $members = foreach ($name in $Value.PSBase.Keys) { (ConvertTo-RequestValue "$name") + ':' + (ConvertTo-RequestValue $Value[$name]) }
        return '{' + ($members -join ',') + '}'
    }
    if ($Value -is [array]) {
        $items = foreach ($item in $Value) { ConvertTo-RequestValue $item }
        return '[' + ($items -join ',') + ']'
    }
    if ($Value -is [string]) {
        # Not always: what PowerShell makes of a script block for .NET costs as much as all the rest.
        if ($Value -cmatch $script:NotPlain) { $Value = [regex]::Replace($Value, $script:NotPlain, { param($Match) '\u{0:x4}' -f [int][char]$Match.Value }) }
        return """$Value"""
    }
    if ($null -eq $Value) { return 'null' }
    if ($Value -is [bool] -or $Value -is [switch]) { return $(if ($Value) { 'true' } else { 'false' }) }
    # By .NET: a method of the value may be one that somebody has given it.
    if ($Value -is [long] -or $Value -is [decimal]) { return [System.Convert]::ToString($Value, [cultureinfo]::InvariantCulture) }
    # 64 bits, which a number of JSON has not.
    if ($Value -is [uint64]) { return '"' + [System.Convert]::ToString($Value, [cultureinfo]::InvariantCulture) + '"' }
    # A data file may have these; the host says that they are no ports.
    if ($Value -is [double]) {
        $digits = [string]::Format([cultureinfo]::InvariantCulture, '{0:R}', $Value)
        # JSON has no infinity.
        return $(if ([double]::IsInfinity($Value) -or [double]::IsNaN($Value)) { """$digits""" } else { $digits })
    }
    throw "no value of a request: $($Value.GetType())"
}

function Join-Request {
    # The line of these requests, with the next ids of the connection.
    param($Connection, $Requests)

    $lines = foreach ($request in $Requests) {
        $id = $Connection['NextId']++
        "{""jsonrpc"":""2.0"",""id"":$id,$request}"
    }
    if ($Requests.Count -gt 1) { $lines = '[' + ($lines -join ',') + ']' }
    "$lines`n"
}

function Receive-Answer {
    # Writes a line and waits for its answer; $null if the host ended, or did not answer within the limit.
    param($Connection, $Lines, $Call)

    try {
        Send-Line $Connection $Lines
        $task = $Connection['Pending']
        $limit = if ($Call['Timeout'] -gt 0) { $Call['Timeout'] + $script:AnswerMargin } else { 0 }
        if (-not $task.Wait(50) -and -not (Wait-HostAnswer $Connection $task $limit $Call)) { return }
        $Connection['MustFinish'] = $false
        $task.Result
    } catch {
        # A broken pipe: the host has ended.
        Hide-Failure $_
    }
}

function Invoke-Request {
    # One request that no object of a pipeline waits for: @(answers), each a value or the hashtable of an error.
    param($Connection, [string[]]$Requests, $Timeout = $script:DefaultTimeout)

    if ($Connection['Busy']) { throw (New-BusyFault) }
    Skip-UnreadAnswer $Connection
    $id = $Connection['NextId']
    try {
        $Connection['Busy'] = $Connection['Unread'] = $true
        $line = Receive-Answer $Connection (Join-Request $Connection $Requests) @{ Timeout = $Timeout; Activity = '' }
        $Connection['Unread'] = $false
    } finally {
        $Connection['Busy'] = $false
    }
    if ($null -eq $line) { return }
    $items = Read-Answer $line $id $Requests.Count
    if ($null -ne $items) { foreach ($item in $items) { $item[1] } }
}

function New-BusyFault {
    # The error while a request is under way: a user's event action can run during a wait, and must not take the answer for its own.
    New-ReservationError 'HostUnavailable' (Get-Message HostBusy) (Get-Message HostBusyAdvice) $null
}

function Skip-UnreadAnswer {
    # The beginning of each request. PowerShell protects a finally block only from a stop that came before it. One that comes within
    # may have sent a request, such as to close a socket, whose answer is still to come: it must not be taken for that to the next one.
    param($Connection)

    if ($Connection['Unread']) { $null = Wait-WrittenRequest $Connection }
    $Connection['Unread'] = $false
    if ($null -ne $Connection['Writing'] -and -not $Connection['Writing'].IsCompleted) { Wait-WrittenLine $Connection $script:CancelLimit }
    # By these a stop knows what the host has got, and which answers are still to come.
    $Connection['Writing'] = $Connection['Pending'] = $null
}

function Wait-WrittenLine {
    # Waits until the last line is written: .NET takes no other until then, and the host may have answered before.
    param($Connection, [int]$Limit)

    # WaitAny, because the exception of a host that has ended would get into the caller's -ErrorVariable.
    if ($null -ne $Connection['Writing']) { $null = [System.Threading.Tasks.Task]::WaitAny([System.Threading.Tasks.Task[]]@($Connection['Writing']), $Limit) }
}

function Wait-WrittenRequest {
    # Waits for the answer to the last line that was written, after a stop; $null if none was, or the host does not answer.
    param($Connection)

    if ($null -eq $Connection['Writing']) { return }
    if ($null -eq $Connection['Pending']) { $Connection['Pending'] = $Connection['Output'].ReadLineAsync() }
    if ($Connection['Pending'].Wait($script:CancelLimit)) { $Connection['Pending'].Result }
}

function Read-InterruptedAnswer {
    # What an Invoke-Request with these ids would have given, if a stop had not come in it: for what must be undone.
    param($Connection, [int]$Id, [int]$Count)

    $line = Wait-WrittenRequest $Connection
    if ($null -eq $line) { return }
    $Connection['Unread'] = $false
    $items = Read-Answer $line $Id $Count
    if ($null -ne $items) { foreach ($item in $items) { $item[1] } }
}
