# Many pipeline items become few lines: the first goes out at once, the ones that follow fast are sent together.
#
# A queue is a hashtable that the cmdlet makes: Requests; Targets, for each request the object that an error names, or what
# New-Block makes one of, @(protocols, start, count, kind); Make, what becomes of a result: 'Reservation', 'Bind' or
# 'Nothing'; Timeout, milliseconds for the host; Limit, how many may wait; Clock, since the last time it was sent; Activity,
# the message that says what a bar of progress is about, or nothing, and for it Began, Done and Shown.

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
    if ($answers -is [System.Text.RegularExpressions.Match]) {
        # Reservations, and not one error.
        if ($Queue.Make -eq 'Reservation') { ConvertFrom-ReservationMatch $answers }
    } elseif ($Queue.Make -eq 'Bind') {
        Write-BindAnswer $Cmdlet $answers $targets
    } else {
        $index = 0
        foreach ($answer in $answers) {
            $target = $targets[$index++]
            $result = $answer.PSObject.Properties['result']
            if ($null -eq $result) { Write-HostError $Cmdlet $answer.error $target }
            elseif ($Queue.Make -eq 'Reservation') { ConvertTo-Reservation $result.Value }
        }
    }
    $Queue.Limit = [Math]::Min($Queue.Limit * $script:QueueGrowth, $script:QueueLimit)
    if ($null -ne $Queue.Activity) {
        $Queue.Done += $targets.Count
        if ($Queue.Began.ElapsedMilliseconds -gt $script:ProgressDelay) { Show-Progress $Queue $Cmdlet }
    }
    $Queue.Clock.Restart()
}

function Show-Progress {
    # How many items are done, looked at after each line that was sent; at the end takes the bar away.
    param($Queue, $Cmdlet, [switch]$Completed)

    $Queue.Shown = $true
    # A module does not see the preferences of the script that calls it.
    $ProgressPreference = $Cmdlet.SessionState.PSVariable.GetValue('ProgressPreference')
    Write-Progress -Activity (Get-Message $Queue.Activity) -Status (Get-Message ProgressStatus @($Queue.Done)) -Completed:$Completed
}
