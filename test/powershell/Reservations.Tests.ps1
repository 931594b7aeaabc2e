# New-, Get- and Remove-PortReservation.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
    $Columns = 'Protocol', 'StartPort', 'EndPort', 'NumberOfPorts', 'Kind', 'Token', 'AddressFamily', 'OwningProcess', 'Store'
}

Describe 'New-PortReservation' {
    BeforeEach { Reset-Simulator }

    It 'makes a persistent Tcp reservation and returns it with all properties' {
        $made = New-PortReservation -StartPort 5000 -NumberOfPorts 20
        $made.PSObject.Properties.Name | Should -BeExactly $Columns
        @($made.PSTypeNames)[0..1] | Should -BeExactly 'PortReservation.PersistentReservation', 'PortReservation.Reservation'
        "$($made.Protocol) $($made.StartPort) $($made.EndPort) $($made.NumberOfPorts) $($made.Kind)" | Should -BeExactly 'Tcp 5000 5019 20 Persistent'
        foreach ($name in 'StartPort', 'EndPort', 'NumberOfPorts') { $made.$name | Should -BeOfType [int] -Because "$name is an int" }
        $made.Protocol | Should -BeOfType [string]
        $made.Kind | Should -BeOfType [string]
        $made.Token | Should -BeOfType [uint64]
        $made.Token | Should -BeGreaterThan 0
        $made.AddressFamily | Should -Be $null
        $made.OwningProcess | Should -Be $null
        "$made" | Should -BeExactly 'Tcp 5000-5019 (Persistent)'
    }

    It 'defaults: Tcp, one port, Persistent; aliases and positions' {
        "$(New-PortReservation -Port 5000)" | Should -BeExactly 'Tcp 5000 (Persistent)'
        "$(New-PortReservation 5100 3)" | Should -BeExactly 'Tcp 5100-5102 (Persistent)'
        "$(New-PortReservation -Port 5200 -Count 2 -Protocol udp)" | Should -BeExactly 'Udp 5200-5201 (Persistent)'
        Remove-PortReservation 5100 3
        Remove-PortReservation -Port 5200 -Count 2 -Protocol Udp
        "$(Get-PortReservation)" | Should -BeExactly 'Tcp 5000 (Persistent)'
    }

    It 'two reservations are two objects' {
        $first, $second = New-PortReservation -StartPort 5000 -Protocol Tcp, Udp
        $first | Add-Member -NotePropertyName Mine -NotePropertyValue 1
        $first.Protocol = 'x'
        $first.PSTypeNames.Insert(0, 'Mine')
        $second.Protocol | Should -BeExactly 'Udp'
        $second.PSObject.Properties.Name | Should -BeExactly $Columns
        $second.PSTypeNames[0] | Should -BeExactly 'PortReservation.PersistentReservation'
        (New-PortReservation -StartPort 5001).PSTypeNames[0] | Should -BeExactly 'PortReservation.PersistentReservation'
    }

    It 'both protocols: two reservations, or none' {
        New-PortReservation -StartPort 5000 -Protocol Tcp, Udp | ForEach-Object { "$_" } | Should -BeExactly 'Tcp 5000 (Persistent)', 'Udp 5000 (Persistent)'
        $null = New-PortReservation -StartPort 6001 -Protocol Udp
        $failure = { New-PortReservation -StartPort 6000 -NumberOfPorts 3 -Protocol Tcp, Udp } | Should -WriteError -PassThru
        $failure | Should -BeCmdletError -ErrorId 'PortInUse,New-PortReservation' -Category ResourceBusy -NativeErrorCode 32 -NativeErrorName ERROR_SHARING_VIOLATION
        Get-PortReservation -Port 6000 | Should -HaveCount 0
    }

    It 'a wildcard runtime reservation is of the system''s choice' {
        $made = New-PortReservation -Kind Runtime -NumberOfPorts 4
        @($made.PSTypeNames)[0..1] | Should -BeExactly 'PortReservation.RuntimeReservation', 'PortReservation.Reservation'
        $made.StartPort | Should -BeGreaterOrEqual 1024
        "$($made.NumberOfPorts) $($made.Kind) $($made.AddressFamily)" | Should -BeExactly '4 Runtime InterNetwork'
        $made.OwningProcess | Should -Be (Get-PortReservationHost).ProcessId
        $made.OwningProcess | Should -BeOfType [int]
        $sixth = New-PortReservation -Kind Runtime -StartPort 7000 -AddressFamily InterNetworkV6 -Protocol Udp
        "$sixth $($sixth.AddressFamily)" | Should -BeExactly 'Udp 7000 (Runtime) InterNetworkV6'
        Get-PortReservation -Kind Runtime | Should -HaveCount 2
        $made, $sixth | Remove-PortReservation
        Get-PortReservation | Should -HaveCount 0
    }

    It 'IfNotExists returns the same reservation twice, and not another kind' {
        $first = New-PortReservation -StartPort 5000 -NumberOfPorts 2 -IfNotExists
        $second = New-PortReservation -StartPort 5000 -NumberOfPorts 2 -IfNotExists
        $second.Token | Should -Be $first.Token
        { New-PortReservation -StartPort 5000 -NumberOfPorts 2 -Kind Runtime -IfNotExists } | Should -WriteError -ErrorId 'PortInUse,New-PortReservation'
        { New-PortReservation -StartPort 5000 -NumberOfPorts 3 -IfNotExists } | Should -WriteError -ErrorId 'PortInUse,New-PortReservation'
        $both = @(New-PortReservation -StartPort 5000 -NumberOfPorts 2 -IfNotExists -Protocol Tcp, Udp)
        $both[0].Token | Should -Be $first.Token
        "$($both[1])" | Should -BeExactly 'Udp 5000-5001 (Persistent)'
    }

    It 'WhatIf touches nothing and starts no host' {
        $null = New-PortReservation -StartPort 5000
        & (Get-Module PortReservation) { Stop-HostProcess }
        New-PortReservation -StartPort 5001 -WhatIf
        Remove-PortReservation -StartPort 5000 -WhatIf
        [pscustomobject]@{ StartPort = 5002 } | New-PortReservation -WhatIf
        (Get-ModuleSession).Connection | Should -Be $null
        "$(Get-PortReservation)" | Should -BeExactly 'Tcp 5000 (Persistent)'
    }

    It 'the preference variables of a calling script count' {
        & {
            $WhatIfPreference = $true
            New-PortReservation -StartPort 5001
            $WhatIfPreference = $false
            $ErrorActionPreference = 'SilentlyContinue'
            New-PortReservation -Kind System
            $ErrorActionPreference = 'Stop'
            { New-PortReservation -Kind System } | Should -Throw -ErrorId 'InvalidParameter,New-PortReservation'
        }
        Get-PortReservation | Should -HaveCount 0
    }

    It 'a protocol that is named twice is one' {
        New-PortReservation -StartPort 5000 -Protocol Tcp, tcp, Udp | ForEach-Object { "$_" } | Should -BeExactly 'Tcp 5000 (Persistent)', 'Udp 5000 (Persistent)'
        Remove-PortReservation -StartPort 5000 -Protocol Udp, Udp, Tcp -PassThru | ForEach-Object { "$_" } | Should -BeExactly 'Udp 5000 (Persistent)', 'Tcp 5000 (Persistent)'
    }

    It 'Export-Csv and Import-Csv round-trip' {
        $null = New-PortReservation -StartPort 5000 -NumberOfPorts 20 -Protocol Tcp, Udp
        $null = New-PortReservation -StartPort 6000 -NumberOfPorts 2 -Kind Runtime -AddressFamily InterNetworkV6
        $null = New-PortReservation -StartPort 7000 -NumberOfPorts 5 -Kind Exclusion
        Set-Knob add_system_block 6 8000 10 0
        $file = Join-Path (New-TestFolder) 'reservations.csv'
        $before = @(Get-PortReservation | ForEach-Object { "$_ $($_.AddressFamily)" })
        Get-PortReservation | Export-Csv -LiteralPath $file -NoTypeInformation
        Get-PortReservation -Kind Persistent, Runtime, Exclusion | Remove-PortReservation
        Get-PortReservation | Should -HaveCount 1
        $again = @(Import-Csv -LiteralPath $file | New-PortReservation -ErrorAction SilentlyContinue -ErrorVariable failures)
        $again.Count | Should -Be 4
        Get-PortReservation | ForEach-Object { "$_ $($_.AddressFamily)" } | Should -BeExactly $before
        "$($failures.FullyQualifiedErrorId)" | Should -BeExactly 'InvalidParameter,New-PortReservation' -Because 'that row is of another program'
        "$($failures[0].TargetObject)" | Should -BeExactly 'Tcp 8000-8009 (System)'
        # Rows have no token of today, and are removed and bound all the same.
        Import-Csv -LiteralPath $file | Where-Object Kind -eq Persistent | Invoke-AssociatedBind | Close-AssociatedBind
        Import-Csv -LiteralPath $file | Where-Object Kind -eq Persistent | Remove-PortReservation
        Get-PortReservation -Kind Persistent | Should -HaveCount 0
    }

    It 'many piped items keep their order, and each failure is its own' {
        $null = New-PortReservation -StartPort 10500 -NumberOfPorts 1
        $null = New-PortReservation -StartPort 10777 -NumberOfPorts 1
        $items = 1..1000 | ForEach-Object { [pscustomobject]@{ StartPort = 10000 + $_; Protocol = 'Tcp' } }
        $out = @($items | New-PortReservation -ErrorAction Continue 2>&1)
        $out.Count | Should -Be 1000
        $ports = foreach ($item in $out) { if ($item -is [System.Management.Automation.ErrorRecord]) { $item.TargetObject.StartPort } else { $item.StartPort } }
        "$ports" | Should -BeExactly "$(10001..11000)"
        $out | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | ForEach-Object { $_.FullyQualifiedErrorId } | Should -BeExactly 'PortInUse,New-PortReservation', 'PortInUse,New-PortReservation'
        $items | Remove-PortReservation
        Get-PortReservation | Should -HaveCount 0
    }

    It 'the first piped item is out before the second is in' {
        $seen = [System.Collections.Generic.List[string]]::new()
        1..2 | ForEach-Object { $seen.Add("in $_"); [pscustomobject]@{ StartPort = 5000 + $_ } } | New-PortReservation | ForEach-Object { $seen.Add("out $_") }
        $seen[0..1] | Should -BeExactly 'in 1', 'out Tcp 5001 (Persistent)'
        $null = 1..1000 | ForEach-Object { [pscustomobject]@{ StartPort = 6000 + $_ } } | New-PortReservation | Select-Object -First 1
        Get-PortReservation | Where-Object StartPort -gt 6000 | Should -HaveCount 1 -Because 'no more were made for Select-Object -First 1'
    }

    It 'what is made and not given is removed again, and with IfNotExists it stays' {
        $rows = 1..50 | ForEach-Object { [pscustomobject]@{ StartPort = 6000 + $_ } }
        foreach ($kind in 'Persistent', 'Runtime') {
            $given = @($rows | New-PortReservation -Kind $kind | Select-Object -First 3 | ForEach-Object { "$_" })
            $given | Should -BeExactly @(1..3 | ForEach-Object { "Tcp 600$_ ($kind)" })
            Get-PortReservation | ForEach-Object { "$_" } | Should -BeExactly $given -Because 'no more is reserved'
            Get-PortReservation | Remove-PortReservation
        }
        # An error in the middle of a batch, which ends the pipeline: the items after it had not been done one by one either.
        $null = New-PortReservation -StartPort 6003
        { $rows | New-PortReservation -ErrorAction Stop } | Should -Throw
        Get-PortReservation | ForEach-Object StartPort | Should -Be 6001, 6002, 6003
        $older = New-PortReservation -StartPort 6004
        $null = $rows | New-PortReservation -IfNotExists | Select-Object -First 3
        (Get-PortReservation -StartPort 6004).Token | Should -Be $older.Token
    }

    It 'AddressFamily and Store may be empty, and say what else they may be' {
        $rows = [pscustomobject]@{ StartPort = 5000; AddressFamily = ''; Store = '' }, [pscustomobject]@{ StartPort = 5001; AddressFamily = $null; Store = $null }
        $rows | New-PortReservation | Should -HaveCount 2 -Because 'they are bound by property name'
        "$(New-PortReservation -StartPort 5002 -AddressFamily '' -Store $null)" | Should -BeExactly 'Tcp 5002 (Persistent)' -Because 'it is given directly'
        ({ New-PortReservation -AddressFamily foo } | Should -Throw -PassThru).Exception.Message | Should -Match '"foo" is not one of.*: InterNetwork, InterNetworkV6\.'
        ({ New-PortReservation -Store foo } | Should -Throw -PassThru).Exception.Message | Should -Match '"foo" is not one of.*: Persistent, Active\.'
        ({ [pscustomobject]@{ StartPort = 5003; Store = 'foo' } | New-PortReservation } | Should -WriteError -PassThru).Exception.Message | Should -Match 'Store must be one of Persistent, Active \(foo\)'
    }
}

