# Exclusions, the search for a free block, what is won back from WinNAT, and the bar of progress.

Test 'an exclusion is made, listed, looked up and removed' {
    $made = New-PortReservation -StartPort 26000 -NumberOfPorts 5 -Kind Exclusion
    Assert-Equal @($made.PSTypeNames)[0..1] @('PortReservation.Exclusion', 'PortReservation.Reservation') 'the type names'
    Assert-Equal "$made $($made.Token) $($made.OwningProcess)" 'Tcp 26000-26004 (Exclusion)  '
    Assert-Equal "$(Get-PortReservation -Kind Exclusion)" "$made"
    Assert-Equal "$(Get-PortReservation 26000 5 -Kind Exclusion)" "$made"
    Assert-Equal "$(New-PortReservation -StartPort 26000 -NumberOfPorts 5 -Kind Exclusion -IfNotExists)" "$made"
    Assert-Failure (Get-Failure { New-PortReservation -StartPort 26004 -Kind Exclusion }) PortInUse ResourceBusy New-PortReservation $null $null
    Assert-Equal (Get-Failure { $made | Invoke-AssociatedBind }).FullyQualifiedErrorId 'InvalidParameter,Invoke-AssociatedBind'
    Assert-Failure (Get-Failure { Remove-PortReservation 26000 4 -Kind Exclusion }) ReservationNotFound ObjectNotFound Remove-PortReservation $null $null
    Assert-Equal "$($made | Remove-PortReservation -PassThru)" "$made"
    Assert-Equal @(Get-PortReservation).Count 0
    $both = @(New-PortReservation -StartPort 26000 -Kind Exclusion -Protocol Tcp, Udp)
    Assert-Equal "$both" 'Tcp 26000 (Exclusion) Udp 26000 (Exclusion)'
    Remove-PortReservation 26000 -Kind Exclusion -Protocol Tcp, Udp
    Assert-Equal @(Get-PortReservation).Count 0
}

Test 'an exclusion says whether it survives a restart, also through a file' {
    $folder = New-TestFolder 'stores'
    $kept = New-PortReservation -StartPort 26050 -NumberOfPorts 2 -Kind Exclusion
    $passing = New-PortReservation -StartPort 26060 -Kind Exclusion -Store Active
    Assert-Equal @($kept.Store, $passing.Store) @('Persistent', 'Active')
    Assert-Equal @($kept.PSObject.Properties.Name)[-1] 'Store'
    Assert-Equal (New-PortReservation -StartPort 26070).Store 'Persistent'
    Set-Knob add_exclusion 17 26060 1 0
    Assert-Equal @(Get-PortReservation -Kind Exclusion | ForEach-Object Store) @('Persistent', 'Active', 'Active')
    Assert-Equal @(Get-PortReservation -Store Persistent | ForEach-Object { "$_" }) @("$kept", 'Tcp 26070 (Persistent)')
    Assert-Equal "$(Get-PortReservation -Store Persistent -Kind Exclusion -Port 26051)" "$kept"

    $file = Join-Path $folder 'exclusions.csv'
    Get-PortReservation -Kind Exclusion | Export-Csv $file -NoTypeInformation
    Get-PortReservation -Kind Exclusion | Remove-PortReservation
    Assert-Equal @(Get-PortReservation -Kind Exclusion).Count 0 'active ones are removed as well'
    Assert-Equal @(Import-Csv $file | New-PortReservation | ForEach-Object { "$($_.Protocol) $($_.StartPort) $($_.Store)" }) @('Tcp 26050 Persistent', 'Tcp 26060 Active', 'Udp 26060 Active')
    Set-Knob restart
    Assert-Equal @(Get-PortReservation -Kind Exclusion | ForEach-Object { "$_" }) @("$kept")

    Remove-PortReservation 26050 2 -Kind Exclusion -Store Active
    Assert-Equal @(Get-PortReservation -Kind Exclusion).Count 0
    $stored = Get-PortReservation -Kind Exclusion -Store Persistent
    Assert-Equal "$stored" "$kept"
    Assert-Match (Get-Failure { New-PortReservation -StartPort 26050 -NumberOfPorts 2 -Kind Exclusion }).Exception.Message 'after a restart'
    $stored | Remove-PortReservation
    Assert-Equal @(Get-PortReservation -Kind Exclusion -Store Persistent).Count 0

    Assert-Failure (Get-Failure { Remove-PortReservation 26070 -Store Active }) InvalidParameter InvalidArgument Remove-PortReservation $null $null
    $failure = Get-Failure { New-PortReservation -StartPort 26080 -Store Active }
    Assert-Failure $failure InvalidParameter InvalidArgument New-PortReservation $null $null
    Assert-Match $failure.Exception.Message '-Store.*Persistent'
}

