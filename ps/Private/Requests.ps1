# A call: what a cmdlet asks of the host, and what becomes of the answers. Objects of a pipeline become few lines: the first is
# sent at once, and those that follow quickly are sent together.

# A working host answers within the operation's own time limit; this is the tolerance for a busy machine.
$script:AnswerMargin = 15000
# The host's default limit for the control codes.
$script:DefaultTimeout = 30000
# Milliseconds an object may wait for others, how many may wait together, how fast that number grows, and when progress shows.
$script:QueueDelay = 50
$script:QueueLimit = 200
$script:QueueGrowth = 4
$script:ProgressDelay = 1000
# Text that JSON takes as it is.
$script:PlainJson = [regex]::new('\A[\x20\x21\x23-\x5b\x5d-\x7e]*\z', 'CultureInvariant')

function New-Call {
    # Starts the host, so that Node.js starts while PowerShell compiles what follows. Activity: name of the progress message,
    # or empty. Timeout: milliseconds that a request may take, 0 for no limit.
    param($Cmdlet, [string]$Activity, [long]$Timeout = $script:DefaultTimeout)

    $bound = $Cmdlet.MyInvocation.BoundParameters
    if ($null -eq $script:Session.Connection -and -not ($bound.ContainsKey('WhatIf') -and $bound['WhatIf']) -and
        -not $Cmdlet.SessionState.PSVariable.GetValue('WhatIfPreference')) { Start-HostProcess $Cmdlet }
    @{
        Cmdlet     = $Cmdlet
        Requests   = [System.Collections.Generic.List[string]]::new()
        # Of each request its method and parameters, and the target of an error: an object, or the arguments of New-Block.
        Sent       = [System.Collections.Generic.List[object]]::new()
        # How many requests may wait, and since when they have.
        Limit      = 1
        Clock      = [System.Diagnostics.Stopwatch]::StartNew()
        Timeout    = $Timeout
        # Whether objects go into the pipeline, into a list instead, or nowhere.
        Keep       = $null
        NoOutput   = $false
        # Whether an exclusion may be larger than what was asked for, and whether what is not there needs no removal.
        NoteLarger = $false
        IfExists   = $false
        Activity   = $Activity
        Began      = [System.Diagnostics.Stopwatch]::StartNew()
        Done       = 0
        Shown      = $false
    }
}

function Add-Request {
    # Adds a request to a call, and sends what waits when it is time. Hold: only Complete-Call and the number of those that
    # wait decide. Alone: after those before it, and before those after it.
    param($Call, [string]$Method, [hashtable]$Parameters = @{}, $Target, [bool]$Hold, [bool]$Alone)

    if ($Alone -and $Call.Requests.Count -gt 0) { Send-Call $Call }
    # The only way of a value into a request: by its type, and no other type. Inline, because each function call costs as much as
    # a message to the host.
    $text = [System.Text.StringBuilder]::new('"method":"').Append($Method).Append('","params":{')
    $comma = ''
    foreach ($name in $Parameters.Keys) {
        $value = $Parameters[$name]
        $null = $text.Append($comma).Append('"').Append($name).Append('":')
        $comma = ','
        if ($value -is [int] -or $value -is [long]) { $null = $text.Append([long]$value) }
        elseif ($value -is [string] -and $script:PlainJson.IsMatch($value)) { $null = $text.Append('"').Append($value).Append('"') }
        elseif ($value -is [bool]) { $null = $text.Append($(if ($value) { 'true' } else { 'false' })) }
        # The protocols of nearly every block: the general way takes as long as ten of the others.
        elseif ($value -is [array] -and $value.Length -eq 1 -and $value[0] -is [string] -and $script:PlainJson.IsMatch($value[0])) { $null = $text.Append('["').Append($value[0]).Append('"]') }
        else { $null = $text.Append((ConvertTo-RequestValue $value)) }
    }
    # What ends with the host shall be gone when the session is.
    if ($null -eq $script:Session.ExitSubscriber -and ($Method -eq 'bind.create' -or $Parameters['kind'] -eq 'Runtime' -or $Parameters['restartWinNat'])) { Register-ExitHandler }
    $Call.Requests.Add($text.Append('}').ToString())
    $Call.Sent.Add(@($Method, $Parameters, $Target))
    if ($Alone -or $Call.Requests.Count -ge $Call.Limit -or (-not $Hold -and $Call.Clock.ElapsedMilliseconds -gt $script:QueueDelay)) { Send-Call $Call }
}