Describe 'Get-PortReservation' {
    BeforeEach { Reset-Simulator }

    It 'lists every kind, of both protocols, in order' {
        $null = New-PortReservation -StartPort 5000 -NumberOfPorts 2 -Protocol Udp, Tcp
        $null = New-PortReservation -StartPort 6000 -Kind Runtime
        Set-Knob add_exclusion 6 7000 5 1
        Set-Knob add_system_block 6 8000 100 0
        Get-PortReservation | ForEach-Object { "$_" } | Should -BeExactly 'Tcp 5000-5001 (Persistent)', 'Tcp 6000 (Runtime)', 'Tcp 7000-7004 (Exclusion)', 'Tcp 8000-8099 (System)', 'Udp 5000-5001 (Persistent)'
        Get-PortReservation -Kind Exclusion, System | ForEach-Object { $_.PSTypeNames[0] } | Should -BeExactly 'PortReservation.Exclusion', 'PortReservation.SystemReservation'
        (Get-PortReservation -Kind System).Token | Should -Be $null
        Get-PortReservation -Protocol Udp | Should -HaveCount 1
        "$(Get-PortReservation -Port 8050)" | Should -BeExactly 'Tcp 8000-8099 (System)'
        Get-PortReservation -Port 5001 | Should -HaveCount 2
        Get-PortReservation -Port 5001 -Protocol Tcp -Kind Persistent | Should -HaveCount 1
        Get-PortReservation -Port 9000 | Should -HaveCount 0
    }

    It 'of exactly a block looks it up, and is ObjectNotFound otherwise' {
        $made = New-PortReservation -StartPort 5000 -NumberOfPorts 20
        (Get-PortReservation -StartPort 5000 -NumberOfPorts 20).Token | Should -Be $made.Token
        Get-PortReservation 5000 20 -Protocol Tcp | Should -HaveCount 1
        $failure = { Get-PortReservation -StartPort 5000 -NumberOfPorts 19 } | Should -WriteError -PassThru
        $failure | Should -BeCmdletError -ErrorId 'ReservationNotFound,Get-PortReservation' -Category ObjectNotFound -NativeErrorCode 1168 -NativeErrorName ERROR_NOT_FOUND
        "$($failure.TargetObject)" | Should -BeExactly 'Tcp, Udp 5000-5018'
        # Of any kind was looked for, and of the one that was named.
        $failure.Exception.Message | Should -Match '^There is no block Tcp, Udp 5000-5018 in force\.'
        ({ Get-PortReservation 5000 19 -Kind Persistent } | Should -WriteError -PassThru).Exception.Message | Should -Match 'persistent'
        ({ Get-PortReservation 5000 20 -Protocol Udp } | Should -WriteError -PassThru).TargetObject.Protocol | Should -BeExactly 'Udp'
        { Get-PortReservation 5000 20 -Kind Runtime } | Should -WriteError -ErrorId 'ReservationNotFound,Get-PortReservation'
        $both = @(Get-PortReservation 5000 20 -Protocol Tcp, Udp -ErrorAction Continue 2>&1)
        "$($both[0]) / $($both[1].TargetObject.Protocol)" | Should -BeExactly 'Tcp 5000-5019 (Persistent) / Udp'
        Set-Knob add_system_block 17 9000 2 0
        "$(Get-PortReservation 9000 2 -Kind System)" | Should -BeExactly 'Udp 9000-9001 (System)'
        { Get-PortReservation 9000 1 -Kind System } | Should -WriteError -ErrorId 'ReservationNotFound,Get-PortReservation'
    }

    It 'of exactly a block finds what has no token too' {
        $exclusion = New-PortReservation -StartPort 8080 -Kind Exclusion
        Set-Knob add_system_block 17 8080 1 0
        Set-Knob add_system_block 6 9000 10 0
        Get-PortReservation -StartPort 8080 | ForEach-Object { "$_" } | Should -BeExactly "$exclusion", 'Udp 8080 (System)'
        "$(Get-PortReservation 8080 -Protocol Tcp, tcp)" | Should -BeExactly "$exclusion"
        "$(Get-PortReservation 9000 10)" | Should -BeExactly 'Tcp 9000-9009 (System)'
        $persistent = New-PortReservation -StartPort 8090 -Protocol Udp
        $null = New-PortReservation -StartPort 8090 -Kind Exclusion
        Get-PortReservation 8090 | ForEach-Object { "$_" } | Sort-Object | Should -BeExactly 'Tcp 8090 (Exclusion)', "$persistent"
        { Get-PortReservation 9000 9 } | Should -WriteError -ErrorId 'ReservationNotFound,Get-PortReservation'
        { Get-PortReservation 8080 -Kind Persistent } | Should -WriteError -ErrorId 'ReservationNotFound,Get-PortReservation'
    }

    It 'looks up what is piped in' {
        $null = New-PortReservation -StartPort 5000 -NumberOfPorts 2
        $rows = [pscustomobject]@{ StartPort = 5000; NumberOfPorts = 2; Protocol = 'Tcp' }, [pscustomobject]@{ StartPort = 5010; NumberOfPorts = 2; Protocol = 'Tcp' }
        $found = @($rows | Get-PortReservation -ErrorAction Continue 2>&1)
        "$($found[0]) / $($found[1].FullyQualifiedErrorId)" | Should -BeExactly 'Tcp 5000-5001 (Persistent) / ReservationNotFound,Get-PortReservation'
    }

    It 'every object has a store, and a round trip keeps it whatever the first row is' {
        $null = New-PortReservation -StartPort 5000 -NumberOfPorts 2
        $null = New-PortReservation -StartPort 5100 -Kind Runtime
        $null = New-PortReservation -StartPort 5200 -Kind Exclusion
        $null = New-PortReservation -StartPort 5300 -Kind Exclusion -Store Active
        Set-Knob add_system_block 6 5400 10 0
        Get-PortReservation | ForEach-Object { "$($_.StartPort) $($_.Store)" } | Should -BeExactly '5000 Persistent', '5100 Active', '5200 Persistent', '5300 Active', '5400 Active'
        foreach ($found in Get-PortReservation) { $found.PSObject.Properties.Name | Should -BeExactly $Columns -Because "the properties of $found" }
        $before = @(Get-PortReservation -Kind Persistent, Runtime, Exclusion | ForEach-Object { "$_ $($_.Store)" })
        $file = Join-Path (New-TestFolder) 'stores.csv'
        foreach ($backward in $false, $true) {
            Get-PortReservation -Kind Persistent, Runtime, Exclusion | Sort-Object StartPort -Descending:$backward | Export-Csv -LiteralPath $file -NoTypeInformation
            Get-PortReservation -Kind Persistent, Runtime, Exclusion | Remove-PortReservation
            $null = Import-Csv -LiteralPath $file | New-PortReservation
            Get-PortReservation -Kind Persistent, Runtime, Exclusion | ForEach-Object { "$_ $($_.Store)" } | Should -BeExactly $before -Because "after a round trip, backward $backward"
        }
        # Objects, rows and parameters alike, of every kind.
        $before = @(Get-PortReservation -Kind Persistent, Runtime, Exclusion)
        $before | Remove-PortReservation
        $before | New-PortReservation | ForEach-Object { "$_" } | Should -BeExactly @($before | ForEach-Object { "$_" })
        Remove-PortReservation 5000 2 -Store Persistent
        Remove-PortReservation 5100 -Kind Runtime -Store Active
        "$(New-PortReservation -StartPort 5000 -Store Persistent) $(New-PortReservation -StartPort 5100 -Kind Runtime -Store active)" | Should -BeExactly 'Tcp 5000 (Persistent) Tcp 5100 (Runtime)'
        foreach ($case in { New-PortReservation -StartPort 5001 -Store Active }, { New-PortReservation -Kind Runtime -Store Persistent },
            { Remove-PortReservation 5000 -Store Active }, { Remove-PortReservation 5100 -Kind Runtime -Store Persistent },
            { [pscustomobject]@{ StartPort = 5001; Kind = 'Persistent'; Store = 'Active' } | New-PortReservation }) {
            $failure = $case | Should -WriteError -PassThru
            $failure.FullyQualifiedErrorId | Should -Match '^InvalidParameter,' -Because "$case"
            $failure.Exception.Message | Should -Match '-Store applies only to exclusions' -Because "$case"
        }
        # Where netsh does not say.
        $unsaid = & (Get-Module PortReservation) { (Read-Answer "a7`tr`tSystem`tUdp`t7`t1`t`t`t`t`t" 7 1)[0][1] }
        "$unsaid, $($unsaid.EndPort)" | Should -BeExactly 'Udp 7 (System), 7'
        $unsaid.Store | Should -Be $null
    }

    It 'tables have the columns an administrator looks for' {
        $null = New-PortReservation -StartPort 5000 -NumberOfPorts 20
        # In the console of 80 columns that a server has.
        $text = Get-PortReservation | Format-Table | Out-String -Width 79
        $text | Should -Match 'Protocol\s+StartPort\s+EndPort\s+Ports\s+Kind\s+Token\s+OwningProcess'
        $text | Should -Match '(?m)^Tcp\s+5000\s+5019\s+20\s+Persistent\s+\d+'
        # What the next restart takes away is told from what stays.
        $null = New-PortReservation -StartPort 5100 -Kind Exclusion
        $null = New-PortReservation -StartPort 5200 -Kind Exclusion -Store Active
        $text = Get-PortReservation -Kind Exclusion | Format-Table | Out-String -Width 79
        $text | Should -Match '(?m)^Tcp +5100 +5100 +1 Exclusion *\r?\nTcp +5200 +5200 +1 Exclusion *\r?\n +\(Active\) *\r?$'
        "$(Get-PortReservation -Kind Exclusion)" | Should -BeExactly 'Tcp 5100 (Exclusion) Tcp 5200 (Exclusion, Active)'
    }
}

