# One line to the host and its answer: how values are written into a request, who may send one when, and what a stop may have left
# unfinished.

# Milliseconds beyond the time limit of an operation, within which a host on a busy machine still answers.
$script:AnswerMargin = 15000
# A character that JSON must escape, or that is not ASCII.
$script:NotPlain = '[^\x20\x21\x23-\x5b\x5d-\x7e]'

function ConvertTo-RequestValue {
    # Writes a value as JSON in ASCII, by its type; any other type throws. Never by ToString() of the object that PowerShell has around
    # a value: one that came from a file (Import-Clixml) or another machine may have a text of its own, which would go into the request.
    param($Value)

    if ($Value -is [psobject]) { $Value = $Value.PSObject.BaseObject }
    if ($Value -is [int]) { return "$Value" }
    if ($Value -is [hashtable]) {
        # PSBase: a hashtable may have a key called Keys.
        $members = foreach ($name in $Value.PSBase.Keys) { (ConvertTo-RequestValue "$name") + ':' + (ConvertTo-RequestValue $Value[$name]) }
        return '{' + ($members -join ',') + '}'
    }
    if ($Value -is [array]) {
        $items = foreach ($item in $Value) { ConvertTo-RequestValue $item }
        return '[' + ($items -join ',') + ']'
    }
    if ($Value -is [string]) {
        # Only where it is needed: making a delegate of a script block costs as much as all the rest.
        if ($Value -cmatch $script:NotPlain) { $Value = [regex]::Replace($Value, $script:NotPlain, { param($Match) '\u{0:x4}' -f [int][char]$Match.Value }) }
        return """$Value"""
    }
    if ($null -eq $Value) { return 'null' }
    if ($Value -is [bool] -or $Value -is [switch]) { return $(if ($Value) { 'true' } else { 'false' }) }
    # By a static method of .NET, because an object may have been given a ToString() of its own.
    if ($Value -is [long] -or $Value -is [decimal]) { return [System.Convert]::ToString($Value, [cultureinfo]::InvariantCulture) }
    # As text: JavaScript's numbers do not hold 64 bits.
    if ($Value -is [uint64]) { return '"' + [System.Convert]::ToString($Value, [cultureinfo]::InvariantCulture) + '"' }
    # A data file may have fractions; the host refuses them as ports.
    if ($Value -is [double]) {
        $digits = [string]::Format([cultureinfo]::InvariantCulture, '{0:R}', $Value)
        # JSON has no infinity.
        return $(if ([double]::IsInfinity($Value) -or [double]::IsNaN($Value)) { """$digits""" } else { $digits })
    }
    throw "no value of a request: $($Value.GetType())"
}

function Join-Request {
    # Joins requests into one line, with the connection's next ids.
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
    # Sends requests outside of a call, and returns one value or hashtable of an error for each; nothing if the host did not answer.
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
    # The error of a cmdlet that is called while another one waits for the host, as by the action of an event: it would take the
    # other's answer.
    New-ReservationError 'HostUnavailable' (Get-Message HostBusy) (Get-Message HostBusyAdvice) $null
}

function Skip-UnreadAnswer {
    # Called before each line is sent. A stop that comes while a finally block runs ends that block too, perhaps between a request, such as
    # to close a socket, and its answer. That answer is read here, so that it is not taken for the answer to the next request. Waited for
    # as long as any other, because netsh may have been asked.
    param($Connection)

    if ($Connection['Unread']) { $null = Wait-WrittenRequest $Connection ($script:DefaultTimeout + $script:AnswerMargin) }
    $Connection['Unread'] = $false
    if ($null -ne $Connection['Writing'] -and -not $Connection['Writing'].IsCompleted) { Wait-WrittenLine $Connection $script:CancelLimit }
    # After a stop, these tell which line the host has got, and which answer is still to come.
    $Connection['Writing'] = $Connection['Pending'] = $null
}

function Wait-WrittenLine {
    # Waits until the last line is written: .NET takes no other before, although the host may have answered already.
    param($Connection, [int]$Limit)

    # WaitAny throws nothing. Wait would, if the host has ended, and that would be in the caller's -ErrorVariable.
    if ($null -ne $Connection['Writing']) { $null = [System.Threading.Tasks.Task]::WaitAny([System.Threading.Tasks.Task[]]@($Connection['Writing']), $Limit) }
}

function Wait-WrittenRequest {
    # After a stop, waits for the answer to the last line; $null if there was no line, or no answer comes within the limit (milliseconds).
    param($Connection, $Limit = $script:CancelLimit)

    if ($null -eq $Connection['Writing']) { return }
    if ($null -eq $Connection['Pending']) { $Connection['Pending'] = $Connection['Output'].ReadLineAsync() }
    if (Wait-HostAnswer $Connection $Connection['Pending'] $Limit @{ Activity = '' }) { $Connection['Pending'].Result }
}

function Read-InterruptedAnswer {
    # What Invoke-Request would have returned if a stop had not ended it, for what must be undone.
    param($Connection, [int]$Id, [int]$Count)

    $line = Wait-WrittenRequest $Connection
    if ($null -eq $line) { return }
    $Connection['Unread'] = $false
    $items = Read-Answer $line $Id $Count
    if ($null -ne $items) { foreach ($item in $items) { $item[1] } }
}
