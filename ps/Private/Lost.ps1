# What becomes of a call that nobody waits for to its end: after Ctrl+C, or when its host is gone.

# Milliseconds to wait after Ctrl+C for a request to be cancelled, and for one that must start the service winnat again: the
# host allows 30 seconds for the stop and two minutes for the start. Without its answer, every bind would be lost.
$script:CancelLimit = 10000
$script:WinNatLimit = 155000

function Undo-Request {
    # Ctrl+C, or a pipeline that takes no more (Select-Object -First, -ErrorAction Stop): cancels what is under way, and has the
    # host take back what it made, except what was given. What is left is named.
    param($Connection, $Sent, [int]$Id, $Items, [int]$At)

    $making = @($Sent | & { process { if ($_[0] -in 'reservation.create', 'bind.create' -and -not $_[1]['ifNotExists']) { $_ } } })
    # Nothing was sent.
    if ($null -eq $Items -and $null -eq $Connection.Writing) {
        $Connection.MustFinish = $false
        return
    }
    # The answer to a query is not waited for.
    if ($null -ne $Items -and $making.Count -eq 0) { return }
    $given = 0
    for ($index = 0; $index -lt $At; $index++) { if ($Items[$index][1] -isnot [hashtable]) { $given++ } }
    $limit = $script:CancelLimit
    try {
        if ($Connection.MustFinish) {
            $limit = $script:WinNatLimit
            Write-Late $(switch ($Sent[0][0]) { 'dynamicRange.set' { 'RangeWait' } 'desiredState.apply' { 'SyncWait' } default { 'WinNatWait' } })
        } elseif ($null -ne $Items) { $limit = $script:DefaultTimeout + $script:AnswerMargin }
        $ids = ConvertTo-RequestValue ([int[]]@($Id..($Id + $Sent.Length - 1)))
        # Also one that has come, but was not read yet.
        $pending = if ($null -eq $Items) { $Connection.Pending }
        $undo = $Connection.NextId
        $line = Join-Request $Connection @('"method":"request.undo","params":{"ids":' + $ids + ',"given":' + $given + '}')
        # Both answers, whichever is first.
        $bytes = [System.Text.Encoding]::UTF8.GetBytes($line)
        $Connection.Input.Write($bytes, 0, $bytes.Length)
        $Connection.Input.Flush()
        $left = $null
        foreach ($number in 1..$(if ($null -ne $Items) { 1 } else { 2 })) {
            $task = if ($null -ne $pending) { $pending } else { $Connection.Output.ReadLineAsync() }
            $pending = $Connection.Pending = $null
            if (-not $task.Wait($limit) -or $null -eq $task.Result) { throw (Get-Message HostSaidNothing) }
            $answer = Read-Answer $task.Result $undo 1
            if ($null -ne $answer) { $left = $answer[0][1] }
        }
        $Connection.MustFinish = $false
        foreach ($item in $left.left) { Write-Late NotUndone @($item.name, $item.message) }
    } catch {
        Hide-Failure $_
        # A late answer could be taken for that to another request.
        Stop-Connection $Connection 0
        $names = if ($null -ne $Items) { for ($index = $At; $index -lt $Items.Count; $index++) { if ($Items[$index][1] -isnot [hashtable]) { "$($Items[$index][1])" } } }
        else { foreach ($request in $making) { Get-TargetName $request[2] } }
        # Sockets and runtime reservations have ended with the host.
        foreach ($name in $names) { if ("$name" -notmatch 'Runtime|Bound|Listening') { Write-Late NotUndone @("$name", (Get-Message HostSaidNothing)) } }
    }
    # Nobody has these any more.
    for ($index = $At; $null -ne $Items -and $index -lt $Items.Count; $index++) { Close-Record (Get-BindRecord $Items[$index][1]) }
}

