# Get-PortReservation, and what it has seen.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
    $Columns = 'Protocol', 'StartPort', 'EndPort', 'NumberOfPorts', 'Kind', 'Token', 'AddressFamily', 'OwningProcess', 'Store'
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
        $failure.Exception.Message | Should -Match '^There is no block Tcp, Udp 5000-5018 in force\..* Get-PortReservation -Port 5000 shows the block'
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
        "$(Get-PortReservation 8090)" | Should -BeExactly "$persistent" -Because 'one that Windows looks up is the answer'
        Get-PortReservation 8090 -Protocol Tcp, Udp | ForEach-Object { "$_" } | Should -BeExactly 'Tcp 8090 (Exclusion)', "$persistent"
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

Describe 'the completion of arguments' {
    BeforeEach { Reset-Simulator }

    It 'offers the StartPort that the session has seen, without a host: <_>' -ForEach 'Remove-PortReservation', 'Get-PortReservation', 'Invoke-AssociatedBind' {
        (Get-ModuleSession).Known.Clear()
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