Test 'an exclusion needs elevation' {
    $made = New-PortReservation -StartPort 26100 -Kind Exclusion
    Set-Knob set_elevated 0
    Assert-Failure (Get-Failure { New-PortReservation -StartPort 26101 -Kind Exclusion }) AccessDenied PermissionDenied New-PortReservation $null $null
    Assert-Failure (Get-Failure { $made | Remove-PortReservation }) AccessDenied PermissionDenied Remove-PortReservation $null $null
}

Test 'without StartPort the first free block from From upwards is taken' {
    Set-Knob add_system_block 6 26200 10 0
    $null = New-PortReservation -StartPort 26210 -NumberOfPorts 5
    Assert-Equal "$(New-PortReservation -From 26200 -NumberOfPorts 3)" 'Tcp 26215-26217 (Persistent)'
    Assert-Equal "$(New-PortReservation -From 26200 -NumberOfPorts 3 -Kind Exclusion)" 'Tcp 26218-26220 (Exclusion)'
    Assert-Equal @(New-PortReservation -From 26200 -NumberOfPorts 2 -Protocol Tcp, Udp | ForEach-Object { "$_" }) @('Tcp 26221-26222 (Persistent)', 'Udp 26221-26222 (Persistent)')
    Assert-True ((New-PortReservation).StartPort -ge 20000) 'a port from 20000 upwards'
    # Each search sees what those before it took.
    $found = @(1..6 | ForEach-Object { New-PortReservation -From 26300 -NumberOfPorts 2 })
    Assert-Equal "$($found | ForEach-Object { $_.StartPort })" '26300 26302 26304 26306 26308 26310'
}

Test 'RestartWinNat wins a block back, and starts the service again' {
    Set-Knob add_system_block 6 26400 100 1
    Assert-Equal (Get-Failure { New-PortReservation -StartPort 26410 -NumberOfPorts 5 }).FullyQualifiedErrorId 'PortInUse,New-PortReservation'
    Assert-Equal "$(New-PortReservation -StartPort 26410 -NumberOfPorts 5 -RestartWinNat)" 'Tcp 26410-26414 (Persistent)'
    $system = Get-PortReservation -Kind System
    Assert-Equal $system.NumberOfPorts 100 'WinNAT''s block, elsewhere'
    Assert-True ($system.StartPort -ne 26400) 'another place'
    # A block that somebody else has stays an error, and WinNAT runs afterwards.
    Set-Knob add_system_block 6 26600 10 0
    Assert-Equal (Get-Failure { New-PortReservation -StartPort 26605 -RestartWinNat }).FullyQualifiedErrorId 'PortInUse,New-PortReservation'
    Assert-Equal @(Get-PortReservation -Kind System).Count 2
}

