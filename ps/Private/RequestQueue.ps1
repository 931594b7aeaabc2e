# Many pipeline objects become few lines: the first is sent at once, and those that follow quickly are sent together.
#
# How many milliseconds an object may wait for others, how many may wait together, and how fast that number grows.
$script:QueueDelay = 50
$script:QueueLimit = 200
$script:QueueGrowth = 4
# Milliseconds before a pipeline shows its progress.
$script:ProgressDelay = 1000

function New-RequestQueue {
    # Output: 'Reservation', 'Bind' or 'Nothing', what becomes of a result. Activity: the name of the progress message.
    # Timeout: milliseconds for the host. Undo: whether reservations that could not be output are removed.
    # NoteLarger: whether an exclusion may be larger than what was asked for, and is then told.
    param([string]$Output, [string]$Activity, [long]$Timeout, [bool]$Undo, [bool]$NoteLarger)

    @{
        Requests = [System.Collections.Generic.List[string]]::new()
        # For each request the target of an error, or the arguments of New-Block for one, @(protocols, start, count, kind).
        Targets  = [System.Collections.Generic.List[object]]::new()
        # How many requests may wait.
        Limit    = 1
        # The time since the queue was last sent.
        Clock    = [System.Diagnostics.Stopwatch]::StartNew()
        Output   = $Output
        Timeout  = $Timeout
        Undo     = $Undo
        Activity = $Activity
        NoteLarger = $NoteLarger
        # Whether what is not there needs no removal.
        IfExists = $false
        # For the progress: the time since the beginning, how many objects are done, and whether it is shown.
        Began    = [System.Diagnostics.Stopwatch]::StartNew()
        Done     = 0
        Shown    = $false
    }
}

function Send-RequestQueue {
    # Sends the waiting requests, and outputs objects and errors in order.
    param($Queue, $Cmdlet)

    $ErrorActionPreference = 'Stop'
    $pattern = $null
    if ($Queue.Output -ne 'Bind') { $pattern = $script:ReservationAnswer }
    $answers = Invoke-HostRequest $Cmdlet $Queue.Requests $Queue.Timeout $pattern $Queue
    $targets = $Queue.Targets.ToArray()
    $Queue.Requests.Clear()
    $Queue.Targets.Clear()
    if ($Queue.Output -eq 'Bind') { Write-BindAnswer $Cmdlet $answers $targets }
    else { Write-ReservationAnswer $Queue $Cmdlet $answers $targets }
    $Queue.Limit = [Math]::Min($Queue.Limit * $script:QueueGrowth, $script:QueueLimit)
    if ($Queue.Activity) {
        $Queue.Done += $targets.Count
        if ($Queue.Began.ElapsedMilliseconds -gt $script:ProgressDelay) { Show-Progress $Queue $Cmdlet }
    }
    $Queue.Clock.Restart()
}

function Write-ReservationAnswer {
    # Outputs the reservations and errors of a batch. Reservations that the pipeline no longer takes are removed, persistent
    # ones too: if sent one by one they would not have been created.
    param($Queue, $Cmdlet, $Answers, [object[]]$Targets)

    $items = @(
        if ($Answers -is [System.Text.RegularExpressions.Match]) {
            # Only reservations, no error.
            if ($Queue.Output -eq 'Reservation') { ConvertFrom-ReservationMatch $Answers }
        } else {
            for ($index = 0; $index -lt $Answers.Count; $index++) {
                $result = $Answers[$index].PSObject.Properties['result']
                if ($null -eq $result) {
                    if (-not $Queue.IfExists -or -not (Test-Missing $Answers[$index].error)) { @{ Failure = $Answers[$index].error; Target = $Targets[$index] } }
                }
                elseif ($Queue.Output -eq 'Reservation') { ConvertTo-Reservation $result.Value }
            }
        }
    )
    $given = 0
    try {
        foreach ($item in $items) {
            $given++
            if ($item -is [hashtable]) { Write-HostError $Cmdlet $item.Failure $item.Target; continue }
            if ($Queue.NoteLarger -and $item.Kind -eq 'Exclusion') { Write-LargerExclusion $item $Cmdlet $Targets }
            $item
        }
    } finally {
        if ($Queue.Undo) { Undo-Reservation @(for (; $given -lt $items.Count; $given++) { if ($items[$given] -isnot [hashtable]) { $items[$given] } }) }
    }
}

function Write-LargerExclusion {
    # Warns if an exclusion is not a block that was asked for, but contains one of those.
    param([object]$Reservation, $Cmdlet, [object[]]$Targets)

    $inside = foreach ($target in $Targets) {
        $protocols, $start, $count, $kind = $target
        if ($kind -ne 'Exclusion' -or $Reservation.Protocol -notin $protocols) { continue }
        if ($start -eq $Reservation.StartPort -and $count -eq $Reservation.NumberOfPorts) { return }
        if ($start -ge $Reservation.StartPort -and $start + $count - 1 -le $Reservation.EndPort) { New-Block $Reservation.Protocol $start $count }
    }
    # A module does not see its caller's preferences.
    $WarningPreference = $Cmdlet.SessionState.PSVariable.GetValue('WarningPreference')
    foreach ($block in $inside) { $Cmdlet.WriteWarning((Get-Message LargerExclusion @($block, $Reservation))) }
}

function Test-Missing {
    # Whether there was nothing to remove. A runtime reservation has a token, and ends with its host (rules R3, R4).
    param([object]$Failure)

    $Failure.PSObject.Properties['data'] -and $Failure.data.reason -in 'ReservationNotFound', 'TokenNotValid'
}

function Undo-Reservation {
    # Removes reservations that were just created, in one batch. Failures are ignored: there is no pipeline to report them to.
    param([object[]]$Reservation)

    if ($Reservation.Count -eq 0 -or $null -eq $script:Session.Connection) { return }
    $requests = [System.Collections.Generic.List[string]]::new()
    foreach ($item in $Reservation) { $requests.Add((Get-RemoveRequest $item)) }
    $null = Invoke-HostRequest $null $requests
}

function Get-RemoveRequest {
    # A request that removes a reservation, given as an object of this module or as the host's data.
    param([object]$Reservation)

    '"method":"reservation.remove","params":{"kind":"' + $Reservation.Kind.ToLowerInvariant() + '","protocol":"' + $Reservation.Protocol.ToLowerInvariant() +
        '","startPort":' + $Reservation.StartPort + ',"numberOfPorts":' + $Reservation.NumberOfPorts + '}'
}

function Show-Progress {
    # Shows how many objects are done, during a long wait and after each line that was sent; at the end removes the progress
    # bar.
    param($Queue, $Cmdlet, [switch]$Completed)

    $Queue.Shown = $true
    # A module does not see its caller's preferences.
    $ProgressPreference = $Cmdlet.SessionState.PSVariable.GetValue('ProgressPreference')
    Write-Progress -Activity (Get-Message $Queue.Activity) -Status (Get-Message ProgressStatus @($Queue.Done)) -Completed:$Completed
}
