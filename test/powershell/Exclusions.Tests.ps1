# Exclusions, the search for a free block, what is won back from WinNAT, and the bar of progress.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
}

Describe 'exclusions' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'an exclusion is made, listed, looked up and removed' {
        $made = New-PortReservation -StartPort 26000 -NumberOfPorts 5 -Kind Exclusion
        @($made.PSTypeNames)[0..1] | Should -BeExactly 'PortReservation.Exclusion', 'PortReservation.Reservation'
        "$made $($made.Token) $($made.OwningProcess)" | Should -BeExactly 'Tcp 26000-26004 (Exclusion)  '
        "$(Get-PortReservation -Kind Exclusion)" | Should -BeExactly "$made"
        "$(Get-PortReservation 26000 5 -Kind Exclusion)" | Should -BeExactly "$made"
        "$(New-PortReservation -StartPort 26000 -NumberOfPorts 5 -Kind Exclusion -IfNotExists)" | Should -BeExactly "$made"
        { New-PortReservation -StartPort 26004 -Kind Exclusion } | Should -WriteError -PassThru | Should -BeCmdletError -ErrorId 'PortInUse,New-PortReservation' -Category ResourceBusy
        { $made | Invoke-AssociatedBind } | Should -WriteError -ErrorId 'InvalidParameter,Invoke-AssociatedBind'
        { Remove-PortReservation 26000 4 -Kind Exclusion } | Should -WriteError -PassThru | Should -BeCmdletError -ErrorId 'ReservationNotFound,Remove-PortReservation' -Category ObjectNotFound
        "$($made | Remove-PortReservation -PassThru)" | Should -BeExactly "$made"
        Get-PortReservation | Should -HaveCount 0
        $both = @(New-PortReservation -StartPort 26000 -Kind Exclusion -Protocol Tcp, Udp)
        "$both" | Should -BeExactly 'Tcp 26000 (Exclusion) Udp 26000 (Exclusion)'
        Remove-PortReservation 26000 -Kind Exclusion -Protocol Tcp, Udp
        Get-PortReservation | Should -HaveCount 0
    }

    It 'an exclusion says whether it survives a restart, also through a file' {
        $folder = New-TestFolder 'stores'
        $kept = New-PortReservation -StartPort 26050 -NumberOfPorts 2 -Kind Exclusion
        $passing = New-PortReservation -StartPort 26060 -Kind Exclusion -Store Active
        $kept.Store, $passing.Store | Should -BeExactly 'Persistent', 'Active'
        @($kept.PSObject.Properties.Name)[-1] | Should -BeExactly 'Store'
        (New-PortReservation -StartPort 26070).Store | Should -BeExactly 'Persistent'
        Set-Knob add_exclusion 17 26060 1 0
        Get-PortReservation -Kind Exclusion | ForEach-Object Store | Should -BeExactly 'Persistent', 'Active', 'Active'
        Get-PortReservation -Store Persistent | ForEach-Object { "$_" } | Should -BeExactly "$kept", 'Tcp 26070 (Persistent)'
        "$(Get-PortReservation -Store Persistent -Kind Exclusion -Port 26051)" | Should -BeExactly "$kept"

        $file = Join-Path $folder 'exclusions.csv'
        Get-PortReservation -Kind Exclusion | Export-Csv $file -NoTypeInformation
        Get-PortReservation -Kind Exclusion | Remove-PortReservation
        Get-PortReservation -Kind Exclusion | Should -HaveCount 0 -Because 'active ones are removed as well'
        Import-Csv $file | New-PortReservation | ForEach-Object { "$($_.Protocol) $($_.StartPort) $($_.Store)" } | Should -BeExactly 'Tcp 26050 Persistent', 'Tcp 26060 Active', 'Udp 26060 Active'
        Set-Knob restart
        Get-PortReservation -Kind Exclusion | ForEach-Object { "$_" } | Should -BeExactly "$kept"

        Remove-PortReservation 26050 2 -Kind Exclusion -Store Active
        Get-PortReservation -Kind Exclusion | Should -HaveCount 0
        $stored = Get-PortReservation -Kind Exclusion -Store Persistent
        "$stored" | Should -BeExactly "$kept"
        ({ New-PortReservation -StartPort 26050 -NumberOfPorts 2 -Kind Exclusion } | Should -WriteError -PassThru).Exception.Message | Should -Match 'after a restart'
        $stored | Remove-PortReservation
        Get-PortReservation -Kind Exclusion -Store Persistent | Should -HaveCount 0

        { Remove-PortReservation 26070 -Store Active } | Should -WriteError -PassThru | Should -BeCmdletError -ErrorId 'InvalidParameter,Remove-PortReservation' -Category InvalidArgument
        $failure = { New-PortReservation -StartPort 26080 -Store Active } | Should -WriteError -PassThru
        $failure | Should -BeCmdletError -ErrorId 'InvalidParameter,New-PortReservation' -Category InvalidArgument
        $failure.Exception.Message | Should -Match '-Store.*Persistent'
    }

    It 'an exclusion needs elevation' {
        $made = New-PortReservation -StartPort 26100 -Kind Exclusion
        Set-Knob set_elevated 0
        { New-PortReservation -StartPort 26101 -Kind Exclusion } | Should -WriteError -PassThru | Should -BeCmdletError -ErrorId 'AccessDenied,New-PortReservation' -Category PermissionDenied
        { $made | Remove-PortReservation } | Should -WriteError -PassThru | Should -BeCmdletError -ErrorId 'AccessDenied,Remove-PortReservation' -Category PermissionDenied
    }
}

