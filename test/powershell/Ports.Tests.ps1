# Numbers given to parameters, several ports at once, and what scripts that run twice ask for.

BeforeDiscovery {
    $script:Calls = @(
        @{ Name = 'New -StartPort'; Call = { param($Value) New-PortReservation -StartPort $Value } }
        @{ Name = 'New -NumberOfPorts'; Call = { param($Value) New-PortReservation -StartPort 5000 -NumberOfPorts $Value } }
        @{ Name = 'New -From'; Call = { param($Value) New-PortReservation -From $Value } }
        @{ Name = 'Get -Port'; Call = { param($Value) Get-PortReservation -Port $Value } }
        @{ Name = 'Get -StartPort'; Call = { param($Value) Get-PortReservation -StartPort $Value } }
        @{ Name = 'Remove -StartPort'; Call = { param($Value) Remove-PortReservation -StartPort $Value } }
        @{ Name = 'Test -Port'; Call = { param($Value) Test-PortReservation -Port $Value } }
        @{ Name = 'Invoke-AssociatedBind -StartPort'; Call = { param($Value) Invoke-AssociatedBind -StartPort $Value } }
        @{ Name = 'Invoke-AssociatedBind -TimeoutSec'; Call = { param($Value) Invoke-AssociatedBind -StartPort 5000 -TimeoutSec $Value } }
        @{ Name = 'Close-AssociatedBind -LocalPort'; Call = { param($Value) Close-AssociatedBind -LocalPort $Value } }
        @{ Name = 'Set-DynamicPortRange -StartPort'; Call = { param($Value) Set-DynamicPortRange -Protocol Tcp -StartPort $Value -NumberOfPorts 300 } }
        @{ Name = 'Set-DynamicPortRange -NumberOfPorts'; Call = { param($Value) Set-DynamicPortRange -Protocol Tcp -StartPort 50000 -NumberOfPorts $Value } }
        @{ Name = 'Invoke-AssociatedBind -Port'; Call = { param($Value) Invoke-AssociatedBind -StartPort 5000 -Port $Value } }
    )
}

BeforeAll { . (Join-Path $PSScriptRoot 'setup.ps1') }

Describe 'numbers of parameters' {
    BeforeEach { Reset-Simulator -KeepHost }

    It '<Name> takes digits only: nothing is rounded or read as something else' -ForEach $script:Calls {
        foreach ($value in 8080.5, '8080.5', '25.000', '25,000', '1e4', '0x50', ' 8080', '+80', '-80', '8080-8090', $true, @(80, 80.5)) {
            $failure = { & $Call $value } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*' -Because "$value" -PassThru
            $failure.Exception.Message | Should -Match 'not a whole number' -Because "$value"
        }
        Get-PortReservation | Should -BeNullOrEmpty
    }

    It 'a whole number is taken in whatever form PowerShell has it' {
        foreach ($value in 5000, [long]5001, [uint16]5002, '5003', 5004.0, [decimal]5005) { New-PortReservation -StartPort $value | Should -HaveCount 1 }
        "$(Get-PortReservation -StartPort '5003' -NumberOfPorts '1')" | Should -BeExactly 'Tcp 5003 (Persistent)'
        (Get-Command New-PortReservation).Parameters['NumberOfPorts'].ParameterType | Should -Be ([int])
    }

    It 'a character is the digit that it shows, and a reference what it refers to' {
        (New-PortReservation -StartPort ([char]'5')).StartPort | Should -Be 5
        (New-PortReservation -StartPort ([char[]]'89')).StartPort | Should -Be 8, 9
        (New-PortReservation -StartPort ([ref]5000) -NumberOfPorts ([ref]'2')).EndPort | Should -Be 5001
        foreach ($value in [ref]8080.5, [ref]'25.000', [ref]$true, [char]'x') {
            { New-PortReservation -StartPort $value } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*' -ExpectedMessage '*not a whole number*'
        }
    }

    It 'a number that is no port is out of range' {
        foreach ($value in 0, 65536, '70000') { { New-PortReservation -StartPort $value } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*' }
        { New-PortReservation -StartPort '99999999999' } | Should -Throw -ErrorId '*Transformation*'
    }

    It 'no first port, given empty, is not a search' {
        foreach ($value in $null, '', @()) { { New-PortReservation -StartPort $value } | Should -Throw }
        Get-PortReservation | Should -BeNullOrEmpty
    }
}

Describe 'several ports' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'are several blocks: created, read, tested and removed together' {
        "$(New-PortReservation 5000, 5100 2 | ForEach-Object { "$_" })" | Should -BeExactly 'Tcp 5000-5001 (Persistent) Tcp 5100-5101 (Persistent)'
        "$(New-PortReservation -Port 5200, 5300 -Kind Exclusion | ForEach-Object { "$_" })" | Should -BeExactly 'Tcp 5200 (Exclusion) Tcp 5300 (Exclusion)'
        (Get-PortReservation -Port 5001, 5300, 7000).StartPort | Should -Be 5000, 5300
        (Get-PortReservation -StartPort 5000, 5100 -NumberOfPorts 2).StartPort | Should -Be 5000, 5100
        (Test-PortReservation 5000, 5400).CanBind | Should -Be $false, $true
        (Remove-PortReservation 5000, 5100 -Count 2 -PassThru).StartPort | Should -Be 5000, 5100
        (Remove-PortReservation -Port 5300, 5200 -Kind Exclusion -PassThru).StartPort | Should -Be 5300, 5200
        Get-PortReservation | Should -BeNullOrEmpty
    }

    It 'one that fails does not stop the others' {
        $null = New-PortReservation 5001
        $made = New-PortReservation 5000, 5001, 5002 -ErrorAction SilentlyContinue -ErrorVariable failed
        $made.StartPort | Should -Be 5000, 5002
        "$($failed[0].TargetObject)" | Should -BeExactly 'Tcp 5001 (Persistent)'
        (New-PortReservation 5010, 65535, 5014 2 -ErrorAction SilentlyContinue).StartPort | Should -Be 5010, 5014
        $found = Get-PortReservation 5000, 5600, 5002 -ErrorAction SilentlyContinue -ErrorVariable missing
        $found.StartPort | Should -Be 5000, 5002
        $missing | Should -HaveCount 1
        (Remove-PortReservation 5000, 5600, 5002 -PassThru -ErrorAction SilentlyContinue).StartPort | Should -Be 5000, 5002
    }

    It '-WhatIf asks for each, and does none' {
        New-PortReservation 6000, 6001 -WhatIf | Should -BeNullOrEmpty
        Get-PortReservation | Should -BeNullOrEmpty
    }
}

