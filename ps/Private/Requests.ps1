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
    # Starts the host, so that Node.js starts while PowerShell compiles what follows; ends the cmdlet where there can be none. Activity:
    # name of the progress message, or empty. Timeout: milliseconds that a request may take, 0 for no limit.
    param($Cmdlet, $Activity, $Timeout = $script:DefaultTimeout)

    if (-not $script:Session['Supported']) { Write-PlatformError $Cmdlet }
    if ($null -eq $script:Session['Connection']) {
        # Every object would fail the same way.
        $failure = if ($script:Session['Removed']) { New-RemovedFault } else { Open-HostProcess $Cmdlet }
        if ($null -ne $failure) { $Cmdlet.ThrowTerminatingError($failure) }
    }
    @{
        Cmdlet     = $Cmdlet
        # That of the last line.
        Connection = $null
        Requests   = @()
        # Of each request its method, its text, the object that it is about, if there is one, and its parameters.
        Sent       = @()
        # Of the requests that wait, their characters.
        Length     = 0
        # How many requests may wait, and the millisecond since which they have.
        Limit      = 1
        Since      = 0
        Clock      = [System.Diagnostics.Stopwatch]::StartNew()
        Timeout    = $Timeout
        # Whether objects go into the pipeline, into a list instead, or nowhere.
        Keep       = $null
        NoOutput   = $false
        # Whether what is not there needs no removal, and the warnings that were given.
        IfExists   = $false
        Said       = @{}
        Activity   = $Activity
        Done       = 0
        Shown      = $false
    }
}

function Add-Request {
    # Adds a request to a call, and sends what waits when it is time. Target: the object that it is about. Hold: only Complete-Call
    # and the number of those that wait decide. Alone: after those before it, and before those after it.
    param($Call, $Method, $Parameters = @{}, $Target, $Hold, $Alone)

    $request = '"method":"' + $Method + '","params":' + (ConvertTo-RequestValue $Parameters)
    # What ends with the host shall be gone when the session is.
    if ($null -eq $script:Session['ExitSubscriber'] -and ($Method -eq 'bind.create' -or $request -match '"Runtime"|"restartWinNat":true')) { Register-ExitHandler }
    # netsh runs several times for each exclusion.
    if (-not $Hold -and $request -match '"Exclusion"' -and $Method -in 'reservation.create', 'reservation.remove') { $Alone = $true }
    if ($Call['Requests'].Count -gt 0 -and ($Alone -or $Call['Length'] + $request.Length -gt $script:BatchLimit)) { Send-Call $Call }
    $Call['Length'] += $request.Length
    $Call['Requests'] += $request
    $Call['Sent'] += , @($Method, $request, $Target, $Parameters)
    if ($Alone -or $Call['Requests'].Count -ge $Call['Limit'] -or (-not $Hold -and $Call['Clock'].ElapsedMilliseconds - $Call['Since'] -gt $script:QueueDelay)) { Send-Call $Call }
}

function Complete-Call {
    # Sends what waits, and removes the progress bar: the end of every cmdlet.
    param($Call)

    if ($Call['Requests'].Count -gt 0) { Send-Call $Call }
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
    $requests = $Call['Requests']
    $count = $sent.Count
    $Call['Requests'] = $Call['Sent'] = @()
    $Call['Length'] = 0
    $items = $null
    $id = $at = 0
    $done = $false
    Skip-UnreadAnswer $connection
    try {
        # In here: a stop between two statements must not leave a host that seems busy for ever. Before the line: an action of an event that
        # asks the host for something while it is joined would have the ids behind its first ones.
        $connection['Busy'] = $true
        $lines = Join-Request $connection $requests
        $id = $connection['NextId'] - $count
        # The host would refuse the line as a whole, and could not say whose it is.
        if ($lines.Length -gt $script:LineLimit) {
            $failure = New-LineFailure $lines.Length
            $sent | . { process { Write-RequestError $cmdlet $failure $_ } }
            return
        }
        $connection['MustFinish'] = $lines -cmatch '"RestartWinNat":true|"method":"(dynamicRange\.set|desiredState\.apply)"'
        $line = Receive-Answer $connection $lines $Call
        $connection['Busy'] = $false
        if ($null -ne $line) { $items = Read-Answer $line $id $count $Call['NoOutput'] }
        if ($null -eq $items) { $items = Read-LostAnswer $connection $sent $cmdlet ($null -ne $line) }
        $items | . {
            process {
                $index, $item = $items[$at]
                if ($item -is [hashtable]) {
                    $at++
                    Write-Aside $Call $item $sent[$index] $items
                } elseif ($Call['NoOutput']) {
                    $at++
                } else {
                    if ($sent[$index][0] -eq 'bind.create') { $item = $items[$at][1] = ConvertTo-Bind $connection $item $sent[$index][2] }
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
        $parameters = $Request[3].Clone()
        $parameters['Skip'] = $Item['Skip']
        Add-Request $rest $Request[0] $parameters $Request[2] -Alone $true
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
    if (-not $Request[3].ContainsKey('StartPort') -and -not $Request[3].ContainsKey('NumberOfPorts')) { return }
    # The default of those that make and remove one.
    $kind = if ($Request[3]['Kind']) { $Request[3]['Kind'] } elseif ($Request[0] -in 'reservation.create', 'reservation.remove') { 'Persistent' }
    New-Block $Request[3]['Protocol'] $Request[3]['StartPort'] $Request[3]['NumberOfPorts'] $kind
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
