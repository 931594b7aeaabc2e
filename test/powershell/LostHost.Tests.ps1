# A host that is killed: what it had made is output by the next one, and the rest are errors.

BeforeAll { . (Join-Path $PSScriptRoot 'setup.ps1') }

Describe 'a host that is killed in the middle of a batch' {
    BeforeEach { Reset-Simulator }

    It 'made what the next one finds: it is output, and the rest are errors of this module' {
        $null = Get-PortReservationHost
        $session = Get-ModuleSession
        $Error.Clear()
        $said = @()
        $out = @(26001..26300 | ForEach-Object {
                if ($_ -eq 26150) { $session.Connection.Process.Kill() }
                $_
            } | New-PortReservation -ErrorAction SilentlyContinue -ErrorVariable said)
        "$($out.StartPort | Sort-Object)" | Should -BeExactly "$((Get-PortReservation).StartPort | Sort-Object)"
        $out.Count + @($said | Where-Object FullyQualifiedErrorId -eq 'HostUnavailable,New-PortReservation').Count | Should -Be 300
        foreach ($failure in @($said) + @($Error)) { $failure.FullyQualifiedErrorId | Should -BeExactly 'HostUnavailable,New-PortReservation' }
    }

    It 'and a block that was there before: it is output with a warning, because nobody can tell which it is' {
        $null = New-PortReservation 26001
        # It dies before it reads the line.
        $process = (Get-ModuleSession).Connection.Process
        $process.Kill()
        $process.WaitForExit(30000) | Should -BeTrue
        $said = $null
        "$(New-PortReservation 26001 -WarningVariable said -WarningAction SilentlyContinue)" | Should -BeExactly 'Tcp 26001 (Persistent)'
        $said | Should -HaveCount 1
        "$said" | Should -Match 'found in force: 1\. .*there before'
    }

    It 'leaves what a command behind threw as it is: sockets that were not given ended with the host' {
        $reservation = New-PortReservation 26001 5
        $process = (Get-ModuleSession).Connection.Process
        $Error.Clear()
        { $reservation | Invoke-AssociatedBind -Count 3 | ForEach-Object { $process.Kill(); $null = $process.WaitForExit(30000); throw 'enough' } } | Should -Throw -ErrorId enough
        $Error | Should -HaveCount 1
    }

    It 'and a range that it was changing: the error says that it may be changed in part' {
        $null = Get-PortReservationHost
        $process = (Get-ModuleSession).Connection.Process
        $process.Kill()
        $process.WaitForExit(30000) | Should -BeTrue
        $failure = { Set-DynamicPortRange Tcp 40000 2000 } | Should -WriteError -ErrorId 'HostUnavailable,Set-DynamicPortRange' -PassThru
        $failure.Exception.Message | Should -BeLike '*may be changed in part*'
    }

    It 'removed what the next one does not find' {
        $made = @(26001..26030 | New-PortReservation)
        # The lost line has two of them: one is gone, as if the host had come so far.
        $answers = & (Get-Module PortReservation) {
            $connection = $script:Session.Connection
            $null = Invoke-Request $connection '"method":"reservation.remove","params":{"kind":"Persistent","protocols":["Tcp"],"startPort":26001,"numberOfPorts":1}'
            $connection.Process.Kill()
            $null = $connection.Process.WaitForExit(60000)
            Stop-Connection $connection 0
            $null = Get-PortReservationHost
            $sent = @(foreach ($port in 26001, 26002) { , @('reservation.remove', ('"method":"reservation.remove","params":{"kind":"Persistent","protocols":["Tcp"],"startPort":' + $port + ',"numberOfPorts":1}'), 'target') })
            Read-LostAnswer $connection $sent $null $false
        }
        "$($answers[0][1])" | Should -BeExactly 'Tcp 26001 (Persistent)'
        $answers[1][1].Reason | Should -BeExactly 'HostUnavailable'
        $made.Count | Should -Be 30
        Get-PortReservation | Should -HaveCount 29
    }
}