Describe 'scripts that run twice' {
    BeforeEach { Reset-Simulator }

    It 'Created tells what -IfNotExists made and what it found' {
        $null = New-PortReservation 5000
        (5000, 5001 | New-PortReservation -IfNotExists).Created | Should -Be $false, $true
        (New-PortReservation 5000, 5001, 5002 -IfNotExists).Created | Should -Be $false, $false, $true
        (New-PortReservation 5000 -Protocol Tcp, Udp -IfNotExists).Created | Should -Be $false, $true
        $made = New-PortReservation 5003 -IfNotExists
        $made.Created | Should -BeOfType [bool]
        (New-PortReservation 5004).PSObject.Properties['Created'] | Should -BeNullOrEmpty -Because 'nobody asks'
        $null = Remove-PortReservation 5003
        ($made | New-PortReservation -IfNotExists).Created | Should -BeTrue
    }

    It 'Created is told of a block of Kind <_>' -ForEach 'Exclusion', 'Runtime' {
        (New-PortReservation 6000 -Kind $_ -IfNotExists).Created | Should -BeTrue
        (New-PortReservation 6000 -Kind $_ -IfNotExists).Created | Should -BeFalse
    }

    It 'Remove -IfExists: what is not there is no error' {
        $null = New-PortReservation 5000
        "$(1..2 | ForEach-Object { Remove-PortReservation 5000 -IfExists -PassThru })" | Should -BeExactly 'Tcp 5000 (Persistent)'
        { Remove-PortReservation 5000, 5001 -Protocol Tcp, Udp -IfExists } | Should -Not -Throw
        { Remove-PortReservation 5000 -Kind Exclusion -IfExists } | Should -Not -Throw
        { Remove-PortReservation 5000 -Kind Runtime -IfExists } | Should -Not -Throw
        $block = New-PortReservation -Kind Runtime
        { $block, $block | Remove-PortReservation -IfExists } | Should -Not -Throw
    }

    It 'Remove -IfExists: what cannot be removed still is one' {
        { Remove-PortReservation 5000 -Kind System -IfExists } | Should -WriteError -ErrorId 'InvalidParameter,Remove-PortReservation'
        { @{ NumberOfPorts = 2 } | Remove-PortReservation -IfExists } | Should -WriteError -ErrorId 'InvalidParameter,Remove-PortReservation'
        Set-Knob set_elevated 0
        { Remove-PortReservation 5000 } | Should -WriteError
    }
}

Describe 'a parameter that cannot be bound' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'is one error in $Error: <_>' -ForEach @(
        { New-PortReservation '5-6' }
        { New-PortReservation 8080.5 }
        { Remove-PortReservation 5000, '1e4' }
        { Get-PortReservation 5000 '25.000' }
        { Test-PortReservation ([char]'x') }
        { New-PortReservation 5000 -Kind Runtime -AddressFamily IPX }
        { New-PortReservation 5000 -Kind Exclusion -Store Mine }
    ) {
        $Error.Clear()
        $caught = try { & $_ } catch { $_ }
        $Error | Should -HaveCount 1
        [object]::ReferenceEquals($Error[0].Exception, $caught.Exception) | Should -BeTrue
        $caught.FullyQualifiedErrorId | Should -Match '^ParameterArgument(Transformation|Validation)Error,'
        Get-PortReservation | Should -BeNullOrEmpty
    }
}
