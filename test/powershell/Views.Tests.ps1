# How objects look in the console, and how their members complete.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')

    function Get-View {
        # The lines that a console of 80 columns shows, without colors.
        param([object[]]$InputObject)
        $text = $InputObject | Out-String -Width 80
        @($text -replace "$([char]27)\[[\d;]*m" -split '\r?\n' | Where-Object { $_.Trim() } | ForEach-Object { $_.TrimEnd() })
    }
}

Describe 'Views' {
    BeforeEach { Reset-Simulator }

    It 'several ports are tested into a table, one port into a list with the advice' {
        $null = New-PortReservation -StartPort 29000 -NumberOfPorts 2
        Set-Knob set_process 5000 'C:\Program Files\A service\service.exe'
        Set-Knob add_endpoint 6 '0.0.0.0' 29002 2 5000
        foreach ($several in @(Test-PortReservation 29000, 29002, 29003), @(29000, 29002, 29003 | Test-PortReservation)) {
            $lines = Get-View $several
            $lines.Count | Should -Be 5
            $lines[0] | Should -Match '^Protocol\s+Port\s+CanBind\s+Reason\s+Block\s+Process$'
            $lines[2] | Should -Match '^Tcp\s+29000 False\s+PersistentReservation\s+29000-29001$'
            $lines[3] | Should -Match '^Tcp\s+29002 False\s+InUse\s+service\.exe \(5000\)$'
            $lines[4] | Should -Match '^Tcp\s+29003 True\s+Free$'
            $several[0].PSTypeNames | Should -Contain 'PortReservation.PortTest'
            "$($several[0])" | Should -BeExactly 'Tcp 29000: PersistentReservation'
            @((Get-View ($several | Format-List)) -match '^Advice\s+:').Count | Should -Be 3
        }
        $one = Test-PortReservation 29000
        @((Get-View $one) -match '^Advice\s+:').Count | Should -Be 1
        (Get-View ($one | Format-Table))[0] | Should -BeExactly (Get-View (Test-PortReservation 29000, 29001))[0]
        Test-PortReservation 29000, 29003 -Quiet | Should -Be $false, $true
    }

    It 'the reservations of every kind fit into 80 columns' {
        $null = New-PortReservation -StartPort 29000 -NumberOfPorts 2
        $null = New-PortReservation -Kind Exclusion -StartPort 29010 -Store Active
        $null = New-PortReservation -Kind Runtime -NumberOfPorts 2
        Set-Knob add_system_block 6 29020 100 1
        $all = @(Get-PortReservation -Protocol Tcp)
        @($all.Kind | Sort-Object) | Should -BeExactly 'Exclusion', 'Persistent', 'Runtime', 'System'
        $lines = Get-View $all
        $lines.Count | Should -BeGreaterOrEqual 6
        @($lines | Where-Object { $_.Length -gt 80 }) | Should -BeNullOrEmpty
    }
}

Describe 'Members after the pipe' {
    It 'those of what each cmdlet gives complete' {
        $cmdlets = @{}
        foreach ($command in (Get-Command -Module PortReservation)) {
            foreach ($type in @($command.OutputType.Name) -match '^PortReservation\.\w+$') { $cmdlets[$type] = $command.Name }
        }
        $members = @{
            'PortReservation.Reservation' = 'StartPort'; 'PortReservation.PortTest' = 'CanBind'; 'PortReservation.AssociatedBind' = 'LocalEndPoint'
            'PortReservation.Host' = 'IsElevated'; 'PortReservation.DynamicPortRange' = 'IsDefault'; 'PortReservation.Health' = 'IsHealthy'
        }
        foreach ($type in $members.Keys) { $cmdlets.Keys | Should -Contain $type }
        foreach ($type in $cmdlets.Keys) {
            foreach ($next in 'Where-Object ', 'Sort-Object ', 'Select-Object -Property ', 'ForEach-Object { $_.') {
                $offered = Get-Completion "$($cmdlets[$type]) | $next"
                $offered.Count | Should -BeGreaterOrEqual 4 -Because "$type has members"
                if ($members.ContainsKey($type)) { $offered | Should -Contain $members[$type] }
            }
        }
        Get-Completion 'Get-PortReservation | Where-Object Sta' | Should -BeExactly 'StartPort'
    }

    It 'those that complete are those that the objects have' {
        Reset-Simulator
        $made = New-PortReservation -StartPort 29000 -NumberOfPorts 2
        $bind = $made | Invoke-AssociatedBind
        try {
            foreach ($item in $made, (Test-PortReservation 29002), $bind, (Get-PortReservationHost), @(Get-DynamicPortRange)[0], (Measure-PortReservation)) {
                $type = @($item.PSTypeNames | Where-Object { Get-TypeData "$_#Members" })
                $type.Count | Should -Be 1 -Because "$item is of a type whose members are known"
                @((Get-TypeData "$type#Members").Members.Keys | Sort-Object) | Should -BeExactly @($item.PSObject.Properties.Name | Sort-Object)
            }
        } finally {
            $bind.Dispose()
        }
    }
}