Test 'a pipeline with RestartWinNat stops the service once' {
    Set-Knob add_system_block 6 26400 100 1
    Set-Knob add_system_block 17 26400 100 1
    $rows = @'
Protocol,StartPort,NumberOfPorts,Kind,Store
Tcp,26410,5,Persistent,
Udp,26410,5,Persistent,
Tcp,26600,2,Persistent,
Tcp,26412,1,Persistent,
Tcp,26420,5,Exclusion,Active
'@ | ConvertFrom-Csv
    $said = @($rows | New-PortReservation -RestartWinNat -ErrorVariable failed -ErrorAction SilentlyContinue | ForEach-Object { "$_" })
    Assert-Equal $said @('Tcp 26410-26414 (Persistent)', 'Udp 26410-26414 (Persistent)', 'Tcp 26600-26601 (Persistent)', 'Tcp 26420-26424 (Exclusion, Active)')
    Assert-Equal @($failed | ForEach-Object { $_.FullyQualifiedErrorId }) @('PortInUse,New-PortReservation')
    Assert-Equal $failed[0].TargetObject.StartPort 26412
    # When the service does not start again, that is the error of each item that was created while it was away.
    Set-Knob add_system_block 6 26700 100 1
    foreach ($try in 1..8) { Set-Knob fail_next StartServiceW 1053 }
    $rows = 26700, 26750, 26800 | ForEach-Object { [pscustomobject]@{ StartPort = $_ } }
    Assert-Equal "$($rows | New-PortReservation -RestartWinNat -ErrorVariable failed -ErrorAction SilentlyContinue)" 'Tcp 26800 (Persistent)'
    Assert-Equal @($failed | ForEach-Object { $_.TargetObject.StartPort }) @(26700, 26750)
    foreach ($failure in $failed) {
        Assert-Match "$failure" 'winnat does not run again'
        Assert-Equal $failure.FullyQualifiedErrorId 'NativeError,New-PortReservation'
        Assert-Match $failure.ErrorDetails.RecommendedAction 'net start winnat'
    }
}

Test 'a row that the cmdlet refuses makes no second stop of winnat' {
    Set-Knob add_system_block 6 26700 100 1
    # Each block that was created while the service was stopped has this error, and so tells how many stops there were.
    foreach ($try in 1..8) { Set-Knob fail_next StartServiceW 1053 }
    $rows = @'
StartPort,NumberOfPorts,Kind
26700,1,Persistent
26900,10,System
26750,1,Persistent
65535,2,Persistent
26760,1,Persistent
'@ | ConvertFrom-Csv
    Assert-Equal @($rows | New-PortReservation -RestartWinNat -ErrorVariable failed -ErrorAction SilentlyContinue).Count 0
    Assert-Equal @($failed | ForEach-Object { $_.TargetObject.StartPort }) @(26900, 65535, 26700, 26750, 26760)
    foreach ($failure in $failed[2..4]) { Assert-Match "$failure" 'winnat does not run again' }
    # Without a restart the errors stay in their places.
    $ErrorActionPreference = 'Continue'
    $said = @($rows | New-PortReservation -IfNotExists 2>&1 | ForEach-Object { if ($_ -is [System.Management.Automation.ErrorRecord]) { "$($_.TargetObject)" } else { $_.StartPort } })
    Assert-Equal $said @(26700, 'Tcp 26900-26909 (System)', 26750, 'Tcp 65535-65536 (Persistent)', 26760)
}

Test 'the recommended action for a block in use names RestartWinNat only where it was not used' {
    Set-Knob add_system_block 6 26600 10 0
    $with = Get-Failure { New-PortReservation -StartPort 26605 -RestartWinNat }
    Assert-Failure $with PortInUse ResourceBusy New-PortReservation 32 ERROR_SHARING_VIOLATION
    Assert-Match $with.ErrorDetails.RecommendedAction '^Test-PortReservation -Port N[^.]*\.$'
    foreach ($case in { New-PortReservation -StartPort 26605 }, { New-PortReservation -StartPort 26605 -RestartWinNat:$false }) {
        Assert-Match (Get-Failure $case).ErrorDetails.RecommendedAction '-RestartWinNat' "$case"
    }
    # A code of which the host knows no more than the number.
    Set-Knob fail_next CreatePersistentTcpPortReservation 1450
    Assert-Match (Get-Failure { New-PortReservation -StartPort 26500 }).ErrorDetails.RecommendedAction '^NativeErrorCode'
}

Test 'RestartWinNat says before that the service is stopped' {
    Set-Knob add_system_block 6 26400 100 1
    $said = @(Invoke-Shell "$(Get-ImportLine) New-PortReservation -StartPort 26410 -RestartWinNat -WhatIf; New-PortReservation -StartPort 26410 -WhatIf")
    Assert-Equal $said.Count 2
    Assert-Match $said[0] 'stop the service winnat and start it again.*no network.*Tcp 26410 \(Persistent\)'
    Assert-True ($said[1] -notmatch 'winnat') 'nothing of it without the switch'
    Assert-Equal "$(Get-PortReservation)" 'Tcp 26400-26499 (System)'
}

