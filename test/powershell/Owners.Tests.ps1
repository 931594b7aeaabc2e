# Who has a port: Test-PortReservation and the owners that it names.

$svchost = 'C:\Windows\System32\svchost.exe'

Test 'every owner is an object with its process, path, address, state and services' {
    Set-Knob set_process 5000 $svchost
    Set-Knob add_service 'iphlpsvc' 5000
    Set-Knob add_service 'Dnscache' 5000
    Set-Knob add_endpoint 6 '0.0.0.0' 28000 2 5000
    Set-Knob add_endpoint 6 '::' 28000 2 5000
    $found = Test-PortReservation 28000
    Assert-Equal "$($found.CanBind) $($found.Reason) $($found.OwningProcess) $($found.ProcessName)" 'False InUse 5000 svchost.exe'
    Assert-Equal $found.Owners.Count 2 'the number of owners'
    $owner = $found.Owners[0]
    Assert-Equal @($owner.PSObject.Properties.Name) @('Protocol', 'LocalAddress', 'AddressFamily', 'State', 'ProcessId', 'ProcessName', 'Path', 'StartTime', 'Service')
    Assert-Equal $owner.PSTypeNames[0] 'PortReservation.PortOwner'
    Assert-Equal "$($owner.Protocol) $($owner.LocalAddress) $($owner.AddressFamily) $($owner.State) $($owner.ProcessId) $($owner.ProcessName)" 'Tcp 0.0.0.0 InterNetwork Listen 5000 svchost.exe'
    Assert-Equal $owner.Path $svchost
    Assert-Equal @($owner.Service) @('Dnscache', 'iphlpsvc')
    Assert-Equal $owner.StartTime.ToUniversalTime().ToString('o') '2025-01-01T00:00:00.0000000Z'
    Assert-True ($owner.ProcessId -is [int] -and $owner.Service -is [string[]] -and $owner.StartTime -is [datetime]) 'the types'
    Assert-Equal "$owner" 'svchost.exe (5000: Dnscache, iphlpsvc) 0.0.0.0 Listen'
    Assert-Equal "$($found.Owners[1].LocalAddress) $($found.Owners[1].AddressFamily)" ':: InterNetworkV6'
}

Test 'programs that share a port, or have it at different addresses, are all named' {
    Set-Knob set_process 5000 'C:\a\one.exe'
    Set-Knob set_process 5001 'C:\b\two.exe'
    Set-Knob add_endpoint 6 '127.0.0.1' 28010 2 5000
    Set-Knob add_endpoint 6 '::1' 28010 2 5001
    Set-Knob add_endpoint 17 '0.0.0.0' 28010 0 5000
    Set-Knob add_endpoint 17 '0.0.0.0' 28010 0 5001
    Assert-Equal @((Test-PortReservation 28010).Owners | ForEach-Object { "$($_.ProcessName) $($_.LocalAddress)" }) @('one.exe 127.0.0.1', 'two.exe ::1')
    $udp = (Test-PortReservation 28010 -Protocol Udp).Owners
    Assert-Equal @($udp | ForEach-Object ProcessName) @('one.exe', 'two.exe')
    Assert-Equal $udp[0].State $null 'the state of UDP'
}

Test 'a port without an owner has an empty list, and its members are $null also after the object was sent elsewhere' {
    foreach ($found in (Test-PortReservation 28020), ([System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize((Test-PortReservation 28020), 4))),
        (Test-PortReservation 28020 | ConvertTo-Json -Depth 4 | ConvertFrom-Json)) {
        Assert-Equal @($found.Owners).Count 0 'the number of owners'
        foreach ($name in 'OwningProcess', 'ProcessName', 'ProcessStartTime', 'Block', 'BindError', 'Disagreement') {
            Assert-Equal @($found | Where-Object $name).Count 0 $name
        }
    }
}

Test 'owners survive being sent elsewhere, and are in the list view' {
    Set-Knob set_process 5000 $svchost
    Set-Knob add_service 'Dnscache' 5000
    Set-Knob add_endpoint 17 '0.0.0.0' 28030 0 5000
    $found = Test-PortReservation 28030 -Protocol Udp
    Assert-Match ($found | Out-String -Width 200) '(?m)^Owners\s+: \{svchost\.exe \(5000: Dnscache\) 0\.0\.0\.0\}'
    $back = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($found, 4))
    Assert-Equal "$($back.Owners[0].ProcessId) $($back.Owners[0].Path) $($back.Owners[0].Service)" "5000 $svchost Dnscache"
}

Test 'the advice names the service and never ends a process of Windows' {
    Set-Knob set_process 5000 $svchost
    Set-Knob add_service 'iphlpsvc' 5000
    Set-Knob add_endpoint 6 '0.0.0.0' 28040 2 5000
    Set-Knob set_process 4 ''
    Set-Knob add_endpoint 6 '0.0.0.0' 445 2 4
    Set-Knob add_endpoint 6 '::' 28041 2 4
    $advice = @(28040, 445, 28041 | Test-PortReservation | ForEach-Object Advice)
    Assert-Match $advice[0] 'iphlpsvc \(IP Helper\).*portproxy'
    Assert-Match $advice[1] 'file sharing.*LanmanServer'
    Assert-Match $advice[2] 'http\.sys.*netsh http show servicestate'
    Assert-Equal @($advice -match 'Stop (svchost|System)').Count 0 'advice to stop Windows'
}

Test 'the advice for a port of WinNAT, followed to the letter, gives an exclusion that a program can bind' {
    Set-Knob add_system_block 6 28050 5 1
    $found = Test-PortReservation 28052
    Assert-True ($found.Advice -match '\((New-PortReservation [^,]*),') "a cmdlet in: $($found.Advice)"
    $made = & ([scriptblock]::Create($Matches[1] + ' -Confirm:$false'))
    Assert-Equal "$made" 'Tcp 28052 (Exclusion)'
    Assert-Equal "$((Test-PortReservation 28052).CanBind) $((Test-PortReservation 28052).Reason)" 'True Exclusion'
}

Test 'the advice for a persistent reservation says how to make it an exclusion' {
    $null = New-PortReservation -StartPort 28060 -NumberOfPorts 4 -Protocol Udp
    $found = Test-PortReservation 28061 -Protocol Udp
    Assert-True ($found.Advice -match '\((New-PortReservation [^,]*),') "a cmdlet in: $($found.Advice)"
    $line = $Matches[1]
    $found.Block | Remove-PortReservation
    Assert-Equal "$(& ([scriptblock]::Create($line)))" 'Udp 28060-28063 (Exclusion)'
    Assert-Match (Test-PortReservation 28061 -Protocol Udp).Advice 'R7b'
}
