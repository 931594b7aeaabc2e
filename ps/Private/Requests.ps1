# A call: what a cmdlet asks of the host, and what becomes of the answers. Objects of a pipeline become few lines: the first is
# sent at once, and those that follow quickly are sent together.
#
# The first use of a .NET member or method in a session costs PowerShell one to several milliseconds; its own operators and indexes
# cost almost nothing. So the path of a session's first cmdlet uses those: $Call['Sent'], and not $Call.Sent. Its functions leave
# their parameters untyped, because .NET compiles a class for each combination of types that has int or bool in it.
#
# Nothing here or in the cmdlets writes to the pipeline, or runs a caller's script block, inside a loop or a switch: a "break" in the
# caller's code would end that loop instead of the caller's. Where a loop is needed, the items are piped to ". { process { ... } }".

# The host's default limit for the control codes.
$script:DefaultTimeout = 30000
# Milliseconds more for each block for which netsh may run several times, as to find out who holds it.
$script:NetshTime = 5000
# Milliseconds that an object may wait for others; how many may wait together, and how fast that number grows; milliseconds until a
# progress bar shows.
$script:QueueDelay = 50
$script:QueueLimit = 200
$script:QueueGrowth = 4
$script:ProgressDelay = 1000
# Characters of a line that the host reads, with its end.
$script:LineLimit = 1048577
# Characters of all requests of one line, where there are several.
$script:BatchLimit = 900000

function New-Call {
    # Begins a call, and starts the host if there is none, so that Node.js starts while PowerShell compiles what follows. If no host can
    # be started, it ends the cmdlet. Bound: the cmdlet's bound parameters. Names: those of them that go into each request. Action: the
    # id of the message that ShouldProcess shows.
    param($Cmdlet, $Method, $Bound, $Names, $Action)

    if (-not $script:Session['Supported']) { Write-PlatformError $Cmdlet }
    if ($null -eq $script:Session['Connection']) {
        # Terminating, because every further object would fail the same way.
        $failure = if ($script:Session['Removed']) { New-RemovedFault } else { Open-HostProcess $Cmdlet }
        if ($null -ne $failure) { $Cmdlet.ThrowTerminatingError($failure) }
    }
    @{
        Cmdlet     = $Cmdlet
        Method     = $Method
        Bound      = $Bound
        Given      = Select-Parameter $Bound $Names
        # Whether ShouldProcess shows anything.
        Asking     = $null -ne $Action -and (Test-Asking)
        Action     = $Action
        # The connection that the last line was sent on.
        Connection = $null
        # The requests that wait to be sent, and how many characters they have. Each is a list: method, text, the piped object or $null,
        # the first port or $null, and the cmdlet's bound parameters.
        Sent       = @()
        Length     = 0
        # How many requests may wait, and when (in milliseconds of Clock) the last answer was output.
        Limit      = 1
        Since      = 0
        Clock      = [System.Diagnostics.Stopwatch]::StartNew()
        # Milliseconds that a request may take, 0 for no limit.
        Timeout    = $script:DefaultTimeout
        # Whether the requests wait for Complete-Call or a full queue, however long that takes.
        Hold       = $false
        # The list that takes the objects instead of the pipeline, and whether nobody takes them.
        Keep       = $null
        NoOutput   = $false
        # Whether it is no error that a block is not there, and the warnings that were given already.
        IfExists   = $false
        Said       = @{}
        # The id of the progress message, or empty for no progress.
        Activity   = ''
        Done       = 0
        Shown      = $false
    }
}

