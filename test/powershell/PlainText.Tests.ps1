# Text from outside reaches the console and a log without control and format characters.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
    $unsafe = '[\p{Cc}\p{Cf}\u2028\u2029]'
}

Describe 'PlainText' {
    BeforeEach { Reset-Simulator -KeepHost }

    # ESC, CSI, an override of the direction, a line break, the separator of lines.
    It 'what a row says reaches an error without the character U+<_>' -ForEach '001B', '009B', '202E', '000A', '2028' {
        $character = [char][Convert]::ToInt32($_, 16)
        foreach ($row in @{ StartPort = "50${character}00" }, @{ StartPort = 28200; Protocol = "Tcp${character}x" }, @{ "Start${character}Por" = 1 }) {
            $failure = { [pscustomobject]$row | New-PortReservation } | Should -WriteError -PassThru
            $failure.Exception.Message, $failure.ErrorDetails.Message, $failure.ErrorDetails.RecommendedAction, $failure.CategoryInfo.TargetName |
                Should -Not -Match $unsafe
        }
    }

    It 'what a parameter says reaches an error without the character U+<_>' -ForEach '001B', '009B', '202E', '000A', '2028' {
        $character = [char][Convert]::ToInt32($_, 16)
        $failure = { Show-PortReservation -Path "x${character}y.txt" } | Should -WriteError -PassThru
        $failure.Exception.Message | Should -Not -Match $unsafe
        $failure.Exception.Message | Should -Match "x.y\.txt'"
    }

    It 'the name of a file is shown by -WhatIf without control characters' {
        # CSI: one that .NET Framework lets be in a path.
        $said = @(Invoke-Shell "$(Get-ImportLine) Show-PortReservation -Path ('x' + [char]0x9B + '0;y.svg') -WhatIf")
        $said | Should -HaveCount 1
        $said[0] | Should -Match 'x.0;y\.svg'
        $said[0] | Should -Not -Match $unsafe
    }

    It 'names and paths of processes and services are shown without control characters' {
        $escape = [char]0x1B
        Set-Knob set_process 5000 "C:\x\${escape}[2J.exe"
        Set-Knob add_service "a${escape}[2Jb" 5000
        Set-Knob add_endpoint 6 '0.0.0.0' 28210 2 5000
        $found = Test-PortReservation 28210
        foreach ($text in $found.ProcessName, $found.Advice, $found.Owners[0].ProcessName, $found.Owners[0].Path, $found.Owners[0].Service[0], "$($found.Owners)") {
            $text | Should -Match '\[2J'
            $text | Should -Not -Match $unsafe
        }
    }

    It 'what a file says reaches an error of Sync-PortReservation without the character U+<_>' -ForEach '001B', '009B', '202E', '2028' {
        $character = [char][Convert]::ToInt32($_, 16)
        # A control character in JSON is an escape.
        $escaped = "\u$_"
        foreach ($file in @{ Name = 'a.json'; Text = "[{ `"startPort`": 1, `"st${escaped}or`": 1 }]" }, @{ Name = 'b.json'; Text = "[{ `"startPort`": 1, `"kind`": `"x${character}y`" }]" },
            @{ Name = 'c.csv'; Text = "StartPort,x${character}y`n1,2`n" }, @{ Name = 'd.csv'; Text = "StartPort,Kind`n1,x${character}y`n" },
            @{ Name = 'e.psd1'; Text = "@{ Blocks = @( @{ StartPort = 1; Kind = 'x${character}y' } ) }" }, @{ Name = 'f.psd1'; Text = "@{ Blocks = @( @{ 'x${character}y' = Get-Date 'x${character}y' } ) }" },
            @{ Name = 'g.psd1'; Text = "@{ 'x${character}y' = " }) {
            $path = Join-Path $TestDrive $file.Name
            [System.IO.File]::WriteAllText($path, $file.Text)
            $failures = $null
            try { $null = Sync-PortReservation $path -ErrorAction SilentlyContinue -ErrorVariable failures } catch { $failures = @($_) }
            $failure = $failures[0]
            $failure.FullyQualifiedErrorId | Should -BeExactly 'InvalidParameter,Sync-PortReservation' -Because $file.Name
            foreach ($text in $failure.Exception.Message, $failure.ErrorDetails.Message, $failure.ErrorDetails.RecommendedAction, $failure.CategoryInfo.TargetName) {
                $text | Should -Not -Match $unsafe -Because $file.Name
            }
        }
    }

    It 'the name of a process reaches neither an error nor a report with <Name>' -ForEach @(
        @{ Name = 'ESC'; Harm = "$([char]0x1B)[2J" }
        @{ Name = 'a line break'; Harm = "`nforged: " }
    ) {
        Set-Knob set_process 5000 "C:\x\a${Harm}b.exe"
        Set-Knob add_service "c${Harm}d" 5000
        Set-Knob add_endpoint 6 '0.0.0.0' 28220 2 5000
        $failures = @({ New-PortReservation 28220 -Kind Exclusion } | Should -WriteError -PassThru) + @({ $script:changes = [pscustomobject]@{ StartPort = 28220 } | Sync-PortReservation } | Should -WriteError -PassThru)
        foreach ($text in $failures.Exception.Message, $changes.Reason) {
            "$text" | Should -Match 'b\.exe'
            "$text" | Should -Not -Match $unsafe
        }
        $report = Join-Path $TestDrive 'report.html'
        Show-PortReservation -Path $report -Force
        $shown = [System.IO.File]::ReadAllText($report)
        $shown | Should -Match 'b\.exe'
        $shown | Should -Not -Match '[\p{Cc}\p{Cf}\u2028\u2029-[\n]]'
        $shown | Should -Not -Match '(?m)^forged'
    }
}