function Write-Late {
    # A warning after the end of a pipeline, which takes none. A PowerShell host without a screen has no UI.
    param([string]$Name, [object[]]$Values = @())

    if ($null -ne $Host.UI) { $Host.UI.WriteWarningLine((Get-Message $Name $Values)) }
}

function Get-TargetName {
    param($Target)

    if ($Target -is [object[]]) { "$(New-Block @Target)" } else { "$Target" }
}

function Read-LostAnswer {
    # The host has ended, is silent or out of step. The next one looks: a block that is there was made, and one that is not was
    # removed. The rest are errors.
    param($Connection, $Sent, $Cmdlet, [bool]$OutOfStep)

    $name = if ($OutOfStep) { 'HostOutOfStep' } elseif ($null -eq $Connection.Pending -or $Connection.Pending.IsCompleted -or $Connection.Process.HasExited) { 'HostEnded' } else { 'HostSilent' }
    $failure = New-LostFailure $Connection $name
    $items = [System.Collections.Generic.List[object]]::new()
    $found = @{}
    # A runtime reservation ended with its host, and no search says what it was for.
    $asked = @(for ($index = 0; $index -lt $Sent.Length; $index++) {
            $method, $parameters = $Sent[$index][0, 1]
            if ($method -in 'reservation.create', 'reservation.remove' -and $parameters.kind -ne 'Runtime' -and $parameters['startPort']) { $index }
        })
    if ($asked.Count -gt 0 -and $null -eq (Open-Host $Cmdlet)) {
        $requests = foreach ($index in $asked) {
            $parameters = $Sent[$index][1]
            $protocols = if ($parameters.ContainsKey('protocols')) { $parameters.protocols } else { $parameters.protocol }
            '"method":"reservation.find","params":' + (ConvertTo-RequestValue @{
                    protocols = @($protocols); kinds = @($parameters.kind); startPort = $parameters.startPort; numberOfPorts = $parameters.numberOfPorts
                })
        }
        $answers = @(Invoke-Request $script:Session.Connection $requests)
        for ($number = 0; $number -lt $answers.Count; $number++) { $found[$asked[$number]] = $answers[$number] }
    }
    for ($index = 0; $index -lt $Sent.Length; $index++) {
        $there = $found[$index]
        if ($null -eq $there -or $there -is [hashtable] -or $there.NotRead.Count -gt 0) { $items.Add(@($index, $failure)); continue }
        if ($Sent[$index][0] -eq 'reservation.create' -and $there.Missing.Count -eq 0) { foreach ($item in $there.Items) { $items.Add(@($index, $item)) } }
        elseif ($Sent[$index][0] -eq 'reservation.remove' -and $there.Items.Count -eq 0) { $items.Add(@($index, (New-RemovedReservation $Sent[$index][1]))) }
        else {
            $items.Add(@($index, $failure))
            # One of two protocols.
            if ($Sent[$index][0] -eq 'reservation.create') { foreach ($item in $there.Items) { Write-CmdletWarning $Cmdlet (Get-Message NotUndone @("$item", $failure.Message)) } }
        }
    }
    , $items
}

function New-RemovedReservation {
    # A reservation that is there no more, and of which only the block is known.
    param([hashtable]$Parameters)

    $reservation = $script:ReservationTemplates[$Parameters.kind].PSObject.Copy()
    $reservation.Protocol = $Parameters.protocol
    $reservation.StartPort = $Parameters.startPort
    $reservation.NumberOfPorts = $Parameters.numberOfPorts
    $reservation.EndPort = $Parameters.startPort + $Parameters.numberOfPorts - 1
    $reservation
}

function New-LostFailure {
    # The error of an answer that the host did not give.
    param($Connection, [string]$Name)

    $message = Get-Message $Name @($Connection.ProcessId, (Get-HostDiagnosis $Connection))
    @{ Reason = 'HostUnavailable'; Message = $message; Advice = Get-Message HostEndedAdvice; NativeCode = $null; NativeName = '' }
}
