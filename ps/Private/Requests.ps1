# A call: what a cmdlet asks of the host, and what becomes of the answers. Objects of a pipeline become few lines: the first is
# sent at once, and those that follow quickly are sent together.
#
# PowerShell compiles at its first use each name of a member and each method of .NET, which takes a millisecond or several; its own
# operators, and an index, take next to nothing. So the first cmdlet of a session, which waits for all of that, uses these. And the functions on
# its way give their parameters no types: each combination with int or bool in it is a class that .NET compiles.
#
# What calls a command behind a cmdlet, or a script block of somebody's, stands in no loop and no switch, here and in the cmdlets: a
# "break" there would end that, and not the loop of the script. What would be in a loop is in the process block of a dot-sourced one.

# The host's default limit for the control codes.
$script:DefaultTimeout = 30000
# Milliseconds an object may wait for others, how many may wait together, how fast that number grows, and when progress shows.
$script:QueueDelay = 50
$script:QueueLimit = 200
$script:QueueGrowth = 4
$script:ProgressDelay = 1000
# Characters of a line that the host reads, with its end.
$script:LineLimit = 1048577
# Of the requests of one line, where there are several.
$script:BatchLimit = 900000

function New-Call {
    # Starts the host, so that Node.js starts while PowerShell compiles what follows; ends the cmdlet where there can be none. Bound,
    # Names: the parameters of the cmdlet, and those of them that each request has, where they are given. Action: the message of what
    # ShouldProcess asks.
    param($Cmdlet, $Method, $Bound, $Names, $Action)

    if (-not $script:Session['Supported']) { Write-PlatformError $Cmdlet }
    if ($null -eq $script:Session['Connection']) {
        # Every object would fail the same way.
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
        # That of the last line.
        Connection = $null
        # The requests that wait, and their characters. Of each its method, its text, the object that it is about, if there is one, its
        # first port, and the parameters of the cmdlet.
        Sent       = @()
        Length     = 0
        # How many requests may wait, and the millisecond since which they have.
        Limit      = 1
        Since      = 0
        Clock      = [System.Diagnostics.Stopwatch]::StartNew()
        # Milliseconds that a request may take, 0 for no limit.
        Timeout    = $script:DefaultTimeout
        # Whether only Complete-Call and the number of those that wait decide when they are sent.
        Hold       = $false
        # Whether objects go into the pipeline, into a list instead, or nowhere.
        Keep       = $null
        NoOutput   = $false
        # Whether what is not there needs no removal, and the warnings that were given.
        IfExists   = $false
        Said       = @{}
        # Name of the progress message, or empty.
        Activity   = ''
        Done       = 0
        Shown      = $false
    }
}

function Add-Request {
    # Adds a request to a call, where ShouldProcess agrees, and sends what waits when it is time. Row: the object that was piped in, as
    # Read-Row gives it. Target: that object. StartPort: one port or several, each of which is a request. Alone: after those before it,
    # and before those after it.
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
    if ($Call['Asking'] -and -not (Test-Request $Call $request $members)) { return }
    # netsh runs several times for each exclusion. By a method: the first pattern with alternatives takes .NET twenty first uses.
    if (-not $Call['Hold'] -and $Call['Method'] -in 'reservation.create', 'reservation.remove' -and $text.ToLowerInvariant().Contains('"exclusion"')) { $Alone = $true }
    if ($Call['Sent'].Count -gt 0 -and ($Alone -or $Call['Length'] + $text.Length -gt $script:BatchLimit)) { Send-Call $Call }
    # netsh may run several times, to find out who holds the block.
    if ($Call['Hold']) { $Call['Timeout'] += 5000 }
    $Call['Length'] += $text.Length
    $Call['Sent'] += , $request
    if ($Alone -or $Call['Sent'].Count -ge $Call['Limit'] -or (-not $Call['Hold'] -and $Call['Clock'].ElapsedMilliseconds - $Call['Since'] -gt $script:QueueDelay)) { Send-Call $Call }
}

