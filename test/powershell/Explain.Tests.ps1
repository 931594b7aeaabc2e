# Test-PortReservation and Show-PortReservation.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
}

Describe 'Test-PortReservation' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'has the properties of the contract, and says free' {
        $found = Test-PortReservation -Port 27000
        $found.PSObject.Properties.Name | Should -BeExactly 'Protocol', 'Port', 'LocalAddress', 'CanBind', 'Reason', 'Block', 'OwningProcess', 'ProcessName', 'ProcessStartTime', 'Owners', 'InDynamicRange', 'BindError', 'Disagreement', 'Advice'
        $found.PSTypeNames[0] | Should -BeExactly 'PortReservation.PortTest'
        "$($found.Protocol) $($found.Port) $($found.CanBind) $($found.Reason) $($found.InDynamicRange)" | Should -BeExactly 'Tcp 27000 True Free False'
        foreach ($name in 'Block', 'OwningProcess', 'ProcessName', 'ProcessStartTime', 'BindError', 'Disagreement') { $found.$name | Should -Be $null -Because $name }
        $found.CanBind | Should -BeOfType [bool]
        $found.InDynamicRange | Should -BeOfType [bool]
        $found.Port | Should -BeOfType [int]
        "$found" | Should -BeExactly 'Tcp 27000: Free'
        "$(Test-PortReservation 27001 -Protocol udp)" | Should -BeExactly 'Udp 27001: Free'
        Set-Knob set_dynamic_range 6 27000 1000
        (Test-PortReservation 27000).InDynamicRange | Should -Be $true
    }

    It 'a port in use has its process' {
        $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Any, 0)
        $listener.Start()
        try {
            $found = Test-PortReservation $listener.LocalEndpoint.Port
            "$($found.CanBind) $($found.Reason) $($found.BindError)" | Should -BeExactly 'False InUse WSAEADDRINUSE'
            $found.Advice.Length | Should -BeGreaterThan 20
            if ($null -eq $found.OwningProcess) { Set-ItResult -Skipped -Because 'this system does not tell the owner of a port' }
            $found.OwningProcess | Should -Be $PID
            $found.OwningProcess | Should -BeOfType [int]
            $found.ProcessName | Should -BeOfType [string]
            $found.Advice | Should -Match "process $PID"
            $found.ProcessStartTime | Should -BeOfType [datetime]
            $difference = [Math]::Abs(($found.ProcessStartTime - (Get-Process -Id $PID).StartTime).TotalSeconds)
            $difference | Should -BeLessThan 5 -Because "the start of the process, $difference s off"
        } finally {
            $listener.Stop()
        }
    }

    It 'every reason is told, with the block' {
        $persistent = New-PortReservation -StartPort 27100 -NumberOfPorts 5
        $runtime = New-PortReservation -StartPort 27110 -NumberOfPorts 5 -Kind Runtime
        $exclusion = New-PortReservation -StartPort 27120 -NumberOfPorts 5 -Kind Exclusion
        Set-Knob add_system_block 6 27130 5 1
        Set-Knob add_hidden_holder 6 27140 5
        $found = @(27102, 27112, 27122, 27132, 27142 | Test-PortReservation)
        $found.Reason | Should -BeExactly 'PersistentReservation', 'RuntimeReservation', 'Exclusion', 'RuntimeReservation', 'HiddenHolder'
        $found.CanBind | Should -BeExactly $false, $false, $true, $false, $false
        $found[0..3] | ForEach-Object { "$($_.Block)" } | Should -BeExactly "$persistent", "$runtime", "$exclusion", 'Tcp 27130-27134 (System)'
        $found[0].Block.PSTypeNames[0] | Should -BeExactly 'PortReservation.PersistentReservation'
        $found[0].Block.Token | Should -Be $persistent.Token
        $found[3].Advice | Should -Match 'WinNAT'
        $runtime | Remove-PortReservation
    }

    It 'what is piped in by property, and Quiet' {
        $null = New-PortReservation -StartPort 27200 -Protocol Udp
        $rows = [pscustomobject]@{ LocalPort = 27200; Protocol = 'Udp' }, [pscustomobject]@{ Port = 27200 }
        $rows | Test-PortReservation | ForEach-Object { "$_" } | Should -BeExactly 'Udp 27200: PersistentReservation', 'Tcp 27200: Free'
        $rows | Test-PortReservation -Quiet | Should -BeExactly $false, $true
        Test-PortReservation 27200 -Quiet | Should -BeOfType [bool]
        (Test-PortReservation -Port 27210, 27211).Port | Should -Be 27210, 27211
    }

    It 'numbers, objects and what is neither are answered in their order' {
        $objects = 27230, 27231, @{ Port = 27232 }, 70000, 27233, 'no port', [pscustomobject]@{ StartPort = 27234; NumberOfPorts = 2 }, 27236
        # As they come: an error is where its object was.
        $ErrorActionPreference = 'Continue'
        $said = @($objects | Test-PortReservation 2>&1 | ForEach-Object { if ($_ -is [System.Management.Automation.ErrorRecord]) { "$($_.TargetObject)" } else { $_.Port } })
        $said | Should -BeExactly @(27230, 27231, 27232, '70000', 27233, 'no port', 27234, 27235, 27236)
    }

    It 'a block of many ports is answered part by part, between what is before and behind it' {
        $null = New-PortReservation -StartPort 27444 -NumberOfPorts 2
        $block = [pscustomobject]@{ StartPort = 27240; NumberOfPorts = 210; Protocol = 'Udp, Tcp' }
        $found = @(27230, $block, 27231 | Test-PortReservation)
        $expected = @('Tcp 27230') + @(foreach ($name in 'Udp', 'Tcp') { 27240..27449 | ForEach-Object { "$name $_" } }) + 'Tcp 27231'
        $found | ForEach-Object { "$($_.Protocol) $($_.Port)" } | Should -BeExactly $expected
        $found | Where-Object { -not $_.CanBind } | ForEach-Object { "$_" } | Should -BeExactly 'Tcp 27444: PersistentReservation', 'Tcp 27445: PersistentReservation'
        $found[0].PSTypeNames[0..1] | Should -BeExactly 'PortReservation.PortTest#Several', 'PortReservation.PortTest'
        @($block | Test-PortReservation -Quiet) | Should -HaveCount 420
        (Test-PortReservation -InputObject $block | Select-Object -First 1).Port | Should -Be 27240
        (Test-PortReservation -InputObject 27231).PSTypeNames[0] | Should -BeExactly 'PortReservation.PortTest' -Because 'one port is a list'
    }

    It 'many ports are answered in their order, of both protocols, with what is wrong for each' {
        $null = New-PortReservation -StartPort 27250 -NumberOfPorts 40
        $ports = 27230..27329
        $found = @($ports | Test-PortReservation)
        $found.Port | Should -BeExactly $ports
        $found | Where-Object { -not $_.CanBind } | ForEach-Object Port | Should -Be @(27250..27289)
        $rows = foreach ($port in 27248..27252) { foreach ($name in 'Udp', 'Tcp') { [pscustomobject]@{ Port = $port; Protocol = $name } } }
        $rows | Test-PortReservation | ForEach-Object { "$($_.Protocol) $($_.Port)" } | Should -BeExactly @($rows | ForEach-Object { "$($_.Protocol) $($_.Port)" })
        $ports | Test-PortReservation | Select-Object -First 3 | ForEach-Object Port | Should -Be @(27230..27232)
        Set-Knob fail_next 'GetExtendedTcpTable' 8
        $said = @()
        $found = @(27230, 27231 | Test-PortReservation -ErrorVariable said -ErrorAction SilentlyContinue)
        "$($said.Count) $($found.Count)" | Should -Be '1 1'
        $said[0].TargetObject.StartPort | Should -Be 27230
    }

    It 'shows a list, without what is empty' {
        $null = New-PortReservation -StartPort 27300 -NumberOfPorts 2
        $text = Test-PortReservation 27300 | Out-String -Width 120
        $text | Should -Match '(?m)^Reason\s+: PersistentReservation\r?$'
        $text | Should -Match '(?m)^Block\s+: Tcp 27300-27301 \(Persistent\)\r?$'
        $text | Should -Match '(?m)^BindError\s+: WSAEACCES'
        $text | Should -Not -Match 'OwningProcess|Disagreement' -Because 'what is empty is not shown'
    }

    It 'a time of the host is a local one' {
        $time = & (Get-Module PortReservation) { (Read-Answer "a3`tt`t2026-01-02T03:04:05.678Z" 3 1)[0][1] }
        "$($time.ToUniversalTime().ToString('o')) $($time.Kind)" | Should -BeExactly '2026-01-02T03:04:05.6780000Z Local'
    }
}