function ConvertTo-RequestValue {
    # A value as JSON in ASCII.
    param($Value)

    if ($Value -is [string]) { return '"' + [regex]::Replace($Value, '[^\x20\x21\x23-\x5b\x5d-\x7e]', { param($Match) '\u{0:x4}' -f [int][char]$Match.Value }) + '"' }
    if ($Value -is [int] -or $Value -is [long]) { return $Value.ToString([cultureinfo]::InvariantCulture) }
    if ($Value -is [bool]) { return $(if ($Value) { 'true' } else { 'false' }) }
    if ($null -eq $Value) { return 'null' }
    # A data file may have one; the host says that it is no port.
    if ($Value -is [double]) { return $Value.ToString('R', [cultureinfo]::InvariantCulture) }
    # 64 bits, which a number of JSON has not.
    if ($Value -is [uint64]) { return '"' + $Value.ToString([cultureinfo]::InvariantCulture) + '"' }
    if ($Value -is [array]) { return '[' + (@(foreach ($item in $Value) { ConvertTo-RequestValue $item }) -join ',') + ']' }
    if ($Value -is [hashtable]) { return '{' + (@(foreach ($name in $Value.Keys) { (ConvertTo-RequestValue "$name") + ':' + (ConvertTo-RequestValue $Value[$name]) }) -join ',') + '}' }
    throw "no value of a request: $($Value.GetType())"
}

function Complete-Call {
    # Sends what waits, and removes the progress bar: the end of every cmdlet.
    param($Call)

    if ($Call.Requests.Count -gt 0) { Send-Call $Call }
    if ($Call.Shown) { Show-Progress $Call -Completed }
}

function Write-Fault {
    # An error that needed no request, after the objects before it. Hold: they are sent later, all together.
    param($Call, [System.Management.Automation.ErrorRecord]$Record, [bool]$Hold)

    if (-not $Hold -and $Call.Requests.Count -gt 0) { Send-Call $Call }
    Write-ReservationError $Call.Cmdlet $Record
}

function Send-Call {
    # Sends the waiting requests, and gives objects and errors in their order. One way out from sending to the last object that
    # the pipeline takes: whatever ends it, what was made and not given is taken back.
    param($Call)

    $ErrorActionPreference = 'Stop'
    $cmdlet = $Call.Cmdlet
    $connection = Connect-Host $cmdlet
    # A user's event action can run during a wait.
    if ($connection.Busy) { $cmdlet.ThrowTerminatingError((New-ReservationError 'HostUnavailable' (Get-Message HostBusy) (Get-Message HostBusyAdvice) $null)) }
    $sent = $Call.Sent.ToArray()
    $count = $sent.Length
    $lines = Join-Request $connection $Call.Requests
    $id = $connection.NextId - $count
    $Call.Requests.Clear()
    $Call.Sent.Clear()

    $items = $null
    $at = 0
    $done = $false
    Skip-UnreadAnswer $connection
    try {
        # In here: a stop between two statements must not leave a host that seems busy for ever.
        $connection.Busy = $true
        $connection.MustFinish = $lines.Contains('"restartWinNat":true') -or $lines.Contains('"method":"dynamicRange.set"') -or $lines.Contains('"method":"desiredState.apply"')
        $line = Receive-Answer $connection $lines $Call
        $connection.Busy = $false
        if ($null -ne $line) { $items = Read-Answer $line $id $count }
        if ($null -eq $items) { $items = Read-LostAnswer $connection $sent $cmdlet ($null -ne $line) }
        while ($at -lt $items.Count) {
            $index, $item = $items[$at]
            if ($item -is [hashtable]) {
                $at++
                if ($Call.IfExists -and $item.Reason -in 'ReservationNotFound', 'TokenNotValid') { continue }
                if ($item.Reason -eq 'Cancelled') { $item = New-LostFailure $connection 'HostEnded' }
                Write-HostError $cmdlet $item $sent[$index][2]
            } elseif ($Call.NoOutput) {
                $at++
            } else {
                if ($Call.NoteLarger -and $item.Kind -eq 'Exclusion') { Write-LargerExclusion $cmdlet $item $sent }
                if ($sent[$index][0] -eq 'bind.create') { $item = $items[$at][1] = ConvertTo-Bind $connection $item $sent[$index][2] }
                # In one statement: a stop comes between two.
                if ($null -ne $Call.Keep) { $Call.Keep.Add($items[$at++][1]) } else { $cmdlet.WriteObject($items[$at++][1]) }
            }
        }
        $done = $true
    } finally {
        $connection.Busy = $false
        if (-not $done) { Undo-Request $connection $sent $id $items $at }
    }
    $Call.Limit = [Math]::Min($Call.Limit * $script:QueueGrowth, $script:QueueLimit)
    $Call.Done += $count
    if ($Call.Activity -and $Call.Began.ElapsedMilliseconds -gt $script:ProgressDelay) { Show-Progress $Call }
    $Call.Clock.Restart()
}