function Add-Request {
    # Adds a request to a call, if ShouldProcess agrees, and sends the waiting ones when it is time. Row: the piped object as JSON, made by
    # Read-Row. Target: the object itself. StartPort: one port, or several, each of which becomes a request. Alone: this request shares
    # its line with no other.
    param($Call, $Row, $Target, $StartPort, $Members, $Alone)

    if ($StartPort -is [array]) {
        if ($StartPort.Count -gt 1) { return $StartPort | . { process { Add-Request $Call $Row $Target $_ $Members $Alone } } }
        $StartPort = $StartPort[0]
    }
    $members = $Call['Given'] + $Members
    if ($null -ne $StartPort) { $members += ',"StartPort":' + (ConvertTo-RequestValue $StartPort) }
    if ($Row) { $members += ",""row"":$Row" }
    $text = """method"":""$($Call['Method'])"",""params"":{$(if ($members) { $members.Substring(1) })}"
    $request = @($Call['Method'], $text, $Target, $StartPort, $Call['Bound'])
    if ($Call['Asking']) {
        $answer = Test-Request $Call $members
        if ($answer -is [hashtable]) {
            # What waits is sent first, so that errors and objects come in the order of the input.
            if ($Call['Sent'].Count -gt 0) { Send-Call $Call }
            return Write-RequestError $Call['Cmdlet'] $answer $request
        }
        if (-not $answer) { return }
    }
    # An exclusion goes alone, because netsh runs several times for each. Contains, and not -match: the first regular expression with
    # alternatives would make .NET compile twenty methods.
    if (-not $Call['Hold'] -and $Call['Method'] -in 'reservation.create', 'reservation.remove' -and $text.ToLowerInvariant().Contains('"exclusion"')) { $Alone = $true }
    if ($Call['Sent'].Count -gt 0 -and ($Alone -or $Call['Length'] + $text.Length -gt $script:BatchLimit)) { Send-Call $Call }
    if ($Call['Hold']) { $Call['Timeout'] += $script:NetshTime }
    $Call['Length'] += $text.Length
    $Call['Sent'] += , $request
    if ($Alone -or $Call['Sent'].Count -ge $Call['Limit'] -or (-not $Call['Hold'] -and $Call['Clock'].ElapsedMilliseconds - $Call['Since'] -gt $script:QueueDelay)) { Send-Call $Call }
}

function Test-Request {
    # Asks the host what a request would be about, then ShouldProcess whether to make it. Returns the answer, or the host's error.
    param($Call, $Members)

    $question = """method"":""$($Call['Method'])"",""params"":{""Ask"":true$Members}"
    $connection = Connect-Host $Call['Cmdlet']
    $answer = if ($question.Length -gt $script:BatchLimit) { New-LineFailure $question.Length } else { Invoke-Request $connection $question }
    if ($null -eq $answer) { $answer = New-LostFailure $connection 'HostEnded' }
    # With -WhatIf, nothing is said of a block that -IfNotExists would leave as it is.
    if ($answer -is [hashtable]) { return $answer }
    -not ($WhatIfPreference -and $answer.IsThere) -and (Confirm-Change $Call['Cmdlet'] $answer.Text (Get-FramedMessage $Call['Action']))
}

function Complete-Call {
    # The end of every cmdlet: sends what still waits, and removes the progress bar.
    param($Call)

    if ($Call['Sent'].Count -gt 0) { Send-Call $Call }
    if ($Call['Shown']) { Show-Progress $Call -Completed }
}

function Send-Call {
    # Sends the waiting requests, and outputs objects and errors in their order. One try/finally reaches from the sending to the last
    # object that the pipeline takes: whatever ends it early, what was made and not output is undone.
    param($Call)

    $ErrorActionPreference = 'Stop'
    $cmdlet = $Call['Cmdlet']
    $connection = $Call['Connection'] = Connect-Host $cmdlet
    $sent = $Call['Sent']
    $count = $sent.Count
    $Call['Sent'] = @()
    $Call['Length'] = 0
    $items = $null
    $id = $at = 0
    $done = $false
    $undoing = @{}
    Skip-UnreadAnswer $connection
    # As Get-InTry and Set-InTry, without two calls for each line.
    $inTry = if ($null -eq $script:InTryMark) { Get-InTry } elseif ($null -ne $script:InTryMark[0]) { $script:InTryMark[0].Invoke() }
    try {
        # Set inside the try, so that a stop cannot leave the host marked as busy for ever; and before the line is joined, so that the
        # action of an event, which can run between two statements, takes none of its ids.
        $connection['Busy'] = $true
        $lines = Join-Request $connection @(foreach ($request in $sent) { $request[1] })
        $id = $connection['NextId'] - $count
        # The host would refuse the whole line, and could not tell which request it was.
        if ($lines.Length -gt $script:LineLimit) {
            $failure = New-LineFailure $lines.Length
            $sent | . { process { Write-RequestError $cmdlet $failure $_ } }
            return
        }
        $connection['MustFinish'] = $Call['Bound']['RestartWinNat'] -or $sent[0][0] -in 'dynamicRange.set', 'desiredState.apply'
        $line = Receive-Answer $connection $lines $Call
        if ($null -ne $line) { $items = Read-Answer $line $id $count $Call['NoOutput'] }
        if ($null -eq $items) { $items = Read-LostAnswer $connection $sent $cmdlet ($null -ne $line) }
        # Not before: a stop of an event's action that asks the host would have the undo wait for an answer that was read already.
        $connection['Busy'] = $false
        # Sockets and runtime reservations must be gone when the session has ended.
        if ($null -eq $script:Session['ExitSubscriber'] -and ($sent[0][0] -ceq 'bind.create' -or $null -ne $script:ReservationTemplates['Runtime'])) { Register-ExitHandler }
        if ($null -ne $inTry) { $script:InTryMark[1].Invoke($inTry) }
        $items | . {
            process {
                $item = $items[$at][1]
                $request = $sent[$items[$at][0]]
                if ($item -is [hashtable]) {
                    $at++
                    Write-Aside $Call $item $request $items
                } elseif ($Call['NoOutput']) {
                    $at++
                } else {
                    if ($request[0] -eq 'bind.create') { $items[$at][1] = ConvertTo-Bind $connection $item $request[2] }
                    # Counted and output in one statement, because a stop comes between two.
                    if ($null -ne $Call['Keep']) { $Call['Keep'].Add($items[$at++][1]) }
                    else { $items[$at++][1] }
                }
            }
        }
        $done = $true
    } finally {
        # A stop that comes while a finally block runs ends that block, but not the finally block inside it: hence twice.
        try { if (-not $done) { Undo-Request $connection $sent $id $items $at $undoing } }
        finally { try { if (-not $done) { Undo-Request $connection $sent $id $items $at $undoing } } finally { $connection['Busy'] = $false } }
    }
    $Call['Limit'] *= $script:QueueGrowth
    if ($Call['Limit'] -gt $script:QueueLimit) { $Call['Limit'] = $script:QueueLimit }
    $Call['Done'] += $count
    $Call['Since'] = $Call['Clock'].ElapsedMilliseconds
    if ($Call['Activity'] -and $Call['Since'] -gt $script:ProgressDelay) { Show-Progress $Call }
}

