# What is changed only after a question, or not at all (-Confirm, -WhatIf).

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
}

Describe 'a change that is to be confirmed where nobody can be asked' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'is not made, and the error that says so ends the cmdlet' {
        $null = New-PortReservation 5000 2
        $path = Join-Path (New-TestFolder) 'map.svg'
        $ranges = "$(Get-DynamicPortRange)"
        $scripts = 'New-PortReservation 5010 -Confirm', '5010, 5011 | New-PortReservation -Confirm', '$ConfirmPreference = "Medium"; New-PortReservation 5010, 5011',
        'Get-PortReservation | Remove-PortReservation -Confirm', '@{ StartPort = 5010 } | Sync-PortReservation -Purge -Within 5000-5099 -Confirm',
        'Set-DynamicPortRange Tcp 40000 1000 -Confirm', "Show-PortReservation -Path '$path' -Confirm"
        # In a PowerShell of its own, -NonInteractive: a try of this one would make every error end the script.
        $calls = $scripts | ForEach-Object { "`$Error.Clear(); `$said = @(& { $_ } 2>&1); `"`$(`$said.Count) `$(`$Error.Count) `$(`$said[0].FullyQualifiedErrorId): `$(`$said[0])`";" }
        $said = @(Invoke-Shell "$(Get-ImportLine) $calls")
        $said | Should -HaveCount $scripts.Count
        for ($index = 0; $index -lt $scripts.Count; $index++) {
            $cmdlet = ([regex]'\w+-(PortReservation|DynamicPortRange)').Matches($scripts[$index])[-1].Value
            $said[$index] | Should -Match "^1 1 InvalidParameter,${cmdlet}: .* was to be confirmed, and nobody can be asked here: .*\. Give -Confirm:\`$false" -Because $scripts[$index]
        }
        Get-BlockText | Should -BeExactly 'Tcp 5000-5001 (Persistent)'
        "$(Get-DynamicPortRange)" | Should -BeExactly $ranges
        Test-Path -LiteralPath $path | Should -BeFalse
    }
}

Describe 'a preference that is a list' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'is one value, and what -WhatIf would ask is asked' {
        $WhatIfPreference = $true
        foreach ($list in @('Continue', $false), @('Continue', $false, 'None'), @()) {
            $ErrorActionPreference = $list
            $made = 5010, 5011 | New-PortReservation
            $ErrorActionPreference = 'Stop'
            $made | Should -BeNullOrEmpty
        }
        $WhatIfPreference = $false
        $ErrorActionPreference = 'Continue', $true
        $made = New-PortReservation 5010
        $ErrorActionPreference = 'Stop'
        "$made" | Should -BeExactly 'Tcp 5010 (Persistent)'
        Get-BlockText | Should -BeExactly 'Tcp 5010 (Persistent)'
    }
}