function Test-Request {
    # Whether a request is made, by what the host says that it would be about. Not after an error, which is written after the objects
    # before it.
    param($Call, $Request, $Members)

    $question = """method"":""$($Call['Method'])"",""params"":{""Ask"":true$Members}"
    $connection = Connect-Host $Call['Cmdlet']
    $answer = if ($question.Length -gt $script:BatchLimit) { New-LineFailure $question.Length } else { Invoke-Request $connection $question }
    if ($null -eq $answer) { $answer = New-LostFailure $connection 'HostEnded' }
    # What exists would not be created.
    if ($answer -isnot [hashtable]) { return -not ($WhatIfPreference -and $answer.IsThere) -and (Confirm-Change $Call['Cmdlet'] $answer.Text (Get-FramedMessage $Call['Action'])) }
    if ($Call['Sent'].Count -gt 0) { Send-Call $Call }
    Write-RequestError $Call['Cmdlet'] $answer $Request
}

function Complete-Call {
    # Sends what waits, and removes the progress bar: the end of every cmdlet.
    param($Call)

    if ($Call['Sent'].Count -gt 0) { Send-Call $Call }
    if ($Call['Shown']) { Show-Progress $Call -Completed }
}

function Send-Call {
    # Sends the waiting requests, and gives objects and errors in their order. One way out from sending to the last object that
    # the pipeline takes: whatever ends it, what was made and not given is taken back.
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
    Skip-UnreadAnswer $connection
    try {
        # In here: a stop between two statements must not leave a host that seems busy for ever. Before the line: an action of an event that
        # asks the host for something while it is joined would have the ids behind its first ones.
        $connection['Busy'] = $true
        $lines = Join-Request $connection @(foreach ($request in $sent) { $request[1] })
        $id = $connection['NextId'] - $count
        # The host would refuse the line as a whole, and could not say whose it is.
        if ($lines.Length -gt $script:LineLimit) {
            $failure = New-LineFailure $lines.Length
            $sent | . { process { Write-RequestError $cmdlet $failure $_ } }
            return
        }
        $connection['MustFinish'] = $Call['Bound']['RestartWinNat'] -or $sent[0][0] -in 'dynamicRange.set', 'desiredState.apply'
        $line = Receive-Answer $connection $lines $Call
        $connection['Busy'] = $false
        if ($null -ne $line) { $items = Read-Answer $line $id $count $Call['NoOutput'] }
        if ($null -eq $items) { $items = Read-LostAnswer $connection $sent $cmdlet ($null -ne $line) }
        # What ends with the host shall be gone when the session is.
        if ($null -eq $script:Session['ExitSubscriber'] -and ($sent[0][0] -ceq 'bind.create' -or $null -ne $script:ReservationTemplates['Runtime'])) { Register-ExitHandler }
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
                    # In one statement: a stop comes between two.
                    if ($null -ne $Call['Keep']) { $Call['Keep'].Add($items[$at++][1]) }
                    else { try { $cmdlet.WriteObject($items[$at++][1]) } catch [System.Management.Automation.MethodInvocationException] { Resume-Failure $_ } }
                }
            }
        }
        $done = $true
    } finally {
        try { if (-not $done) { Undo-Request $connection $sent $id $items $at } } finally { $connection['Busy'] = $false }
    }
    $Call['Limit'] *= $script:QueueGrowth
    if ($Call['Limit'] -gt $script:QueueLimit) { $Call['Limit'] = $script:QueueLimit }
    $Call['Done'] += $count
    $Call['Since'] = $Call['Clock'].ElapsedMilliseconds
    if ($Call['Activity'] -and $Call['Since'] -gt $script:ProgressDelay) { Show-Progress $Call }
}

function Write-Aside {
    # What an answer has beside its objects: a warning, each only once, an error, or the number of those that the rest comes after.
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
        # What could not be done is about an object of the same answer.
        Write-ReservationError $Call['Cmdlet'] (New-HostError $Item $Items[$Item['Target']][1])
    } elseif (-not $Call['IfExists'] -or $Item['Reason'] -notin 'ReservationNotFound', 'TokenNotValid') {
        Write-RequestError $Call['Cmdlet'] $Item $Request
    }
}

function Write-RequestError {
    # An error of one request. That of an object of a list ends the cmdlet: without it, the list would be another one.
    param($Cmdlet, [hashtable]$Failure, $Request)

    if ($Failure['Target'] -is [int]) { $Cmdlet.ThrowTerminatingError((New-HostError $Failure $Request[2][$Failure['Target']])) }
    $target = if ($null -ne $Failure['Target']) { $Failure['Target'] } else { Get-RequestTarget $Request }
    Write-ReservationError $Cmdlet (New-HostError $Failure $target)
}

function Get-RequestTarget {
    # What a request is about: its object, or the block that it asks for.
    param($Request)

    # As it is: a list of somebody's may have no end, or fail.
    if ($null -ne $Request[2]) { return , $Request[2] }
    $bound = $Request[4]
    $start = if ($null -ne $Request[3]) { $Request[3] } else { $bound['StartPort'] }
    if ($null -eq $start -and $null -eq $bound['NumberOfPorts']) { return }
    # The default of those that make and remove one.
    $kind = if ($bound['Kind']) { $bound['Kind'] } elseif ($Request[0] -in 'reservation.create', 'reservation.remove') { 'Persistent' }
    New-Block $bound['Protocol'] $start $bound['NumberOfPorts'] $kind
}

function New-LineFailure {
    # The error of a request that the host would not read.
    param([int]$Length)

    @{ Reason = 'InvalidParameter'; Message = Get-Message LineTooLong @($Length, $script:LineLimit); Advice = Get-Message LineTooLongAdvice; NativeCode = $null; NativeName = '' }
}

function Show-Progress {
    # Shows how many objects are done; at the end removes the progress bar.
    param($Call, [switch]$Completed)

    $Call['Shown'] = $true
    # A module does not see its caller's preferences.
    $ProgressPreference = $Call['Cmdlet'].SessionState.PSVariable.GetValue('ProgressPreference')
    # By its path: an elevated session must not load a module of this name from a folder of the user, and a session may have turned
    # automatic loading off.
    Import-Module -Name ([System.IO.Path]::Combine($PSHOME, 'Modules', 'Microsoft.PowerShell.Utility', 'Microsoft.PowerShell.Utility.psd1')) -Verbose:$false
    Microsoft.PowerShell.Utility\Write-Progress -Activity (Get-Message $Call['Activity']) -Status (Get-Message ProgressStatus @($Call['Done'])) -Completed:$Completed
}
