# Many pipeline items become few lines: the first goes out at once, the ones that follow fast are sent together.
#
# A queue is a hashtable that the cmdlet makes: Requests; Targets, for each request the object that an error names, or what
# New-Block makes one of, @(protocols, start, count, kind); Make, what becomes of a result: 'Reservation', 'Bind' or
# 'Nothing'; Undo, whether reservations that are not given are removed; Timeout, milliseconds for the host; Limit, how many
# may wait; Clock, since the last time it was sent; Activity, the message that says what a bar of progress is about, or
# nothing, and for it Began, Done and Shown.

# How long an item may wait for others, how many may wait together, and how fast that number grows.
$script:QueueDelay = 50
$script:QueueLimit = 200
$script:QueueGrowth = 4
# Milliseconds before a pipeline shows how far it is.
$script:ProgressDelay = 1000

function Send-RequestQueue {
    # Sends what waits, and gives objects and errors in the order of the items.
    param($Queue, $Cmdlet)

    $ErrorActionPreference = 'Stop'
    $pattern = $null
    if ($Queue.Make -ne 'Bind') { $pattern = $script:ReservationAnswer }
    $answers = Invoke-HostRequest $Cmdlet $Queue.Requests $Queue.Timeout $pattern
    $targets = $Queue.Targets.ToArray()
    $Queue.Requests.Clear()
    $Queue.Targets.Clear()
    if ($Queue.Make -eq 'Bind') { Write-BindAnswer $Cmdlet $answers $targets }
    else { Write-ReservationAnswer $Queue $Cmdlet $answers $targets }
    $Queue.Limit = [Math]::Min($Queue.Limit * $script:QueueGrowth, $script:QueueLimit)
    if ($null -ne $Queue.Activity) {
        $Queue.Done += $targets.Count
        if ($Queue.Began.ElapsedMilliseconds -gt $script:ProgressDelay) { Show-Progress $Queue $Cmdlet }
    }
    $Queue.Clock.Restart()
}

function Write-ReservationAnswer {
    # Gives the reservations and errors of a batch. What the pipeline does not take any more is removed, persistent ones too:
    # made one by one, it would not have been made at all, and nobody has seen it yet.
    param($Queue, $Cmdlet, $Answers, [object[]]$Targets)

    $items = @(
        if ($Answers -is [System.Text.RegularExpressions.Match]) {
            # Reservations, and not one error.
            if ($Queue.Make -eq 'Reservation') { ConvertFrom-ReservationMatch $Answers }
        } else {
            for ($index = 0; $index -lt $Answers.Count; $index++) {
                $result = $Answers[$index].PSObject.Properties['result']
                if ($null -eq $result) { @{ Failure = $Answers[$index].error; Target = $Targets[$index] } }
                elseif ($Queue.Make -eq 'Reservation') { ConvertTo-Reservation $result.Value }
            }
        }
    )
    $given = 0
    try {
        foreach ($item in $items) {
            $given++
            if ($item -is [hashtable]) { Write-HostError $Cmdlet $item.Failure $item.Target } else { $item }
        }
    } finally {
        if ($Queue.Undo) { Undo-Reservation @(for (; $given -lt $items.Count; $given++) { if ($items[$given] -isnot [hashtable]) { $items[$given] } }) }
    }
}

function Undo-Reservation {
    # Removes what was made a moment ago, by one request. What cannot be removed is left: there is nobody to tell.
    param([object[]]$Reservation)

    if ($Reservation.Count -eq 0 -or $null -eq $script:Session.Connection) { return }
    $requests = [System.Collections.Generic.List[string]]::new()
    foreach ($item in $Reservation) { $requests.Add((Get-RemoveRequest $item)) }
    $null = Invoke-HostRequest $null $requests
}

function Get-RemoveRequest {
    # A request that removes a reservation, an object or one of the host's.
    param([object]$Reservation)

    '"method":"reservation.remove","params":{"kind":"' + $Reservation.Kind.ToLowerInvariant() + '","protocol":"' + $Reservation.Protocol.ToLowerInvariant() +
        '","startPort":' + $Reservation.StartPort + ',"numberOfPorts":' + $Reservation.NumberOfPorts + '}'
}

function Show-Progress {
    # How many items are done, looked at after each line that was sent; at the end takes the bar away.
    param($Queue, $Cmdlet, [switch]$Completed)

    $Queue.Shown = $true
    # A module does not see the preferences of the script that calls it.
    $ProgressPreference = $Cmdlet.SessionState.PSVariable.GetValue('ProgressPreference')
    Write-Progress -Activity (Get-Message $Queue.Activity) -Status (Get-Message ProgressStatus @($Queue.Done)) -Completed:$Completed
}