Describe 'Remove-PortReservation' {
    BeforeEach { Reset-Simulator }

    It 'takes objects, rows and blocks, is silent, and PassThru returns' {
        $made = New-PortReservation -StartPort 5000 -NumberOfPorts 2 -Protocol Tcp, Udp
        $made[0] | Remove-PortReservation | Should -HaveCount 0
        $passed = [pscustomobject]@{ Protocol = 'Udp'; StartPort = '5000'; NumberOfPorts = '2' } | Remove-PortReservation -PassThru
        "$passed $($passed.Token)" | Should -BeExactly "$($made[1]) $($made[1].Token)"
        $null = New-PortReservation -StartPort 5000 -NumberOfPorts 2 -Protocol Tcp, Udp
        Remove-PortReservation 5000 2 -Protocol Tcp, Udp -PassThru | Should -HaveCount 2
        Get-PortReservation | Should -HaveCount 0
    }

    It 'of a part of a block removes nothing' {
        $null = New-PortReservation -StartPort 5000 -NumberOfPorts 20
        $failure = { Remove-PortReservation -StartPort 5000 -NumberOfPorts 10 } | Should -WriteError -PassThru
        $failure | Should -BeCmdletError -ErrorId 'ReservationNotFound,Remove-PortReservation' -Category ObjectNotFound -NativeErrorCode 1168 -NativeErrorName ERROR_NOT_FOUND
        "$($failure.TargetObject)" | Should -BeExactly 'Tcp 5000-5009 (Persistent)'
        Get-PortReservation | Should -HaveCount 1
    }

    It 'refuses blocks of other programs' {
        Set-Knob add_system_block 6 8000 10 0
        $failure = { Get-PortReservation -Kind System | Remove-PortReservation } | Should -WriteError -PassThru
        $failure | Should -BeCmdletError -ErrorId 'InvalidParameter,Remove-PortReservation' -Category InvalidArgument
        "$($failure.TargetObject)" | Should -BeExactly 'Tcp 8000-8009 (System)'
        $failure.Exception.Message | Should -Match 'System'
    }

    It 'refuses what is no block: <_>' -ForEach @(
        5
        'text'
        [pscustomobject]@{ NumberOfPorts = 5 }
        [pscustomobject]@{ StartPort = 5; NumberOfPorts = 1; Protocol = 'Sctp' }
        [pscustomobject]@{ StartPort = 70000; NumberOfPorts = 1; Protocol = 'Tcp' }
    ) {
        $thing = $_
        { $thing | Remove-PortReservation } | Should -WriteError -ErrorId 'InvalidParameter,Remove-PortReservation'
    }
}

Describe 'the completion of arguments' {
    BeforeEach { Reset-Simulator }

    It 'offers the StartPort that the session has seen, without a host: <_>' -ForEach 'Remove-PortReservation', 'Get-PortReservation', 'Invoke-AssociatedBind' {
        $null = New-PortReservation -StartPort 5123
        & (Get-Module PortReservation) { Stop-HostProcess }
        Get-Completion "$_ -StartPort 512" | Should -BeExactly '5123'
        (Get-ModuleSession).Connection | Should -Be $null
    }

    It 'offers the values of -<Parameter>' -ForEach @(
        @{ Parameter = 'AddressFamily'; Values = 'InterNetwork', 'InterNetworkV6' }
        @{ Parameter = 'Store'; Values = 'Active', 'Persistent' }
    ) {
        Get-Completion "New-PortReservation -$Parameter " | Sort-Object | Should -BeExactly $Values
        (Get-ModuleSession).Connection | Should -Be $null
    }
}
