# What a refused New-PortReservation says, and what -IfNotExists accepts.

Test 'a refused block names the port, the process with its services, and the block in the way' {
    Set-Knob set_process 5000 'C:\Windows\System32\svchost.exe'
    Set-Knob add_service 'iphlpsvc' 5000
    Set-Knob add_endpoint 6 '0.0.0.0' 28101 2 5000
    Set-Knob add_system_block 6 28103 5 1
    foreach ($kind in 'Persistent', 'Runtime', 'Exclusion') {
        $failure = Get-Failure { New-PortReservation -StartPort 28100 -NumberOfPorts 5 -Kind $kind }
        Assert-True ($failure.FullyQualifiedErrorId -eq 'PortInUse,New-PortReservation') $failure.FullyQualifiedErrorId
        Assert-Match $failure.Exception.Message 'Port 28101 is in use by svchost\.exe \(process 5000, service iphlpsvc\); ports 28103-28104 are in a block of another program, tcp 28103-28107\.' $kind
        Assert-Match $failure.Exception.Message 'Test-PortReservation -Port 28101' $kind
    }
}

Test 'what exists already is told with the switch that accepts it, and the switch accepts it' {
    foreach ($kind in 'Persistent', 'Runtime', 'Exclusion') {
        $made = New-PortReservation -StartPort 28110 -NumberOfPorts 3 -Kind $kind
        Assert-Match (Get-Failure { New-PortReservation -StartPort 28110 -NumberOfPorts 3 -Kind $kind }).Exception.Message 'exists already: -IfNotExists' $kind
        Assert-Equal "$(New-PortReservation -StartPort 28110 -NumberOfPorts 3 -Kind $kind -IfNotExists)" "$made"
        $made | Remove-PortReservation
    }
}

Test 'an exclusion that contains the block is a success with a warning under -IfNotExists' {
    Set-Knob add_exclusion 6 50000 60 1
    $said = @()
    $made = New-PortReservation -StartPort 50051 -Kind Exclusion -IfNotExists -WarningVariable said -WarningAction SilentlyContinue
    Assert-Equal "$made" 'Tcp 50000-50059 (Exclusion)'
    Assert-Equal "$said" 'Tcp 50051 is already in Tcp 50000-50059 (Exclusion): nothing was created.'
    $made = New-PortReservation -StartPort 50000 -NumberOfPorts 60 -Kind Exclusion -IfNotExists -WarningVariable said
    Assert-Equal "$made, $($said.Count)" 'Tcp 50000-50059 (Exclusion), 0' 'all of it'
    $made = @(50010, 28120, 50020 | ForEach-Object { [pscustomobject]@{ StartPort = $_; NumberOfPorts = 2 } } |
            New-PortReservation -Kind Exclusion -IfNotExists -WarningVariable said -WarningAction SilentlyContinue)
    Assert-Equal @($made | ForEach-Object { "$_" }) @('Tcp 50000-50059 (Exclusion)', 'Tcp 28120-28121 (Exclusion)', 'Tcp 50000-50059 (Exclusion)')
    Assert-Equal @($said | ForEach-Object { ("$_" -split ' ')[1] }) @('50010-50011', '50020-50021') 'the blocks in the warnings'
    Assert-Match (Get-Failure { New-PortReservation -StartPort 50051 -Kind Exclusion }).Exception.Message 'The exclusion tcp 50000-50059 already does the job'
    Assert-Match (Get-Failure { New-PortReservation -StartPort 50051 }).Exception.Message 'binds its port itself, the exclusion tcp 50000-50059 already does the job'
}

Test 'a restart of winnat in vain names the holder and says not to repeat it' {
    Set-Knob add_system_block 6 28130 2 0
    $failure = Get-Failure { New-PortReservation -StartPort 28131 -RestartWinNat }
    Assert-Match $failure.Exception.Message 'Port 28131 is in a block of another program, tcp 28130-28131\. The service winnat was stopped and started again for it in vain: somebody else holds the block\. Do not repeat it'
    Assert-Equal $failure.FullyQualifiedErrorId 'PortInUse,New-PortReservation'
    Assert-Equal (Get-Knob winnat_state) '2'
}

Test 'many refused at once are each told, in a batch' {
    $null = New-PortReservation -StartPort 28140 -NumberOfPorts 40
    $said = @()
    28140..28179 | New-PortReservation -ErrorVariable said -ErrorAction SilentlyContinue
    Assert-Equal @($said | Where-Object { $_.Exception.Message -match 'is in the persistent reservation tcp 28140-28179' }).Count 40
}
