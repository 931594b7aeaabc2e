# New- and Remove-PortReservation.

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

    It 'WhatIf names the block and touches nothing' {
        $null = New-PortReservation -StartPort 5000
        $said = @(Invoke-Shell "$(Get-ImportLine) New-PortReservation -StartPort 5001 -WhatIf; Remove-PortReservation -StartPort 5000 -Protocol Tcp, Udp -WhatIf; [pscustomobject]@{ StartPort = 5002; End = 5003 } | New-PortReservation -Kind Exclusion -WhatIf; New-PortReservation -NumberOfPorts 3 -WhatIf")
        $said | Should -HaveCount 4
        foreach ($index in 0..3) { $said[$index] | Should -Match ('"Tcp 5001 \(Persistent\)"', '"Tcp Udp 5000 \(Persistent\)"', '"Tcp 5002-5003 \(Exclusion\)"', '"Tcp \(3\) \(Persistent\)"')[$index] }
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

    It 'a block of one kind is made again as another' {
        Set-Knob add_system_block 6 5400 10 1
        $made = @(New-PortReservation 5000; New-PortReservation 5100 -Kind Runtime; New-PortReservation 5200 -Kind Exclusion -Store Active)
        $shown = @{ Persistent = 'Persistent Persistent '; Runtime = 'Runtime Active InterNetwork'; Exclusion = 'Exclusion Persistent ' }
        foreach ($kind in 'Persistent', 'Runtime', 'Exclusion', 'Persistent') {
            $made = @($made | Remove-PortReservation -PassThru | New-PortReservation -Kind $kind)
            $made | ForEach-Object { "$($_.Kind) $($_.Store) $($_.AddressFamily)" } | Should -BeExactly @($shown[$kind], $shown[$kind], $shown[$kind]) -Because "they were made as $kind"
        }
        Get-PortReservation -Kind System | New-PortReservation -Kind Exclusion -RestartWinNat | ForEach-Object { "$_ $($_.Store)" } |
            Should -BeExactly 'Tcp 5400-5409 (Exclusion) Persistent' -Because 'an exclusion survives a restart, if nobody says otherwise'
        @{ StartPort = 5500; Store = 'Active' } | New-PortReservation -Kind Exclusion | ForEach-Object Store | Should -BeExactly 'Active' -Because 'the row names no kind of its own'
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
        ({ [pscustomobject]@{ StartPort = 5003; Store = 'foo' } | New-PortReservation } | Should -WriteError -PassThru).Exception.Message | Should -Match "Store 'foo' is not valid: it must be one of Persistent, Active\."
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