Describe 'New-PortReservation without StartPort' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'without StartPort the first free block from From upwards is taken' {
        Set-Knob add_system_block 6 26200 10 0
        $null = New-PortReservation -StartPort 26210 -NumberOfPorts 5
        "$(New-PortReservation -From 26200 -NumberOfPorts 3)" | Should -BeExactly 'Tcp 26215-26217 (Persistent)'
        "$(New-PortReservation -From 26200 -NumberOfPorts 3 -Kind Exclusion)" | Should -BeExactly 'Tcp 26218-26220 (Exclusion)'
        New-PortReservation -From 26200 -NumberOfPorts 2 -Protocol Tcp, Udp | ForEach-Object { "$_" } | Should -BeExactly 'Tcp 26221-26222 (Persistent)', 'Udp 26221-26222 (Persistent)'
        (New-PortReservation).StartPort | Should -BeGreaterOrEqual 20000
        # Each search sees what those before it took.
        $found = @(1..6 | ForEach-Object { New-PortReservation -From 26300 -NumberOfPorts 2 })
        "$($found | ForEach-Object { $_.StartPort })" | Should -Be '26300 26302 26304 26306 26308 26310'
    }
}

Describe 'New-PortReservation -RestartWinNat' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'wins a block back, and starts the service again' {
        Set-Knob add_system_block 6 26400 100 1
        { New-PortReservation -StartPort 26410 -NumberOfPorts 5 } | Should -WriteError -ErrorId 'PortInUse,New-PortReservation'
        "$(New-PortReservation -StartPort 26410 -NumberOfPorts 5 -RestartWinNat)" | Should -BeExactly 'Tcp 26410-26414 (Persistent)'
        $system = Get-PortReservation -Kind System
        $system.NumberOfPorts | Should -Be 100 -Because 'WinNAT has its block elsewhere'
        $system.StartPort | Should -Not -Be 26400
        # A block that somebody else has stays an error, and WinNAT runs afterwards.
        Set-Knob add_system_block 6 26600 10 0
        { New-PortReservation -StartPort 26605 -RestartWinNat } | Should -WriteError -ErrorId 'PortInUse,New-PortReservation'
        Get-PortReservation -Kind System | Should -HaveCount 2
    }

    It 'a pipeline with RestartWinNat stops the service once' {
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
        $said | Should -BeExactly 'Tcp 26410-26414 (Persistent)', 'Udp 26410-26414 (Persistent)', 'Tcp 26600-26601 (Persistent)', 'Tcp 26420-26424 (Exclusion, Active)'
        $failed | ForEach-Object { $_.FullyQualifiedErrorId } | Should -BeExactly 'PortInUse,New-PortReservation'
        $failed[0].TargetObject.StartPort | Should -Be 26412
        # When the service does not start again, that is the error of each item that was created while it was away.
        Set-Knob add_system_block 6 26700 100 1
        foreach ($try in 1..8) { Set-Knob fail_next StartServiceW 1053 }
        $rows = 26700, 26750, 26800 | ForEach-Object { [pscustomobject]@{ StartPort = $_ } }
        "$($rows | New-PortReservation -RestartWinNat -ErrorVariable failed -ErrorAction SilentlyContinue)" | Should -BeExactly 'Tcp 26800 (Persistent)'
        $failed | ForEach-Object { $_.TargetObject.StartPort } | Should -Be 26700, 26750
        foreach ($failure in $failed) {
            "$failure" | Should -Match 'winnat is not running again'
            $failure.FullyQualifiedErrorId | Should -BeExactly 'NativeError,New-PortReservation'
            $failure.ErrorDetails.RecommendedAction | Should -Match 'net start winnat'
        }
    }

    It 'a row that the cmdlet refuses makes no second stop of winnat' {
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
        $rows | New-PortReservation -RestartWinNat -ErrorVariable failed -ErrorAction SilentlyContinue | Should -HaveCount 0
        $failed | ForEach-Object { $_.TargetObject.StartPort } | Should -Be 26700, 26900, 26750, 65535, 26760
        foreach ($failure in $failed[0, 2, 4]) { "$failure" | Should -Match 'winnat is not running again' }
        # Without a restart the errors stay in their places.
        $ErrorActionPreference = 'Continue'
        $said = @($rows | New-PortReservation -IfNotExists 2>&1 | ForEach-Object { if ($_ -is [System.Management.Automation.ErrorRecord]) { "$($_.TargetObject)" } else { $_.StartPort } })
        $said | Should -BeExactly 26700, 'Tcp 26900-26909 (System)', 26750, 'Tcp 65535-65536 (Persistent)', 26760
    }

    It 'the recommended action for a block in use names RestartWinNat only where it was not used' {
        Set-Knob add_system_block 6 26600 10 0
        $with = { New-PortReservation -StartPort 26605 -RestartWinNat } | Should -WriteError -PassThru
        $with | Should -BeCmdletError -ErrorId 'PortInUse,New-PortReservation' -Category ResourceBusy -NativeErrorCode 32 -NativeErrorName ERROR_SHARING_VIOLATION
        $with.ErrorDetails.RecommendedAction | Should -Match '^Test-PortReservation -Port N[^.]*\.$'
        foreach ($case in { New-PortReservation -StartPort 26605 }, { New-PortReservation -StartPort 26605 -RestartWinNat:$false }) {
            ($case | Should -WriteError -PassThru).ErrorDetails.RecommendedAction | Should -Match '-RestartWinNat' -Because "$case"
        }
        # A code of which the host knows no more than the number.
        Set-Knob fail_next CreatePersistentTcpPortReservation 1450
        ({ New-PortReservation -StartPort 26500 } | Should -WriteError -PassThru).ErrorDetails.RecommendedAction | Should -Match '^NativeErrorCode'
    }

    It 'says before that the service is stopped' {
        Set-Knob add_system_block 6 26400 100 1
        $said = @(Invoke-Shell "$(Get-ImportLine) New-PortReservation -StartPort 26410 -RestartWinNat -WhatIf; New-PortReservation -StartPort 26410 -WhatIf")
        $said.Count | Should -Be 2
        $said[0] | Should -Match 'stop the service winnat and start it again.*no network.*Tcp 26410 \(Persistent\)'
        $said[1] | Should -Not -Match 'winnat' -Because 'the switch is not given'
        "$(Get-PortReservation)" | Should -BeExactly 'Tcp 26400-26499 (System)'
    }
}