Describe 'Show-PortReservation' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'draws text, line by line and without escapes where it is piped on' {
        $null = New-PortReservation -StartPort 1 -NumberOfPorts 64
        $lines = @(Show-PortReservation)
        $lines | Where-Object { $_ -match '^(TCP|UDP) ports' } | Should -HaveCount 2
        $lines | Where-Object { $_ -match "[`n`r]" -or $_ -match [char]27 } | Should -HaveCount 0 -Because 'a line has no breaks and no escapes'
        $lines | Where-Object { $_ -match 'ersistent.*: 64' } | Should -HaveCount 1 -Because 'the legend counts it'
        Show-PortReservation -Protocol Udp | Out-String | Should -Match '^UDP ports'
        Show-PortReservation -Protocol Udp, Udp | Out-String | Should -Not -Match 'TCP' -Because 'one protocol was asked for'
    }

    It 'colors: where the screen has them, or $PSStyle says so' {
        # The tests' own output is redirected, and may be without colors by the user's wish.
        $wish = [System.Environment]::GetEnvironmentVariable('NO_COLOR')
        [System.Environment]::SetEnvironmentVariable('NO_COLOR', $null)
        try {
            $answers = foreach ($case in @('Ansi', $false), @('PlainText', $true), @('Host', $true), @('Host', $false), @($null, $true)) {
                $style = if ($case[0]) { [pscustomobject]@{ OutputRendering = $case[0] } }
                & (Get-Module PortReservation) { Test-ConsoleColor @args } $style $case[1]
            }
        } finally {
            [System.Environment]::SetEnvironmentVariable('NO_COLOR', $wish)
        }
        $answers | Should -BeExactly $true, $false, $false, $false, $false
    }

    It 'what a line sends into a file, a variable or another command is not for the screen' {
        $file = Join-Path (New-TestFolder 'screen') 'out.txt'
        function Get-Answer { $answers.Add((& (Get-Module PortReservation) { Test-ForScreen @args } $MyInvocation)) }
        $answers = [System.Collections.Generic.List[bool]]::new()
        Get-Answer
        & { Get-Answer 2>$null }
        if ($true) { Get-Answer; $null = 1 }
        1 | ForEach-Object { (Get-Answer) }
        $answers | Should -BeExactly $true, $true, $true, $true -Because 'it is for the screen'
        $answers.Clear()
        Get-Answer > $file
        Get-Answer *> $file
        $null = Get-Answer
        $null = @(Get-Answer)
        & { Get-Answer } > $file
        Get-Answer | Out-Null
        & { Get-Answer } | Out-Null
        $null = @(
            Get-Answer
        )
        & {
            Get-Answer
        } > $file
        Set-Content $file (Get-Answer)
        $null = [pscustomobject]@{
            Map = Get-Answer
        }
        $null = "$(Get-Answer)"
        foreach ($line in Get-Answer) { $null = $line }
        $answers | Should -BeExactly @(foreach ($place in 1..13) { $false }) -Because 'it goes somewhere else'
    }

    It 'writes files, and never over one unasked' {
        $folder = New-TestFolder ('a [b] ' + [char]0xe9)
        $null = New-PortReservation -StartPort 27400 -NumberOfPorts 5
        Push-Location -LiteralPath $folder
        try {
            Show-PortReservation -Path ./ports.svg | Should -HaveCount 0
            $file = Show-PortReservation ports.html -PassThru
            $file | Should -BeOfType [System.IO.FileInfo]
            $file.FullName | Should -BeExactly (Join-Path $folder 'ports.html')
            $bytes = [System.IO.File]::ReadAllBytes($file.FullName)
            $bytes.Length | Should -BeGreaterThan 1000 -Because 'there is no byte order mark'
            $bytes[0] | Should -Be 0x3c -Because 'there is no byte order mark'
            [System.IO.File]::ReadAllText($file.FullName) | Should -Match '^<!doctype html>'
            $svg = [xml][System.IO.File]::ReadAllText((Join-Path $folder 'ports.svg'))
            $svg.DocumentElement.LocalName | Should -BeExactly 'svg'
            [System.IO.File]::WriteAllText($file.FullName, 'mine')
            $failure = { Show-PortReservation ports.html } | Should -WriteError -PassThru
            $failure | Should -BeCmdletError -ErrorId 'InvalidParameter,Show-PortReservation' -Category InvalidArgument
            $failure.Exception.Message | Should -Match 'Force'
            Show-PortReservation ports.html -Force -WhatIf
            [System.IO.File]::ReadAllText($file.FullName) | Should -BeExactly 'mine'
            Show-PortReservation ports.html -Force
            $file.OpenText().ReadToEnd().Length | Should -BeGreaterThan 1000 -Because 'it is the new one'
            foreach ($path in 'ports.txt', 'ports', 'Env:/ports.svg', 'NoSuchDrive:/ports.svg') {
                { Show-PortReservation -Path $path } | Should -WriteError -ErrorId 'InvalidParameter,Show-PortReservation' -Because $path
            }
            $failure = { Show-PortReservation -Path no/such/folder/ports.svg } | Should -WriteError -PassThru
            $failure | Should -BeCmdletError -ErrorId 'NativeError,Show-PortReservation' -Category NotSpecified
            $failure.TargetObject | Should -BeExactly 'no/such/folder/ports.svg'
        } finally {
            Pop-Location
        }
    }

    It 'replaces a link and not what it points to, and leaves nothing behind where it fails' {
        $folder = New-TestFolder 'links'
        $precious = Join-Path $folder 'precious.txt'
        [System.IO.File]::WriteAllText($precious, 'precious')
        foreach ($target in $precious, (Join-Path $folder 'nowhere.txt')) {
            $link = Join-Path $folder 'ports.svg'
            # Windows makes them for some accounts alone, and what Wine makes is no link to .NET.
            try {
                $null = New-Item -ItemType SymbolicLink -Path $link -Value $target
                $made = [System.IO.File]::GetAttributes($link) -band [System.IO.FileAttributes]::ReparsePoint
            } catch {
                $made = $false
            }
            if (-not $made) { Set-ItResult -Skipped -Because 'no symbolic link can be made here' }
            { Show-PortReservation $link } | Should -WriteError -PassThru | Should -HaveCount 1 -Because '-Force is not given'
            Show-PortReservation $link -Force
            [System.IO.File]::ReadAllText($precious) | Should -BeExactly 'precious'
            (Get-Item -LiteralPath $link).Attributes -band [System.IO.FileAttributes]::ReparsePoint | Should -BeFalse -Because 'a file is in its place'
            [System.IO.File]::ReadAllText($link) | Should -Match '^<svg'
            Get-ChildItem -LiteralPath $folder -Force | ForEach-Object Name | Sort-Object | Should -BeExactly 'ports.svg', 'precious.txt'
            [System.IO.File]::Delete($link)
        }
        [System.IO.File]::ReadAllText($precious) | Should -BeExactly 'precious'
    }
}
