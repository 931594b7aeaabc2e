# Without netsh: what the other sources know is output, with a warning that names what is not.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')

    function Get-Warned {
        # The output of a script block, and the texts of its warnings.
        param([scriptblock]$Body)
        $found = @(& $Body 3>&1)
        @{
            Objects  = @($found | Where-Object { $_ -isnot [System.Management.Automation.WarningRecord] })
            Warnings = @($found | Where-Object { $_ -is [System.Management.Automation.WarningRecord] } | ForEach-Object Message)
        }
    }

    $blocks = '^Incomplete: Tcp reservations, exclusions and system blocks of other programs could not be read: ENOENT: .*netsh(\.exe)? does not exist'
    $range = '^Incomplete: the dynamic range of Tcp could not be read: ENOENT: '
}

Describe 'NotRead' {
    BeforeEach {
        Reset-Simulator -KeepHost
        # The simulator's library in a folder without its netsh.
        $library = Join-Path (New-TestFolder) (Split-Path $TestOptions.Simulator -Leaf)
        Copy-Item $TestOptions.Simulator $library
        $options = $TestOptions.Clone()
        $options.Simulator = $library
        Import-TestModule -Options $options
    }
    AfterEach { Import-TestModule }

    It 'without netsh, the list has the reservations of this session, and a warning' {
        $made = New-PortReservation 28100 -Kind Runtime
        $found = Get-Warned { Get-PortReservation -Protocol Tcp }
        "$($found.Objects)" | Should -BeExactly "$made"
        $found.Warnings.Count | Should -Be 1
        $found.Warnings[0] | Should -Match $blocks
        # By its block too: what is not found may be in the list that was not read.
        $found = Get-Warned { Get-PortReservation 28110 -Kind Exclusion -Protocol Tcp -ErrorAction SilentlyContinue }
        $found.Warnings[0] | Should -Match $blocks
    }

    It 'without netsh, ports are tested, and the warning is given once' {
        $found = Get-Warned { 28120..28124 | Test-PortReservation }
        $found.Objects | ForEach-Object CanBind | Should -Be $true, $true, $true, $true, $true
        $found.Objects[0].InDynamicRange | Should -Be $null
        $found.Warnings.Count | Should -Be 2
        $found.Warnings -join "`n" | Should -Match "(?m)$blocks"
        $found.Warnings -join "`n" | Should -Match "(?m)$range"
        Test-PortReservation 28120 -Quiet -WarningAction SilentlyContinue | Should -Be $true
    }

    It 'without netsh, the map is drawn, and a warning preference is obeyed' {
        $found = Get-Warned { Show-PortReservation -Protocol Tcp }
        $found.Objects -join "`n" | Should -Match 'TCP ports'
        $found.Warnings.Count | Should -Be 2
        $WarningPreference = 'SilentlyContinue'
        (Get-Warned { Show-PortReservation -Protocol Tcp }).Warnings.Count | Should -Be 0
    }

    It 'without netsh, an exclusion is an error that says so' {
        $failure = { New-PortReservation 28130 -Kind Exclusion } | Should -WriteError -PassThru
        $failure | Should -BeCmdletError -ErrorId 'NotSupported,New-PortReservation' -Category NotImplemented
        $failure.Exception.Message | Should -Match 'netsh(\.exe)? does not exist'
    }
}
