# Get-DynamicPortRange and Set-DynamicPortRange.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
    function Get-RangeText { Get-DynamicPortRange | ForEach-Object { "$($_.Protocol) $($_.AddressFamily) $($_.StartPort)-$($_.EndPort) $($_.IsDefault)" } }
    $standard = 'Tcp InterNetwork 49152-65535 True', 'Tcp InterNetworkV6 49152-65535 True', 'Udp InterNetwork 49152-65535 True', 'Udp InterNetworkV6 49152-65535 True'
}

Describe 'dynamic ranges' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'the dynamic ranges are read, of each protocol and family' {
        Get-RangeText | Should -BeExactly $standard
        $range = @(Get-DynamicPortRange -Protocol Udp)[0]
        $range.PSObject.Properties.Name | Should -BeExactly 'Protocol', 'AddressFamily', 'StartPort', 'EndPort', 'NumberOfPorts', 'IsDefault'
        $range.PSTypeNames[0] | Should -BeExactly 'PortReservation.DynamicPortRange'
        "$range" | Should -BeExactly 'Udp 49152-65535 (InterNetwork)'
        $range.StartPort | Should -BeOfType [int]
        $range.NumberOfPorts | Should -BeOfType [int]
        $range.IsDefault | Should -BeOfType [bool]
        Get-DynamicPortRange | Out-String -Width 80 | Should -Match '(?m)^Protocol AddressFamily +StartPort EndPort Ports IsDefault\s*$'
        Set-Knob set_dynamic_range 6 1024 13977
        Get-RangeText | Should -BeExactly (@('Tcp InterNetwork 1024-15000 False', 'Tcp InterNetworkV6 1024-15000 False') + $standard[2, 3])
    }

    It 'a dynamic range is set for both families, and -PassThru returns it' {
        Set-DynamicPortRange -Protocol Udp -StartPort 40000 -NumberOfPorts 1000 | Should -BeNullOrEmpty
        Get-RangeText | Should -BeExactly ($standard[0, 1] + 'Udp InterNetwork 40000-40999 False', 'Udp InterNetworkV6 40000-40999 False')
        Set-DynamicPortRange Tcp, Udp 49152 16384 -PassThru | ForEach-Object { "$_" } |
            Should -BeExactly 'Tcp 49152-65535 (InterNetwork)', 'Tcp 49152-65535 (InterNetworkV6)', 'Udp 49152-65535 (InterNetwork)', 'Udp 49152-65535 (InterNetworkV6)'
    }

    It '-WhatIf changes no dynamic range' {
        Set-DynamicPortRange Tcp 40000 1000 -WhatIf
        $WhatIfPreference = $true
        Set-DynamicPortRange Udp 40000 1000
        $WhatIfPreference = $false
        Get-RangeText | Should -BeExactly $standard
    }

    It 'what Windows refuses as a dynamic range is an error that names the rule, and changes nothing' {
        foreach ($case in @('Tcp', 65000, 600, '65599'), @('Udp', 65535, 255, '65789')) {
            $failure = { Set-DynamicPortRange $case[0] $case[1] $case[2] } | Should -WriteError -PassThru
            $failure | Should -BeCmdletError -ErrorId 'InvalidParameter,Set-DynamicPortRange' -Category InvalidArgument
            $failure.Exception.Message | Should -Match $case[3]
        }
        foreach ($row in @{ Protocol = 'Tcp'; StartPort = 1024; NumberOfPorts = 300 }, @{ Protocol = 'Tcp'; StartPort = 40000; NumberOfPorts = 254 }) {
            ({ $row | Set-DynamicPortRange } | Should -WriteError -PassThru).Exception.Message | Should -Match 'N10'
            # What would be refused is refused in the question too.
            ({ $row | Set-DynamicPortRange -WhatIf } | Should -WriteError -PassThru).Exception.Message | Should -Match 'N10'
        }
        Get-RangeText | Should -BeExactly $standard
    }

    It 'a dynamic range that cannot be set leaves both families as they were' {
        Set-Knob fail_next 'netsh ipv6 set' 5
        $failure = { Set-DynamicPortRange Tcp 40000 1000 } | Should -WriteError -PassThru
        $failure | Should -BeCmdletError -ErrorId 'NativeError,Set-DynamicPortRange' -Category NotSpecified
        "$($failure.TargetObject)" | Should -BeExactly 'Tcp 40000-40999'
        Set-Knob set_elevated 0
        { Set-DynamicPortRange Udp 40000 1000 } | Should -WriteError -PassThru | Should -BeCmdletError -ErrorId 'AccessDenied,Set-DynamicPortRange' -Category PermissionDenied
        Get-RangeText | Should -BeExactly $standard
    }

    It 'dynamic ranges survive CSV, JSON and serialization, and are set from there, each for its family' {
        Set-Knob set_dynamic_range 6 1100 13977
        $null = Set-DynamicPortRange Udp 30000 5000
        $before = Get-RangeText
        $ranges = @(Get-DynamicPortRange)
        $forms = @(
            , @($ranges | ConvertTo-Csv | ConvertFrom-Csv)
            , @($ranges | ConvertTo-Json | ConvertFrom-Json | ForEach-Object { $_ })
            , @([System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($ranges)))
            , @($ranges | ForEach-Object { @{ Protocol = $_.Protocol; AddressFamily = $_.AddressFamily; 'Start Port' = "$($_.StartPort)"; EndPort = $_.EndPort } })
        )
        foreach ($form in $forms) {
            $null = Set-DynamicPortRange Tcp, Udp 49152 16384
            Get-RangeText | Should -BeExactly $standard
            $form | Set-DynamicPortRange
            Get-RangeText | Should -BeExactly $before
        }
    }

    It 'a dynamic range is no block: <_>' -ForEach 'New-PortReservation', 'Sync-PortReservation', 'Remove-PortReservation', 'Invoke-AssociatedBind' {
        $range = Get-DynamicPortRange Tcp | Where-Object AddressFamily -EQ InterNetwork
        foreach ($item in $range, ($range | ConvertTo-Json | ConvertFrom-Json)) {
            { $item | & $_ -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidParameter*' -ExpectedMessage '*is a dynamic port range, not a block*'
        }
        Get-PortReservation | Should -BeNullOrEmpty
    }

    It 'an object that does not plainly name a dynamic range changes nothing' {
        $block = New-PortReservation 27000 300
        $rows = $block, @{ StartPort = 40000; NumberOfPorts = 1000 }, @{ Protocol = 'Tcp'; NumberOfPorts = 1000 }, @{ Protocol = 'Tcp'; StartPort = '40.000'; NumberOfPorts = 1000 },
        @{ Protocol = 'Sctp'; StartPort = 40000; NumberOfPorts = 1000 }, @{ Protocol = 'Tcp'; StartPort = 40000; NumberOfPort = 1000 }, 'Tcp'
        foreach ($row in $rows) {
            { $row | Set-DynamicPortRange } | Should -WriteError -PassThru | Should -BeCmdletError -ErrorId 'InvalidParameter,Set-DynamicPortRange' -Category InvalidArgument
        }
        Get-RangeText | Should -BeExactly $standard
    }
}