Test 'a pipeline that takes longer than a second shows its progress, and takes it away' {
    $shell = [powershell]::Create()
    try {
        $null = $shell.AddScript((Get-ImportLine) + @'
            & (Get-Module PortReservation) { $script:ProgressDelay = 0 }
            $made = 1..3 | ForEach-Object { [pscustomobject]@{ StartPort = 26500 + $_ } } | New-PortReservation
            $made | Invoke-AssociatedBind | Close-AssociatedBind
            26501..26503 | Test-PortReservation
            $made | Remove-PortReservation
            & (Get-Module PortReservation) { $script:ProgressDelay = 1000 }
            New-PortReservation -StartPort 26500
            $ProgressPreference = 'SilentlyContinue'
            & (Get-Module PortReservation) { $script:ProgressDelay = 0 }
            New-PortReservation -StartPort 26510
'@)
        $null = $shell.Invoke()
        Assert-Equal "$($shell.Streams.Error)" ''
        $records = @($shell.Streams.Progress)
        foreach ($activity in 'Creating port reservations', 'Binding sockets', 'Testing ports', 'Removing port reservations') {
            $own = @($records | Where-Object Activity -eq $activity)
            Assert-True ($own.Count -ge 2) "records of $activity"
            Assert-Equal "$($own[-1].RecordType) $($own[-1].StatusDescription)" 'Completed 3 so far'
            Assert-Equal "$($own[0].RecordType)" 'Processing'
        }
        $after = $records | Where-Object { $_.StatusDescription -notmatch '^[0-3] so far$' }
        Assert-Equal @($after).Count 0 'records of the quick and of the silent calls'
        $last = @($records | Where-Object Activity -eq 'Creating port reservations')
        Assert-Equal @($last | Where-Object RecordType -eq 'Completed').Count 1 'how often it ended'
    } finally {
        Remove-PowerShell $shell
    }
}

Test 'progress is shown while the cmdlet waits for one answer, and taken away' {
    Set-Knob add_system_block 6 26800 10 1
    # Longer than any case: winnat stops when the progress has been seen.
    Set-Knob set_winnat_delay 3600000
    $shell = [powershell]::Create()
    # Windows PowerShell shows the loading of modules too.
    $getRecords = { @($shell.Streams.Progress | Where-Object Activity -eq 'Creating port reservations') }
    try {
        $null = $shell.AddScript((Get-ImportLine) + '& (Get-Module PortReservation) { $script:ProgressDelay = 0 }; New-PortReservation -StartPort 26800 -RestartWinNat').BeginInvoke()
        Wait-Until { @(& $getRecords).Count -gt 0 } 'the progress of the wait'
        Assert-Equal "$($shell.InvocationStateInfo.State)" 'Running'
        Set-Knob set_winnat_delay 0
        Wait-Until { "$($shell.InvocationStateInfo.State)" -ne 'Running' } 'the end of the cmdlet'
        Assert-Equal "$($shell.Streams.Error)" ''
        $records = @(& $getRecords | ForEach-Object { "$($_.StatusDescription) / $($_.RecordType)" })
        Assert-Equal $records @('0 so far / Processing', '1 so far / Processing', '1 so far / Completed')
        # A preference that makes progress an error ends the cmdlet, but not before the answer, and not the host.
        $shell.Commands.Clear()
        $shell.Streams.ClearStreams()
        Set-Knob add_system_block 6 26850 10 1
        Set-Knob set_winnat_delay 300
        $null = $shell.AddScript(@'
            $before = (Get-PortReservationHost).ProcessId
            $ProgressPreference = 'Stop'
            try { New-PortReservation -StartPort 26850 -RestartWinNat | ForEach-Object { "$_" } } catch { 'stopped' }
            $ProgressPreference = 'Continue'
            (Get-PortReservationHost).ProcessId -eq $before
'@)
        Assert-Equal @($shell.Invoke()) @('Tcp 26850 (Persistent)', 'stopped', $true)
    } finally {
        # After a failure above the cmdlet still waits for the service.
        Set-Knob set_winnat_delay 0
        $shell.Stop()
        Remove-PowerShell $shell
    }
}
