# Who has a port: Test-PortReservation and the owners that it names.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
    $svchost = 'C:\Windows\System32\svchost.exe'
}

Describe 'Owners' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'every owner is an object with its process, path, address, state and services' {
        Set-Knob set_process 5000 $svchost
        Set-Knob add_service 'iphlpsvc' 5000
        Set-Knob add_service 'Dnscache' 5000
        Set-Knob add_endpoint 6 '0.0.0.0' 28000 2 5000
        Set-Knob add_endpoint 6 '::' 28000 2 5000
        $found = Test-PortReservation 28000
        "$($found.CanBind) $($found.Reason) $($found.OwningProcess) $($found.ProcessName)" | Should -BeExactly 'False InUse 5000 svchost.exe'
        $found.Owners.Count | Should -Be 2
        $owner = $found.Owners[0]
        $owner.PSObject.Properties.Name | Should -BeExactly 'Protocol', 'LocalAddress', 'AddressFamily', 'State', 'ProcessId', 'ProcessName', 'Path', 'StartTime', 'Service'
        $owner.PSTypeNames[0] | Should -BeExactly 'PortReservation.PortOwner'
        "$($owner.Protocol) $($owner.LocalAddress) $($owner.AddressFamily) $($owner.State) $($owner.ProcessId) $($owner.ProcessName)" | Should -BeExactly 'Tcp 0.0.0.0 InterNetwork Listen 5000 svchost.exe'
        $owner.Path | Should -BeExactly $svchost
        $owner.Service | Should -BeExactly 'Dnscache', 'iphlpsvc'
        $owner.StartTime.ToUniversalTime().ToString('o') | Should -BeExactly '2025-01-01T00:00:00.0000000Z'
        $owner.ProcessId | Should -BeOfType [int]
        , $owner.Service | Should -BeOfType ([string[]])
        $owner.StartTime | Should -BeOfType [datetime]
        "$owner" | Should -BeExactly 'svchost.exe (5000: Dnscache, iphlpsvc) 0.0.0.0 Listen'
        "$($found.Owners[1].LocalAddress) $($found.Owners[1].AddressFamily)" | Should -BeExactly ':: InterNetworkV6'
    }

    It 'programs that share a port, or have it at different addresses, are all named' {
        Set-Knob set_process 5000 'C:\a\one.exe'
        Set-Knob set_process 5001 'C:\b\two.exe'
        Set-Knob add_endpoint 6 '127.0.0.1' 28010 2 5000
        Set-Knob add_endpoint 6 '::1' 28010 2 5001
        Set-Knob add_endpoint 17 '0.0.0.0' 28010 0 5000
        Set-Knob add_endpoint 17 '0.0.0.0' 28010 0 5001
        (Test-PortReservation 28010).Owners | ForEach-Object { "$($_.ProcessName) $($_.LocalAddress)" } | Should -BeExactly 'one.exe 127.0.0.1', 'two.exe ::1'
        $udp = (Test-PortReservation 28010 -Protocol Udp).Owners
        $udp | ForEach-Object ProcessName | Should -BeExactly 'one.exe', 'two.exe'
        $udp[0].State | Should -Be $null
    }

    It 'a port without an owner has an empty list, and its members are $null also after the object was sent elsewhere' {
        foreach ($found in (Test-PortReservation 28020), ([System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Test-PortReservation 28020), 4))),
            (Test-PortReservation 28020 | ConvertTo-Json -Depth 4 | ConvertFrom-Json)) {
            $found.Owners | Should -HaveCount 0
            foreach ($name in 'OwningProcess', 'ProcessName', 'ProcessStartTime', 'Block', 'BindError', 'Disagreement') {
                $found | Where-Object $name | Should -HaveCount 0 -Because $name
            }
        }
    }

    It 'owners survive being sent elsewhere, and are in the list view' {
        Set-Knob set_process 5000 $svchost
        Set-Knob add_service 'Dnscache' 5000
        Set-Knob add_endpoint 17 '0.0.0.0' 28030 0 5000
        $found = Test-PortReservation 28030 -Protocol Udp
        $found | Out-String -Width 200 | Should -Match '(?m)^Owners\s+: \{svchost\.exe \(5000: Dnscache\) 0\.0\.0\.0\}'
        $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($found, 4))
        "$($back.Owners[0].ProcessId) $($back.Owners[0].Path) $($back.Owners[0].Service)" | Should -BeExactly "5000 $svchost Dnscache"
    }

    It 'a process that Windows does not name is its number alone' {
        Set-Knob set_process 5000 ''
        Set-Knob add_endpoint 6 '0.0.0.0' 50010 2 5000
        "$((Test-PortReservation 50010).Owners)" | Should -BeExactly '(5000) 0.0.0.0 Listen'
        "$((Measure-PortReservation).DynamicRanges[0].Processes | Where-Object ProcessId -eq 5000)" | Should -BeExactly '(5000): Ports 1, Connections 0'
    }

    It 'the advice names the service and never ends a process of Windows' {
        Set-Knob set_process 5000 $svchost
        Set-Knob add_service 'iphlpsvc' 5000
        Set-Knob add_endpoint 6 '0.0.0.0' 28040 2 5000
        Set-Knob set_process 4 ''
        Set-Knob add_endpoint 6 '0.0.0.0' 445 2 4
        Set-Knob add_endpoint 6 '::' 28041 2 4
        $advice = @(28040, 445, 28041 | Test-PortReservation | ForEach-Object Advice)
        $advice[0] | Should -Match 'iphlpsvc \(IP Helper\).*portproxy'
        $advice[1] | Should -Match 'file sharing.*LanmanServer'
        $advice[2] | Should -Match 'http\.sys.*netsh http show servicestate'
        $advice -match 'Stop (svchost|System)' | Should -HaveCount 0 -Because 'nobody is to stop Windows'
    }

    It 'the advice for a port of WinNAT, followed to the letter, gives an exclusion that a program can bind' {
        Set-Knob add_system_block 6 28050 5 1
        $found = Test-PortReservation 28052
        $line = [regex]::Match($found.Advice, '\((New-PortReservation [^)]*)\)').Groups[1].Value
        $line | Should -Not -BeNullOrEmpty -Because "there is a cmdlet in: $($found.Advice)"
        $made = & ([scriptblock]::Create("$line -Confirm:`$false"))
        "$made" | Should -BeExactly 'Tcp 28052 (Exclusion)'
        "$((Test-PortReservation 28052).CanBind) $((Test-PortReservation 28052).Reason)" | Should -BeExactly 'True Exclusion'
    }

    It 'the advice for a persistent reservation says how to make it an exclusion' {
        $null = New-PortReservation -StartPort 28060 -NumberOfPorts 4 -Protocol Udp
        $found = Test-PortReservation 28061 -Protocol Udp
        $line = [regex]::Match($found.Advice, '\((New-PortReservation [^)]*)\)').Groups[1].Value
        $line | Should -Not -BeNullOrEmpty -Because "there is a cmdlet in: $($found.Advice)"
        $found.Block | Remove-PortReservation
        "$(& ([scriptblock]::Create($line)))" | Should -BeExactly 'Udp 28060-28063 (Exclusion)'
        (Test-PortReservation 28061 -Protocol Udp).Advice | Should -Match 'R7b'
    }

    It 'the advice for a port that this session has bound closes that socket, and does not end its host: <protocol>' -Tag Unix -ForEach @(
        @{ protocol = 'Tcp' }
        @{ protocol = 'Udp' }
    ) {
        if ($IsOnWindows) { Set-ItResult -Skipped -Because 'the simulator has the sockets of programs in its tables off Windows alone' }
        $reservation = New-PortReservation -Kind Runtime -Protocol $protocol
        try {
            $bind = $reservation | Invoke-AssociatedBind
            $found = Test-PortReservation $bind.LocalPort -Protocol $protocol
            "$($found.OwningProcess) $($found.Reason)" | Should -BeExactly "$((Get-PortReservationHost).ProcessId) InUse"
            $found.Advice | Should -Not -Match 'Stop |exclude'
            $line = [regex]::Match($found.Advice, '\((Close-AssociatedBind [^)]*)\)').Groups[1].Value
            $line | Should -Not -BeNullOrEmpty -Because "there is a cmdlet in: $($found.Advice)"
            & ([scriptblock]::Create($line))
            $bind.State | Should -BeExactly 'Closed'
        } finally {
            $reservation | Remove-PortReservation
        }
    }

    It '-LocalAddress <address> tests it alone, and names those that such a bind meets' -ForEach @(
        @{ address = '127.0.0.1'; says = 'False one.exe' }
        @{ address = '::1'; says = 'False two.exe' }
        @{ address = '127.0.0.2'; says = 'True ' }
        @{ address = '::'; says = 'False two.exe' }
    ) {
        Set-Knob set_process 5000 'C:\a\one.exe'
        Set-Knob set_process 5001 'C:\b\two.exe'
        Set-Knob add_endpoint 6 '127.0.0.1' 28070 2 5000
        Set-Knob add_endpoint 6 '::1' 28070 2 5001
        $found = Test-PortReservation 28070 -LocalAddress $address
        "$($found.CanBind) $($found.Owners | ForEach-Object ProcessName)" | Should -BeExactly $says
        $found.LocalAddress | Should -BeExactly $address
        28070 | Test-PortReservation -LocalAddress ([System.Net.IPAddress]::Parse($address)) -Quiet | Should -Be $found.CanBind
        (Test-PortReservation 28070).LocalAddress | Should -BeNullOrEmpty
    }

    It 'what is no address of this computer is refused with its name: <_>' -ForEach 'localhost', '192.0.2.1', '127.0.0.1"' {
        $failure = { Test-PortReservation 28071 -LocalAddress $_ } | Should -WriteError -ErrorId 'InvalidParameter,Test-PortReservation' -PassThru
        $failure.Exception.Message | Should -Match ([regex]::Escape($_.TrimEnd('"')))
    }
}
