# What a refused New-PortReservation says, and what -IfNotExists accepts.

BeforeAll { . (Join-Path $PSScriptRoot 'setup.ps1') }

Describe 'Refusals' {
    BeforeEach { Reset-Simulator }

    It 'a refused block of Kind <_> names the port, the process with its services, and the block in the way' -ForEach 'Persistent', 'Runtime', 'Exclusion' {
        Set-Knob set_process 5000 'C:\Windows\System32\svchost.exe'
        Set-Knob add_service 'iphlpsvc' 5000
        Set-Knob add_endpoint 6 '0.0.0.0' 28101 2 5000
        Set-Knob add_system_block 6 28103 5 1
        $failure = { New-PortReservation -StartPort 28100 -NumberOfPorts 5 -Kind $_ } | Should -WriteError -ErrorId 'PortInUse,New-PortReservation' -PassThru
        $failure.Exception.Message | Should -Match 'Port 28101 is in use by svchost\.exe \(process 5000, service iphlpsvc\)\. Ports 28103-28104 are in the system block tcp 28103-28107 of another program\.'
        $failure.Exception.Message | Should -Match 'Test-PortReservation -Port 28101'
    }

    It 'a block of Kind <_> that exists already is told with the switch that accepts it, and the switch accepts it' -ForEach 'Persistent', 'Runtime', 'Exclusion' {
        $made = New-PortReservation -StartPort 28110 -NumberOfPorts 3 -Kind $_
        $failure = { New-PortReservation -StartPort 28110 -NumberOfPorts 3 -Kind $_ } | Should -WriteError -ErrorId 'PortInUse,New-PortReservation' -PassThru
        $failure.Exception.Message | Should -Match 'exists already: -IfNotExists'
        "$(New-PortReservation -StartPort 28110 -NumberOfPorts 3 -Kind $_ -IfNotExists)" | Should -BeExactly "$made"
    }

    It 'an exclusion that contains the block is a success with a warning under -IfNotExists' {
        Set-Knob add_exclusion 6 50000 60 1
        $said = @()
        $made = New-PortReservation -StartPort 50051 -Kind Exclusion -IfNotExists -WarningVariable said -WarningAction SilentlyContinue
        "$made" | Should -BeExactly 'Tcp 50000-50059 (Exclusion)'
        "$said" | Should -BeExactly 'Tcp 50051 is already in Tcp 50000-50059 (Exclusion): nothing was created.'
        $made = New-PortReservation -StartPort 50000 -NumberOfPorts 60 -Kind Exclusion -IfNotExists -WarningVariable said
        "$made, $($said.Count)" | Should -BeExactly 'Tcp 50000-50059 (Exclusion), 0' -Because 'that is all of it'
    }

    It 'of several blocks, those inside an exclusion are warned of one by one, and the rest is made' {
        Set-Knob add_exclusion 6 50000 60 1
        $said = @()
        $made = @(50010, 28120, 50020 | ForEach-Object { [pscustomobject]@{ StartPort = $_; NumberOfPorts = 2 } } |
                New-PortReservation -Kind Exclusion -IfNotExists -WarningVariable said -WarningAction SilentlyContinue)
        $made | ForEach-Object { "$_" } | Should -BeExactly 'Tcp 50000-50059 (Exclusion)', 'Tcp 28120-28121 (Exclusion)', 'Tcp 50000-50059 (Exclusion)'
        $said | ForEach-Object { ("$_" -split ' ')[1] } | Should -BeExactly '50010-50011', '50020-50021'
    }

    It 'without the switch, the error for Kind <kind> says that the exclusion does the job already' -ForEach @(
        @{ kind = 'Exclusion'; says = 'in the exclusion tcp 50000-50059\. The exclusion already does the job: -IfNotExists' }
        @{ kind = 'Persistent'; says = 'in the exclusion tcp 50000-50059\. For a program that binds its port itself, the exclusion already does the job' }
        @{ kind = 'Runtime'; says = 'in the exclusion tcp 50000-50059\. For a program that binds its port itself, the exclusion already does the job' }
    ) {
        Set-Knob add_exclusion 6 50000 60 1
        $failure = { New-PortReservation -StartPort 50051 -Kind $kind } | Should -WriteError -ErrorId 'PortInUse,New-PortReservation' -PassThru
        $failure.Exception.Message | Should -Match $says
        [regex]::Matches($failure.Exception.Message, '50000-50059') | Should -HaveCount 1 -Because 'once is enough'
    }

    It 'a restart of winnat in vain names the holder and says not to repeat it' {
        Set-Knob add_system_block 6 28130 2 0
        $failure = { New-PortReservation -StartPort 28131 -RestartWinNat } | Should -WriteError -ErrorId 'PortInUse,New-PortReservation' -PassThru
        $failure.Exception.Message | Should -Match ('Port 28131 is in the system block tcp 28130-28131 of another program\. ' +
            'The service winnat was stopped and started again for it in vain: somebody else holds the block\. Do not repeat it')
        Get-Knob winnat_state | Should -BeExactly '2'
    }

    It 'who wants a reservation of a block of WinNAT is told how an ordinary program gets it' {
        Set-Knob add_system_block 6 28190 2 1
        $failure = { New-PortReservation -StartPort 28190 } | Should -WriteError -ErrorId 'PortInUse,New-PortReservation' -PassThru
        $failure.Exception.Message | Should -Match 'as an exclusion \(New-PortReservation -StartPort 28190 -Kind Exclusion -RestartWinNat\), for one that associates its sockets with -RestartWinNat\.$'
    }

    It 'many refused at once are each told, in a batch' {
        $null = New-PortReservation -StartPort 28140 -NumberOfPorts 40
        $said = @()
        28140..28179 | New-PortReservation -ErrorVariable said -ErrorAction SilentlyContinue
        $said | Where-Object { $_.Exception.Message -match 'is in the persistent reservation tcp 28140-28179' } | Should -HaveCount 40
    }
}
