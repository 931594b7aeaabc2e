# The DSC resource PortReservationList, called as DSC calls it.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')

    function New-List {
        # An instance, as DSC makes it: the class in the scope of the module, and one property after the other.
        param([hashtable]$Properties)
        $list = (Get-Module PortReservation).Invoke({ 'PortReservationList' -as [type] })::new()
        foreach ($name in $Properties.Keys) { $list.$name = $Properties[$name] }
        $list
    }

}

Describe 'PortReservationList' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'gets, tests and sets a list, and mends a drift' {
        $list = New-List @{ Name = 'ports'; Blocks = @{ StartPort = 5000; NumberOfPorts = 5 }, @{ StartPort = 5010; Kind = 'Exclusion'; Store = 'Active' }; Purge = $true; Within = '5000-5099' }
        $null = New-PortReservation 5050
        $list.Test() | Should -BeFalse
        $list.Get().Changes | Should -BeExactly 'Create: Tcp 5000-5004 (Persistent)', 'Create: Tcp 5010 (Exclusion, Active)', 'Remove: Tcp 5050 (Persistent)'
        $list.Set()
        $list.Test() | Should -BeTrue
        Get-BlockText | Should -BeExactly 'Tcp 5000-5004 (Persistent)', 'Tcp 5010 (Exclusion, Active)'
        Remove-PortReservation 5000 5
        $list.Test() | Should -BeFalse
        $list.Set()
        $list.Test() | Should -BeTrue
    }

    It 'works on when its module is imported anew' {
        $list = New-List @{ Name = 'ports'; Blocks = @(@{ StartPort = 5000 }) }
        Import-TestModule
        $list.Test() | Should -BeFalse
        $list.Set()
        $list.Test() | Should -BeTrue
    }

    It 'reads a file, and removes what the file before named' {
        $folder = New-TestFolder
        foreach ($name in 'before', 'now') { [System.IO.File]::WriteAllText((Join-Path $folder "$name.json"), $(if ($name -eq 'now') { '[ { "startPort": 5000 } ]' } else { '[ { "startPort": 5001 } ]' })) }
        $list = New-List @{ Name = 'ports'; Path = Join-Path $folder 'before.json' }
        $list.Set()
        $list = New-List @{ Name = 'ports'; Path = Join-Path $folder 'now.json'; Purge = $true; PreviousPath = Join-Path $folder 'before.json' }
        $list.Set()
        Get-BlockText | Should -BeExactly 'Tcp 5000 (Persistent)'
        $list = New-List @{ Name = 'ports'; Blocks = @(); Purge = $true; Within = '5000' }
        $list.Set()
        $list.Test() | Should -BeTrue
        Get-BlockText | Should -BeNullOrEmpty
    }

    It 'a conflict is no exception of Test, and one of Set after the rest was done' {
        Set-Knob add_system_block 6 5000 1 0
        $list = New-List @{ Name = 'ports'; Blocks = @{ StartPort = 5000 }, @{ StartPort = 5010 } }
        $list.Test() | Should -BeFalse
        $list.Get().Changes[0] | Should -BeExactly 'Conflict: Tcp 5000 (Persistent)'
        { $list.Set() } | Should -Throw -ErrorId 'PortInUse,Sync-PortReservation'
        Get-BlockText | Should -BeExactly 'Tcp 5010 (Persistent)'
    }

    It 'a list that is none is an exception of every method, and changes nothing: <Why>' -ForEach @(
        @{ Why = 'neither path nor blocks'; Properties = @{ Name = 'ports' }; Message = '*either Path or Blocks*' }
        @{ Why = 'both'; Properties = @{ Name = 'ports'; Path = 'x'; Blocks = @(@{ StartPort = 5000 }) }; Message = '*either Path or Blocks*' }
        @{ Why = 'overlapping'; Properties = @{ Name = 'ports'; Blocks = @{ StartPort = 5000; NumberOfPorts = 2 }, @{ StartPort = 5001 } }; Message = '*overlap*' }
        @{ Why = 'a purge of everything'; Properties = @{ Name = 'ports'; Blocks = @(@{ StartPort = 5000 }); Purge = $true }; Message = '*Within*' }
        @{ Why = 'no file'; Properties = @{ Name = 'ports'; Path = '/none/ports.json' }; Message = '*ports.json*' }
    ) {
        foreach ($method in 'Get', 'Test', 'Set') { { (New-List $Properties).$method() } | Should -Throw $Message -Because $method }
        Get-BlockText | Should -BeNullOrEmpty
    }

    It 'is found as DSC finds it, runs without a console, and leaves no process behind' {
        $manifest = $ModulePath.Replace("'", "''")
        (Get-Module -ListAvailable ([System.Management.Automation.WildcardPattern]::Escape($ModulePath))).ExportedDscResources | Should -BeExactly 'PortReservationList'
        # As the host of DSC: no profile, no console, and nothing that says where the simulator is.
        $values = foreach ($name in $TestOptions.Keys) { "`$script:Session.$name = '$($TestOptions[$name].Replace("'", "''"))'" }
        $shell = [powershell]::Create()
        try {
            $said = $shell.AddScript("using module '$manifest'
                & (Get-Module PortReservation) { $($values -join '; '); `$script:Session.Supported = `$true }
                `$list = [PortReservationList]@{ Name = 'ports'; Blocks = @(@{ StartPort = 5000 }) }
                `$list.Test(); `$list.Set(); `$list.Test()
                `$null -eq (& (Get-Module PortReservation) { `$script:Session.Connection })").Invoke()
            "$($shell.Streams.Error)" | Should -BeExactly ''
            $said | Should -BeExactly $false, $true, $true
        } finally {
            Remove-PowerShell $shell
        }
    }
}
