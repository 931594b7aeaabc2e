# The DSC resource PortReservationList, called as DSC calls it.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
    $resource = Import-Module (Join-Path (Split-Path $ModulePath) 'DscResources/PortReservationList/PortReservationList.psm1') -PassThru
    function Invoke-Resource($Method, $Properties) { & $resource { param($name, $values) & "$name-TargetResource" @values } $Method $Properties }
}

AfterAll { Remove-Module $resource }

Describe 'PortReservationList' {
    BeforeEach { Reset-Simulator }

    It 'gets, tests and sets a list, and mends a drift' {
        $list = @{ Name = 'ports'; Blocks = @{ StartPort = 5000; NumberOfPorts = 5 }, @{ StartPort = 5010; Kind = 'Exclusion' }; Purge = $true; Within = '5000-5099' }
        $null = New-PortReservation 5050
        Invoke-Resource Test $list | Should -BeFalse
        (Invoke-Resource Get $list).Changes | Should -BeExactly 'Create: Tcp 5000-5004 (Persistent)', 'Create: Tcp 5010 (Exclusion)', 'Remove: Tcp 5050 (Persistent)'
        Invoke-Resource Set $list | Should -BeNullOrEmpty
        Invoke-Resource Test $list | Should -BeTrue
        Get-PortReservation -Kind Persistent, Exclusion | ForEach-Object { "$_" } | Should -BeExactly 'Tcp 5000-5004 (Persistent)', 'Tcp 5010 (Exclusion)'
        Remove-PortReservation 5000 5
        Invoke-Resource Test $list | Should -BeFalse
        Invoke-Resource Set $list
        Invoke-Resource Test $list | Should -BeTrue
    }

    It 'a conflict is an error of Set, after the rest was done, and a list without blocks is one' {
        Set-Knob add_system_block 6 5000 1 0
        { Invoke-Resource Set @{ Name = 'ports'; Blocks = @{ StartPort = 5000 }, @{ StartPort = 5010 } } } | Should -Throw -ErrorId 'PortInUse,Sync-PortReservation'
        Get-PortReservation -Kind Persistent | ForEach-Object { "$_" } | Should -BeExactly 'Tcp 5010 (Persistent)'
        { Invoke-Resource Test @{ Name = 'ports' } } | Should -Throw '*either Path or Blocks*'
    }
}
