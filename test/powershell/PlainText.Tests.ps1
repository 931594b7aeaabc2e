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
        $failure.Exception.Message | Should -Match "'x.y\.txt'"
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
}