function Join-Request {
    # The line of these requests, with the next ids of the connection.
    param($Connection, $Requests)

    $text = [System.Text.StringBuilder]::new(256 * $Requests.Count)
    $mark = if ($Requests.Count -gt 1) { '[' } else { '' }
    foreach ($request in $Requests) {
        $null = $text.Append($mark).Append('{"jsonrpc":"2.0","id":').Append($Connection.NextId++).Append(',').Append($request).Append('}')
        $mark = ','
    }
    if ($Requests.Count -gt 1) { $null = $text.Append(']') }
    $text.Append("`n").ToString()
}

function Receive-Answer {
    # Writes a line and waits for its answer; $null if the host ended, or did not answer within the limit.
    param($Connection, [string]$Lines, $Call)

    try {
        Send-Line $Connection $Lines
        $task = $Connection.Pending
        $limit = if ($Call.Timeout -gt 0) { $Call.Timeout + $script:AnswerMargin } else { 0 }
        if (-not $task.Wait(50) -and -not (Wait-HostAnswer $Connection $task $limit $Call)) { return }
        $Connection.MustFinish = $false
        $task.Result
    } catch {
        # A broken pipe: the host has ended.
        Hide-Failure $_
    }
}

function Skip-UnreadAnswer {
    # The beginning of each request. PowerShell protects a finally block only from a stop that came before it. One that comes within
    # may have sent a request, such as to close a socket, whose answer is still to come: it must not be taken for that to the next one.
    param($Connection)

    if ($Connection.Unread -and $null -ne $Connection.Writing) {
        if ($null -eq $Connection.Pending) { $Connection.Pending = $Connection.Output.ReadLineAsync() }
        $null = $Connection.Pending.Wait($script:CancelLimit)
    }
    $Connection.Unread = $false
    # By these a stop knows what the host has got, and which answers are still to come.
    $Connection.Writing = $Connection.Pending = $null
}

function Invoke-Request {
    # One request that no object of a pipeline waits for: @(answers), each a value or the hashtable of an error.
    param($Connection, [string[]]$Requests, $Timeout = $script:DefaultTimeout)

    Skip-UnreadAnswer $Connection
    $id = $Connection.NextId
    $Connection.Unread = $true
    $line = Receive-Answer $Connection (Join-Request $Connection $Requests) @{ Timeout = $Timeout; Activity = '' }
    $Connection.Unread = $false
    if ($null -eq $line) { return }
    $items = Read-Answer $line $id $Requests.Count
    if ($null -ne $items) { foreach ($item in $items) { $item[1] } }
}

function Write-LargerExclusion {
    # Warns if an exclusion is not a block that was asked for, but contains one of those.
    param($Cmdlet, [object]$Reservation, $Sent)

    $inside = foreach ($request in $Sent) {
        $parameters = $request[1]
        if ($null -eq $parameters['startPort'] -or $parameters.kind -ne 'Exclusion' -or $Reservation.Protocol -notin $parameters.protocols) { continue }
        $start = $parameters['startPort']
        $count = $parameters.numberOfPorts
        if ($start -eq $Reservation.StartPort -and $count -eq $Reservation.NumberOfPorts) { return }
        if ($start -ge $Reservation.StartPort -and $start + $count - 1 -le $Reservation.EndPort) { New-Block $Reservation.Protocol $start $count }
    }
    foreach ($block in $inside) { Write-CmdletWarning $Cmdlet (Get-Message LargerExclusion @($block, $Reservation)) }
}

function Show-Progress {
    # Shows how many objects are done; at the end removes the progress bar.
    param($Call, [switch]$Completed)

    $Call.Shown = $true
    # A module does not see its caller's preferences.
    $ProgressPreference = $Call.Cmdlet.SessionState.PSVariable.GetValue('ProgressPreference')
    Import-PowerShellModule 'Microsoft.PowerShell.Utility'
    Microsoft.PowerShell.Utility\Write-Progress -Activity (Get-Message $Call.Activity) -Status (Get-Message ProgressStatus @($Call.Done)) -Completed:$Completed
}