function Write-Aside {
    # Handles what an answer has besides objects: a warning (each is shown once), an error, or Skip, the number of objects after which
    # the rest of a long answer is to be asked for.
    param($Call, [hashtable]$Item, $Request, $Items)

    if ($Item['Warning']) {
        if (-not $Call['Said'][$Item['Warning']]) { Write-CmdletWarning $Call['Cmdlet'] $Item['Warning'] }
        $Call['Said'][$Item['Warning']] = $true
    } elseif ($Item['Skip']) {
        $rest = $Call.Clone()
        $next = $Request.Clone()
        $next[1] = $Request[1] -replace '(,"Skip":\d+)?\}\z', (',"Skip":' + (ConvertTo-RequestValue $Item['Skip']) + '}')
        $rest['Sent'] = , $next
        Send-Call $rest
        $Call['Shown'] = $rest['Shown']
    } elseif ($Item['Reason'] -eq 'Cancelled') {
        $failure = New-LostFailure $Call['Connection'] 'HostEnded'
        $failure['Target'] = $Item['Target']
        Write-RequestError $Call['Cmdlet'] $failure $Request
    } elseif ($Request[0] -ceq 'desiredState.apply' -and $Item['Target'] -is [int]) {
        # Target is the index of the object, in the same answer, that failed.
        Write-ReservationError $Call['Cmdlet'] (New-HostError $Item $Items[$Item['Target']][1])
    } elseif (-not $Call['IfExists'] -or $Item['Reason'] -notin 'ReservationNotFound', 'TokenNotValid') {
        Write-RequestError $Call['Cmdlet'] $Item $Request
    }
}

function Write-RequestError {
    # Writes the error of one request. An error about one object of a list (Target is its index) ends the cmdlet: the list without it
    # would be a different one.
    param($Cmdlet, [hashtable]$Failure, $Request)

    if ($Failure['Target'] -is [int]) { $Cmdlet.ThrowTerminatingError((New-HostError $Failure $Request[2][$Failure['Target']])) }
    $target = if ($null -ne $Failure['Target']) { $Failure['Target'] } else { Get-RequestTarget $Request }
    Write-ReservationError $Cmdlet (New-HostError $Failure $target)
}

function Get-RequestTarget {
    # The target of an error: the object that was piped in, or the block that was asked for.
    param($Request)

    # Not enumerated: a caller's list may be endless, or fail.
    if ($null -ne $Request[2]) { return , $Request[2] }
    $bound = $Request[4]
    if ($null -ne $bound['Token']) { return $bound['Token'] }
    $start = if ($null -ne $Request[3]) { $Request[3] } else { $bound['StartPort'] }
    if ($null -eq $start -and $null -eq $bound['NumberOfPorts']) { return }
    # The default of -Kind, where a cmdlet has it.
    $kind = if ($bound['Kind']) { $bound['Kind'] } elseif ($Request[0] -in 'reservation.create', 'reservation.remove') { 'Persistent' }
    New-Block $bound['Protocol'] $start $bound['NumberOfPorts'] $kind
}

function New-LineFailure {
    # The error of a request that is longer than the host reads.
    param([int]$Length)

    @{ Reason = 'InvalidParameter'; Message = Get-Message LineTooLong @($Length, $script:LineLimit); Advice = Get-Message LineTooLongAdvice; NativeCode = $null; NativeName = '' }
}

function Show-Progress {
    # Shows how many objects are done; at the end removes the progress bar.
    param($Call, [switch]$Completed)

    $Call['Shown'] = $true
    # A module does not see its caller's preferences.
    $ProgressPreference = $Call['Cmdlet'].SessionState.PSVariable.GetValue('ProgressPreference')
    # By full path, because an elevated session must not load a module of this name from a user's folder, and because automatic loading
    # may be turned off.
    Import-Module -Name ([System.IO.Path]::Combine($PSHOME, 'Modules', 'Microsoft.PowerShell.Utility', 'Microsoft.PowerShell.Utility.psd1')) -Verbose:$false
    Microsoft.PowerShell.Utility\Write-Progress -Activity (Get-Message $Call['Activity']) -Status (Get-Message ProgressStatus @($Call['Done'])) -Completed:$Completed
}
