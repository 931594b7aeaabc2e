# Many pipeline items become few lines: the first goes out at once, the ones that follow fast are sent together.
#
# A queue is a hashtable that the cmdlet makes: Requests; Targets, for each request the object that an error names, or what
# New-Block makes one of, @(protocols, start, count, kind); Make, what becomes of a result: 'Reservation', 'Bind' or
# 'Nothing'; Timeout, milliseconds for the host; Limit, how many may wait; Clock, since the last time it was sent.

# How long an item may wait for others, how many may wait together, and how fast that number grows.
$script:QueueDelay = 50
$script:QueueLimit = 200
$script:QueueGrowth = 4

function Send-RequestQueue {
    # Sends what waits, and gives objects and errors in the order of the items.
    param($Queue, $Cmdlet)

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
    $Queue.Clock.Restart()
}
