# Measure-PortReservation.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
}

Describe 'health' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'a system where nothing is wrong is healthy, and has no findings' {
        $health = Measure-PortReservation
        $health.PSTypeNames[0] | Should -BeExactly 'PortReservation.Health'
        $health.PSObject.Properties.Name | Should -BeExactly 'IsHealthy', 'DynamicRanges', 'HeldPorts', 'WinNat', 'GuestPorts', 'Findings'
        $health.IsHealthy | Should -BeTrue
        $health.Findings.Count | Should -Be 0
        $health.HeldPorts.Count | Should -Be 0
        $health.WinNat | Should -BeExactly 'Running'
        $health.DynamicRanges | ForEach-Object { "$($_.Protocol) $($_.StartPort) $($_.EndPort) $($_.NumberOfPorts) $($_.IsDefault)" } |
            Should -BeExactly 'Tcp 49152 65535 16384 True', 'Udp 49152 65535 16384 True'
        "$($health.DynamicRanges[0].Ranges)" | Should -BeExactly 'Tcp 49152-65535 (InterNetwork) Tcp 49152-65535 (InterNetworkV6)'
    }

    It 'ports and connections are counted, with their processes' {
        Set-Knob set_dynamic_range 6 13000 255
        Set-Knob set_process 5000 'C:\a\client.exe'
        Set-Knob add_service 'Spooler' 5000
        foreach ($port in 13000, 13001, 13001) { Set-Knob add_endpoint 6 '10.0.0.1' $port 5 5000 }
        Set-Knob add_endpoint 6 '10.0.0.1' 13002 11 0
        Set-Knob add_system_block 6 13010 50 1
        $health = Measure-PortReservation
        $use = $health.DynamicRanges[0]
        $use.PSTypeNames[0] | Should -BeExactly 'PortReservation.DynamicRangeUse'
        "$use" | Should -BeExactly 'Tcp 13000-13254: PortsInUse 3, PortsHeld 50, PortsFree 202, PercentUsed 20, Connections 4'
        $use.TimeWait | Should -Be 1
        $use.Processes | ForEach-Object { "$_" } | Should -BeExactly 'client.exe (5000, Spooler): Ports 2, Connections 3', '-: Ports 1, Connections 1'
        $use.Processes[0].PSObject.Properties.Name | Should -BeExactly 'ProcessId', 'ProcessName', 'Service', 'Ports', 'Connections'
        "$($health.HeldPorts)" | Should -BeExactly 'Tcp System: Ports 50, Blocks 1'
        $health | Out-String -Width 200 | Should -Match '(?m)^Processes\s+: Tcp client\.exe \(5000, Spooler\): Ports 2, Connections 3'
        $use | Format-Table | Out-String -Width 80 | Should -Match '(?m)^Tcp +13000 +13254 +255 +False +3 +50 +202 +20 +4\s*$'
    }

    It 'each finding says what to do' {
        Set-Knob set_dynamic_range 17 1024 13977
        Set-Knob add_system_block 6 27010 20 1
        $health = Measure-PortReservation
        $health.IsHealthy | Should -BeFalse
        $health.Findings | ForEach-Object { "$($_.Severity) $($_.Name) $($_.Protocol)" } | Should -BeExactly 'Warning DynamicRangeLow Udp', 'Warning WellKnownPortHeld Tcp', 'Information WinNatHolds '
        $low = $health.Findings[0]
        $low.PSObject.Properties.Name | Should -BeExactly 'Severity', 'Name', 'Protocol', 'Text', 'Advice'
        $low.Advice | Should -Match 'Set-DynamicPortRange -Protocol Udp -StartPort 49152 -NumberOfPorts 16384'
        "$low" | Should -BeExactly "Warning DynamicRangeLow: $($low.Text) $($low.Advice)"
        $health.Findings[2].Protocol | Should -Be $null
        # The advice is a command that works.
        Set-DynamicPortRange -Protocol Udp -StartPort 49152 -NumberOfPorts 16384
        (Measure-PortReservation).Findings.Name | Should -Not -Contain 'DynamicRangeLow'
    }

    It 'the health survives being sent elsewhere, and what it has none of stays $null' {
        Set-Knob set_winnat 0
        foreach ($health in (Measure-PortReservation), ([System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Measure-PortReservation), 5))),
            (Measure-PortReservation | ConvertTo-Json -Depth 6 | ConvertFrom-Json)) {
            $health.IsHealthy | Should -BeTrue
            @($health | Where-Object WinNat).Count | Should -Be 0
            @($health.Findings).Count | Should -Be 0
            $health.DynamicRanges[1].NumberOfPorts | Should -Be 16384
        }
    }

    It 'without netsh the findings say what could not be read' {
        for ($times = 0; $times -lt 20; $times++) { Set-Knob fail_next netsh 5 }
        $health = Measure-PortReservation
        @($health.Findings.Name | Select-Object -Unique) | Should -BeExactly 'NotRead'
        $health.DynamicRanges.Count | Should -Be 0
    }
}
