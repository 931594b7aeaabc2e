# What becomes of a call that does not come to its end: it is stopped (Ctrl+C), or its host is gone.

# Milliseconds to wait after Ctrl+C for a request to be cancelled; and for one that must first start the service winnat again, for
# which the host allows 30 seconds for the stop and two minutes for the start. A host that does not answer in this time is ended, and
# every open bind with it.
$script:CancelLimit = 10000
$script:WinNatLimit = 155000

function Undo-Request {
    # After Ctrl+C, or when the pipeline takes no more (Select-Object -First, -ErrorAction Stop): cancels what is under way, and has the
    # host undo what it made and the pipeline has not got. A warning names what could not be undone. Items: the answers, if they were
    # read; At: how many of them were output. State: an empty hashtable, with which a second call goes on where a stop has ended the first.
    param($Connection, $Sent, [int]$Id, $Items, [int]$At, [hashtable]$State)

    if ($State['Done']) { return }
    $making = @($Sent | & { process { if ($_[0] -in 'reservation.create', 'bind.create' -and $_[1] -cnotmatch '"IfNotExists":true') { , $_ } } })
    # Nothing was sent.
    if ($null -eq $Items -and $null -eq $Connection['Writing']) {
        $Connection['MustFinish'] = $false
        return
    }
    # Nothing was made, so there is nothing to undo.
    if ($null -ne $Items -and $making.Count -eq 0) { return }
    $given = 0
    for ($index = 0; $index -lt $At; $index++) { if ($Items[$index][1] -isnot [hashtable]) { $given++ } }
    $limit = $script:CancelLimit
    $cause = 'HostEnded'
    try {
        # So that the action of an event does not take the answers.
        $Connection['Busy'] = $true
        if ($Connection['MustFinish']) {
            $limit = $script:WinNatLimit
            if (-not $State['Warned']) { Write-Late $(switch ($Sent[0][0]) { 'dynamicRange.set' { 'RangeWait' } 'desiredState.apply' { 'SyncWait' } default { 'WinNatWait' } }) }
            $State['Warned'] = $true
        } elseif ($null -ne $Items) { $limit = $script:DefaultTimeout + $script:AnswerMargin }
        foreach ($request in $making) { if ($request[1] -match '"exclusion"') { $limit += $script:NetshTime } }
        if ($null -eq $State['Id']) {
            $ids = ConvertTo-RequestValue ([int[]]@($Id..($Id + $Sent.Length - 1)))
            # The answer to the call itself is still to come, unless it was read. Then that to a command behind may be, such as to
            # Close-AssociatedBind, which the same stop has ended.
            if ($null -ne $Items) { Skip-UnreadAnswer $Connection }
            $undo = $Connection['NextId']
            $line = Join-Request $Connection @('"method":"request.undo","params":{"ids":' + $ids + ',"given":' + $given + '}')
            Wait-WrittenLine $Connection $limit
            # Here and below in one statement, because a stop comes between two.
            $State['Lines'], $State['Id'], $Connection['Writing'] = @(), $undo, $Connection['Input'].WriteAsync($line)
        }
        # That answer and the answer to the undo, whichever comes first.
        while ($State['Lines'].Count -lt $(if ($null -ne $Items) { 1 } else { 2 })) {
            if ($null -eq $Connection['Pending']) { $Connection['Pending'] = $Connection['Output'].ReadLineAsync() }
            if (-not $Connection['Pending'].Wait($limit)) { $cause = 'HostSilent'; throw 'no answer' }
            $State['Lines'], $Connection['Pending'] = ($State['Lines'] + @($Connection['Pending'].Result)), $null
            if ($null -eq $State['Lines'][-1]) { throw 'no answer' }
        }
        $left = $null
        foreach ($line in $State['Lines']) {
            $answer = Read-Answer $line $State['Id'] 1
            if ($null -ne $answer) { $left = $answer[0][1] }
        }
        $Connection['MustFinish'] = $false
        $Connection['Busy'] = $false
        foreach ($item in $left.left) { Write-Late NotUndone @($item.name, $item.message) }
    } catch {
        Hide-Failure $_
        # Ended, because a late answer could be taken for the answer to another request.
        $failure = New-LostFailure $Connection $cause
        $what = if ($null -ne $Items) { 'NotUndone' } else { 'MayBeInForce' }
        # Sockets and runtime reservations have ended with the host; the rest may be left.
        $names = @(
            if ($null -ne $Items) { for ($index = $At; $index -lt $Items.Count; $index++) { if ($Items[$index][1] -isnot [hashtable]) { "$($Items[$index][1])" } } }
            else { foreach ($request in $making) { if ($request[1] -notmatch '"bind\.create"|"Runtime"') { Get-ObjectText (Get-RequestTarget $request) } } }
        ) -notmatch 'Runtime|Bound|Listening'
        foreach ($name in $names) { Write-Late $what @($name, $failure['Message']) }
    }
    # The binds that were not output.
    for ($index = $At; $null -ne $Items -and $index -lt $Items.Count; $index++) { Close-Record (Get-BindRecord $Items[$index][1]) }
    $State['Done'] = $true
}

