# What becomes of a call that nobody waits for to its end: after Ctrl+C, or when its host is gone.

# Milliseconds to wait after Ctrl+C for a request to be cancelled, and for one that must start the service winnat again: the
# host allows 30 seconds for the stop and two minutes for the start. Without its answer, every bind would be lost.
$script:CancelLimit = 10000
$script:WinNatLimit = 155000

function Undo-Request {
    # Ctrl+C, or a pipeline that takes no more (Select-Object -First, -ErrorAction Stop): cancels what is under way, and has the
    # host take back what it made, except what was given. What is left is named.
    param($Connection, $Sent, [int]$Id, $Items, [int]$At)

    $making = @($Sent | & { process { if ($_[0] -in 'reservation.create', 'bind.create' -and $_[1] -cnotmatch '"IfNotExists":true') { $_ } } })
    # Nothing was sent.
    if ($null -eq $Items -and $null -eq $Connection['Writing']) {
        $Connection['MustFinish'] = $false
        return
    }
    # The answer to a query is not waited for.
    if ($null -ne $Items -and $making.Count -eq 0) { return }
    $given = 0
    for ($index = 0; $index -lt $At; $index++) { if ($Items[$index][1] -isnot [hashtable]) { $given++ } }
    $limit = $script:CancelLimit
    try {
        # An action of an event must not take its answers.
        $Connection['Busy'] = $true
        if ($Connection['MustFinish']) {
            $limit = $script:WinNatLimit
            Write-Late $(switch ($Sent[0][0]) { 'dynamicRange.set' { 'RangeWait' } 'desiredState.apply' { 'SyncWait' } default { 'WinNatWait' } })
        } elseif ($null -ne $Items) { $limit = $script:DefaultTimeout + $script:AnswerMargin }
        $ids = ConvertTo-RequestValue ([int[]]@($Id..($Id + $Sent.Length - 1)))
        # Also one that has come, but was not read yet.
        $pending = if ($null -eq $Items) { $Connection['Pending'] }
        $undo = $Connection['NextId']
        $line = Join-Request $Connection @('"method":"request.undo","params":{"ids":' + $ids + ',"given":' + $given + '}')
        Wait-WrittenLine $Connection $limit
        $Connection['Writing'] = $Connection['Input'].WriteAsync($line)
        $left = $null
        # Both answers, whichever is first.
        foreach ($number in 1..$(if ($null -ne $Items) { 1 } else { 2 })) {
            $task = if ($null -ne $pending) { $pending } else { $Connection['Output'].ReadLineAsync() }
            $pending = $Connection['Pending'] = $null
            if (-not $task.Wait($limit) -or $null -eq $task.Result) { throw (Get-Message HostSaidNothing) }
            $answer = Read-Answer $task.Result $undo 1
            if ($null -ne $answer) { $left = $answer[0][1] }
        }
        $Connection['MustFinish'] = $false
        $Connection['Busy'] = $false
        foreach ($item in $left.left) { Write-Late NotUndone @($item.name, $item.message) }
    } catch {
        Hide-Failure $_
        # A late answer could be taken for that to another request.
        Stop-Connection $Connection 0
        # Sockets and runtime reservations have ended with the host.
        $names = @(
            if ($null -ne $Items) { for ($index = $At; $index -lt $Items.Count; $index++) { if ($Items[$index][1] -isnot [hashtable]) { "$($Items[$index][1])" } } }
            else { foreach ($request in $making) { if ($request[1] -notmatch '"bind\.create"|"Runtime"') { Get-ObjectText (Get-RequestTarget $request) } } }
        ) -notmatch 'Runtime|Bound|Listening'
        foreach ($name in $names) { Write-Late NotUndone @($name, (Get-Message HostSaidNothing)) }
    }
    # Nobody has these any more.
    for ($index = $At; $null -ne $Items -and $index -lt $Items.Count; $index++) { Close-Record (Get-BindRecord $Items[$index][1]) }
}

function Write-Late {
    # A warning after the end of a pipeline, which takes none. A PowerShell host without a screen has no UI.
    param([string]$Name, [object[]]$Values = @())

    if ($null -ne $Host.UI) { $Host.UI.WriteWarningLine((Get-Message $Name $Values)) }
}

function Read-LostAnswer {
    # The host has ended, is silent or out of step. The next one looks: a block that is there was made, and one that is not was
    # removed. The rest are errors.
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
                # With -IfNotExists it is all the same.
                if ($Sent[$index][0] -ceq 'reservation.create' -and $Sent[$index][1] -cnotmatch '"IfNotExists":true') { $unsure += $there.Done.Count }
                continue
            }
            # One of two protocols.
            $left += @(foreach ($item in $there.Left) { $item })
        }
        $items.Add(@($index, $failure))
    }
    $left | . { process { Write-CmdletWarning $Cmdlet (Get-Message NotUndone @("$_", $failure.Message)) } }
    if ($unsure -gt 0) { Write-CmdletWarning $Cmdlet (Get-Message FoundInForce @($unsure)) }
    , $items
}

function New-LostFailure {
    # The error of an answer that the host did not give.
    param($Connection, [string]$Name)

    $message = Get-Message $Name @($Connection['ProcessId'], (Get-HostDiagnosis $Connection))
    @{ Reason = 'HostUnavailable'; Message = $message; Advice = Get-Message HostEndedAdvice; NativeCode = $null; NativeName = '' }
}