Describe 'the bar of progress' {
    BeforeEach {
        Reset-Simulator -KeepHost
        $shell = [powershell]::Create()
    }

    AfterEach {
        # After a failure the cmdlet may still wait for the service.
        Set-Knob set_winnat_delay 0
        $shell.Stop()
        Remove-PowerShell $shell
    }

    It 'a pipeline that takes longer than a second shows its progress, and takes it away' {
        $null = $shell.AddScript((Get-ImportLine) + @'
            & (Get-Module PortReservation) { $script:ProgressDelay = 0 }
            $made = 1..3 | ForEach-Object { [pscustomobject]@{ StartPort = 26500 + $_ } } | New-PortReservation
            $made | Invoke-AssociatedBind | Close-AssociatedBind
            26501..26503 | Test-PortReservation
            $made | Remove-PortReservation
            # Quicker than that on any machine.
            & (Get-Module PortReservation) { $script:ProgressDelay = 3600000 }
            New-PortReservation -StartPort 26500
            $ProgressPreference = 'SilentlyContinue'
            & (Get-Module PortReservation) { $script:ProgressDelay = 0 }
            New-PortReservation -StartPort 26510
'@)
        $null = $shell.Invoke()
        "$($shell.Streams.Error)" | Should -Be ''
        $records = @($shell.Streams.Progress)
        foreach ($activity in 'Creating port reservations', 'Binding sockets', 'Testing ports', 'Removing port reservations') {
            $own = @($records | Where-Object Activity -eq $activity)
            $own.Count | Should -BeGreaterOrEqual 2 -Because "there are records of $activity"
            "$($own[-1].RecordType) $($own[-1].StatusDescription)" | Should -BeExactly 'Completed 3 so far'
            "$($own[0].RecordType)" | Should -BeExactly 'Processing'
        }
        $after = $records | Where-Object { $_.StatusDescription -notmatch '^[0-3] so far$' }
        $after | Should -HaveCount 0 -Because 'quick and silent calls have no records'
        $last = @($records | Where-Object Activity -eq 'Creating port reservations')
        $last | Where-Object RecordType -eq 'Completed' | Should -HaveCount 1 -Because 'it ends once'
    }

    It 'progress is shown while the cmdlet waits for one answer, and taken away' {
        Set-Knob add_system_block 6 26800 10 1
        # Longer than any case: winnat stops when the progress has been seen.
        Set-Knob set_winnat_delay 3600000
        # Windows PowerShell shows the loading of modules too.
        $getRecords = { @($shell.Streams.Progress | Where-Object Activity -eq 'Creating port reservations') }
        $null = $shell.AddScript((Get-ImportLine) + '& (Get-Module PortReservation) { $script:ProgressDelay = 0 }; New-PortReservation -StartPort 26800 -RestartWinNat').BeginInvoke()
        Wait-Until { @(& $getRecords).Count -gt 0 } 'the progress of the wait'
        "$($shell.InvocationStateInfo.State)" | Should -BeExactly 'Running'
        Set-Knob set_winnat_delay 0
        Wait-Until { "$($shell.InvocationStateInfo.State)" -ne 'Running' } 'the end of the cmdlet'
        "$($shell.Streams.Error)" | Should -Be ''
        $records = @(& $getRecords | ForEach-Object { "$($_.StatusDescription) / $($_.RecordType)" })
        $records | Should -BeExactly '0 so far / Processing', '1 so far / Processing', '1 so far / Completed'
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
        $shell.Invoke() | Should -BeExactly 'Tcp 26850 (Persistent)', 'stopped', $true
    }
}
