# Sync-PortReservation.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
    $folder = New-TestFolder
    $file = Join-Path $folder 'ports.json'
    function Set-List($Blocks) { [System.IO.File]::WriteAllText($file, (ConvertTo-Json @($Blocks))) }
    function Get-Text($Changes) { foreach ($change in $Changes) { "$($change.Change)$(if ($change.Changed) { '!' }) $change" } }
    function Get-BlockText { Get-PortReservation -Kind Persistent, Exclusion | ForEach-Object { "$_" } }
}

Describe 'Sync-PortReservation' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'makes what is missing, then nothing, then what drifted, with one object for each block' {
        Set-List @{ startPort = 5000; numberOfPorts = 5 }, @{ protocol = 'udp'; startPort = 5000; kind = 'exclusion'; store = 'active' }, @{ startPort = 5010 }
        $made = @(Sync-PortReservation $file)
        Get-Text $made | Should -BeExactly 'Create! Tcp 5000-5004 (Persistent)', 'Create! Udp 5000 (Exclusion, Active)', 'Create! Tcp 5010 (Persistent)'
        $made[0].PSTypeNames[0] | Should -BeExactly 'PortReservation.ReservationChange'
        $made[0].PSObject.Properties.Name | Should -BeExactly 'Protocol', 'StartPort', 'EndPort', 'NumberOfPorts', 'Kind', 'Token', 'AddressFamily', 'OwningProcess', 'Store', 'Change', 'Changed', 'Reason'
        $made[0].Token | Should -BeExactly (Get-PortReservation -StartPort 5000 -NumberOfPorts 5).Token
        $made[0].Token | Should -BeOfType [uint64]
        Get-Text (Sync-PortReservation $file) | Should -BeExactly 'None Tcp 5000-5004 (Persistent)', 'None Udp 5000 (Exclusion, Active)', 'None Tcp 5010 (Persistent)'
        $made[2] | Remove-PortReservation
        Get-Text (Sync-PortReservation $file | Where-Object Changed) | Should -BeExactly 'Create! Tcp 5010 (Persistent)'
        $made | Out-String -Width 120 | Should -Match '(?m)^Change +Changed Protocol StartPort EndPort Kind +Reason\s*$'
    }

    It '-WhatIf says what would be done of what is not yet so, and changes nothing' {
        $null = New-PortReservation 5000 5
        $null = New-PortReservation 5020
        $rows = @{ StartPort = 5000; NumberOfPorts = 5 }, @{ StartPort = 5010 }
        $said = @(Invoke-Shell "$(Get-ImportLine) `$changes = @{ StartPort = 5000; NumberOfPorts = 5 }, @{ StartPort = 5010 } | Sync-PortReservation -Purge -Within '5000-5099' -WhatIf; `$changes | ForEach-Object { `"`$(`$_.Change) `$(`$_.Changed)`" }")
        @($said -match '^What if').Count | Should -Be 2
        "$($said -match '5010')" | Should -Match 'Create port reservation'
        "$($said -match '5020')" | Should -Match 'Remove port reservation'
        $said -notmatch '^What if' | Should -BeExactly 'None False', 'Create False', 'Remove False'
        Get-BlockText | Should -BeExactly 'Tcp 5000-5004 (Persistent)', 'Tcp 5020 (Persistent)'
        Get-Text ($rows | Sync-PortReservation -Purge -Within 'tcp:5000-5099' -Confirm:$false) | Should -BeExactly 'None Tcp 5000-5004 (Persistent)', 'Create! Tcp 5010 (Persistent)', 'Remove! Tcp 5020 (Persistent)'
        Get-BlockText | Should -BeExactly 'Tcp 5000-5004 (Persistent)', 'Tcp 5010 (Persistent)'
    }

    It 'a conflict is an object and an error that names the holder, and the rest is done' {
        Set-Knob add_system_block 6 5003 1 0
        Set-List @{ startPort = 5000; numberOfPorts = 5 }, @{ startPort = 5010 }
        $changes = @(Sync-PortReservation $file -ErrorAction SilentlyContinue -ErrorVariable failures)
        Get-Text $changes | Should -BeExactly 'Conflict Tcp 5000-5004 (Persistent)', 'Create! Tcp 5010 (Persistent)'
        $changes[0].Reason | Should -Match '^Port 5003 is in the system block tcp 5003'
        $failures[0] | Should -BeCmdletError -ErrorId 'PortInUse,Sync-PortReservation' -Category ResourceBusy
        $failures[0].TargetObject | Should -Be $changes[0]
        Set-Knob set_elevated 0
        $failures = $null
        Get-Text (Sync-PortReservation -InputObject @{ StartPort = 5020 } -ErrorAction SilentlyContinue -ErrorVariable failures) | Should -BeExactly 'Create Tcp 5020 (Persistent)'
        $failures[0] | Should -BeCmdletError -ErrorId 'AccessDenied,Sync-PortReservation' -Category PermissionDenied -NativeErrorCode 5 -NativeErrorName ERROR_ACCESS_DENIED
        Get-BlockText | Should -BeExactly 'Tcp 5010 (Persistent)'
    }

    It 'reads a table and a data file, and purges what the file before named' {
        $table = Join-Path $folder 'ports.csv'
        [System.IO.File]::WriteAllText($table, "StartPort;Count;Kind`r`n5000;2;Persistent`r`n5010;1;Exclusion`r`n")
        Get-Text (Sync-PortReservation $table) | Should -BeExactly 'Create! Tcp 5000-5001 (Persistent)', 'Create! Tcp 5010 (Exclusion)'
        $data = Join-Path $folder 'ports.psd1'
        [System.IO.File]::WriteAllText($data, "@{ Blocks = @( @{ StartPort = 5000; NumberOfPorts = 2 } ) }")
        Get-Text (Sync-PortReservation -Path $data -Purge -PreviousPath $table) | Should -BeExactly 'None Tcp 5000-5001 (Persistent)', 'Remove! Tcp 5010 (Exclusion)'
    }

    It 'a bad list changes nothing and ends with one error: <Name>' -ForEach @(
        @{ Name = 'bad.json'; Text = "[ { `"startPort`": 5000 },`n { `"startPort`": 5001, `"stor`": 1 } ]"; Mention = '-Path, line 2, Stor' }
        @{ Name = 'cut.json'; Text = '[ { "startPort": 50'; Mention = 'line 1' }
        @{ Name = 'overlap.psd1'; Text = '@{ Blocks = @{ StartPort = 5000; EndPort = 5004 }, @{ StartPort = 5004 } }'; Mention = 'overlaps' }
        @{ Name = 'member.psd1'; Text = '@{ Blocks = @( @{ StartPort = 5000; Store = ''Mine'' } ) }'; Mention = 'store' }
        @{ Name = 'half.psd1'; Text = '@{ Blocks = @( @{ StartPort = 8080.5 } ) }'; Mention = '8080\.5' }
        @{ Name = 'code.psd1'; Text = '@{ Blocks = Get-Date }'; Mention = 'code\.psd1.*no command' }
        @{ Name = 'variable.psd1'; Text = '@{ Blocks = @( @{ StartPort = $PID } ) }'; Mention = 'variable\.psd1.*no variable' }
        @{ Name = 'more.psd1'; Text = '@{ Blocks = @( ) }; Get-Date'; Mention = 'more\.psd1, line 1' }
        @{ Name = 'twice.psd1'; Text = '@{ Blocks = @( @{ StartPort = 5000; startPort = 5001 } ) }'; Mention = 'twice\.psd1, line 1' }
        @{ Name = 'none.json'; Text = ''; Mention = 'must not be empty' }
    ) {
        $bad = Join-Path $folder $Name
        [System.IO.File]::WriteAllText($bad, $Text)
        $failures = $null
        try { $null = Sync-PortReservation $bad -ErrorAction SilentlyContinue -ErrorVariable failures } catch { $failures = @($_) }
        $failures[0].FullyQualifiedErrorId | Should -BeExactly 'InvalidParameter,Sync-PortReservation'
        "$($failures[0])" | Should -Match $Mention
        Get-BlockText | Should -BeNullOrEmpty
    }

    It 'an object that is no block ends it before anything is changed' {
        { @{ StartPort = 5000 }, @{ StartPort = 'x' } | Sync-PortReservation } | Should -Throw -ErrorId 'InvalidParameter,Sync-PortReservation'
        { Sync-PortReservation $file -Purge } | Should -WriteError -ErrorId 'InvalidParameter,Sync-PortReservation'
        Get-BlockText | Should -BeNullOrEmpty
    }
}

Describe 'New-PortReservation -IfNotExists -WhatIf' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'says nothing of what exists' {
        $null = New-PortReservation 5000 5
        $null = New-PortReservation 5100 60 -Kind Exclusion
        $said = @(Invoke-Shell "$(Get-ImportLine) New-PortReservation 5000 5 -IfNotExists -WhatIf; New-PortReservation 5110 2 -Kind Exclusion -IfNotExists -WhatIf; New-PortReservation 5000 5 -Protocol Tcp, Udp -IfNotExists -WhatIf")
        $said | Should -HaveCount 1
        $said[0] | Should -Match 'Tcp Udp 5000-5004'
    }
}