function Write-Late {
    # Shows a warning after the pipeline was stopped, when it takes none any more. A PowerShell host without a screen has no UI.
    param([string]$Name, [object[]]$Values = @())

    if ($null -ne $Host.UI) { $Host.UI.WriteWarningLine((Get-Message $Name $Values)) }
}

function Read-LostAnswer {
    # The answers to a line that the host did not answer, because it has ended, is silent, or answers something else. A new host looks
    # which blocks are there: one that was to be created and is there counts as made, one that was to be removed and is not there as
    # removed. The other requests are errors.
    param($Connection, $Sent, $Cmdlet, [bool]$OutOfStep)

    $name = if ($OutOfStep) { 'HostOutOfStep' } elseif ($null -eq $Connection['Pending'] -or $Connection['Pending'].IsCompleted -or $Connection['Process'].HasExited) { 'HostEnded' } else { 'HostSilent' }
    $failure = New-LostFailure $Connection $name
    $items = [System.Collections.Generic.List[object]]::new()
    $asked = @(for ($index = 0; $index -lt $Sent.Length; $index++) { if ($Sent[$index][0] -in 'reservation.create', 'reservation.remove') { $index } })
    $answers = @()
    if ($asked.Count -gt 0 -and $null -eq (Open-Host $Cmdlet)) {
        $answers = @(Invoke-Request $script:Session['Connection'] @(foreach ($index in $asked) { '"method":"request.recall","params":{' + $Sent[$index][1] + '}' }))
        if ($script:Session['Removed']) { Stop-HostProcess }
    }
    $left = @()
    $next = $unsure = 0
    for ($index = 0; $index -lt $Sent.Length; $index++) {
        $there = if ($index -in $asked -and $answers.Count -gt 0) { $answers[$next++] }
        if ($null -ne $there -and $there -isnot [hashtable]) {
            if ($null -ne $there.Done) {
                foreach ($item in $there.Done) { $items.Add(@($index, $item)) }
                # Whether it was there before matters only without -IfNotExists.
                if ($Sent[$index][0] -ceq 'reservation.create' -and $Sent[$index][1] -cnotmatch '"IfNotExists":true') { $unsure += $there.Done.Count }
                continue
            }
            # Only one of two protocols was made.
            $left += @(foreach ($item in $there.Left) { $item })
        }
        $items.Add(@($index, $failure))
    }
    $left | . { process { Write-CmdletWarning $Cmdlet (Get-Message NotUndone @("$_", $failure.Message)) } }
    if ($unsure -gt 0) { Write-CmdletWarning $Cmdlet (Get-Message FoundInForce @($unsure)) }
    , $items
}

function New-LostFailure {
    # The error of a request that the host did not answer.
    param($Connection, [string]$Name)

    $message = Get-Message $Name @($Connection['ProcessId'], (Get-HostDiagnosis $Connection))
    @{ Reason = 'HostUnavailable'; Message = $message; Advice = Get-Message HostEndedAdvice; NativeCode = $null; NativeName = '' }
}
