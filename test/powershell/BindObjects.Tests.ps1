# Close-AssociatedBind, and what becomes of a bind object elsewhere.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
}

Describe 'Close-AssociatedBind' {
    BeforeEach { Reset-Simulator }

    It 'what is no bind is refused, and the others are closed' {
        $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 2
        $binds = @($reservation | Invoke-AssociatedBind -Count 2)
        $failure = { $binds[0], 'text', $binds[1] | Close-AssociatedBind } | Should -WriteError -PassThru
        $failure | Should -BeCmdletError -ErrorId 'InvalidParameter,Close-AssociatedBind' -Category InvalidArgument
        $failure.TargetObject | Should -BeExactly 'text'
        $binds.State | Should -BeExactly 'Closed', 'Closed'
    }

    It 'in an event action, while another cmdlet waits, is an error, and takes no answer from it: <Name>' -ForEach @(
        @{ Name = 'Dispose'; Action = { $bind.Dispose() } }
        @{ Name = 'Close-AssociatedBind'; Action = { $bind | Close-AssociatedBind } }
    ) {
        $bind = New-PortReservation -Kind Runtime | Invoke-AssociatedBind
        # The cmdlet waits for the stop of winnat, until the action has run.
        Set-Knob add_system_block 6 28500 1 1
        Set-Knob set_winnat_delay 3600000
        $data = @{ Connection = (Get-ModuleSession).Connection; Bind = $bind; Action = $Action; Said = $null; Release = { Set-Knob set_winnat_delay 0 } }
        $timer = [System.Timers.Timer]::new(20)
        $subscription = Register-ObjectEvent -InputObject $timer -EventName Elapsed -MessageData $data -Action {
            $data = $Event.MessageData
            # Once, while the cmdlet waits.
            if (-not $data.Connection.Busy -or $null -ne $data.Said) { return }
            $bind = $data.Bind
            try { . ([scriptblock]::Create("$($data.Action)")); $data.Said = 'closed' } catch { $data.Said = "$_" }
            & $data.Release
        }
        try {
            $timer.Start()
            "$(New-PortReservation 28500 -RestartWinNat)" | Should -BeExactly 'Tcp 28500 (Persistent)'
        } finally {
            $timer.Stop()
            Remove-Job $subscription -Force
        }
        $data.Said | Should -Match 'busy with another cmdlet'
        $bind.State | Should -BeExactly 'Bound'
        $bind.Dispose()
        $bind.State | Should -BeExactly 'Closed'
    }

    It 'stay open while an event action uses cmdlets at any moment of others, and so does the host' {
        $bind = New-PortReservation -Kind Runtime | Invoke-AssociatedBind
        $process = $bind.OwningProcess
        $timer = [System.Timers.Timer]::new(5)
        $timer.AutoReset = $false
        $data = @{ Timer = $timer; Done = 0; Said = [System.Collections.Generic.HashSet[string]]::new() }
        $subscription = Register-ObjectEvent -InputObject $timer -EventName Elapsed -MessageData $data -Action {
            $data = $Event.MessageData
            # It may be the turn of the other one.
            try { $null = Get-PortReservationHost; $data.Done++ } catch { $null = $data.Said.Add("$_") }
            if ($null -ne $data.Timer) { $data.Timer.Start() }
        }
        try {
            $timer.Start()
            for ($round = 1; $round -le 5; $round++) {
                $made = @(29001..29040 | New-PortReservation | Select-Object -First 30)
                $made | Should -HaveCount 30
                $made | Remove-PortReservation
            }
        } finally {
            $data.Timer = $null
            $timer.Stop()
            Remove-Job $subscription -Force
        }
        $data.Done | Should -BeGreaterThan 0
        @($data.Said) -notmatch 'busy with another cmdlet' | Should -BeNullOrEmpty
        $bind.State | Should -BeExactly 'Bound'
        (Get-PortReservationHost).ProcessId | Should -Be $process
        Get-PortReservation -Kind Persistent | Should -HaveCount 0
        $bind.Dispose()
    }

    It 'binds whose object is lost are closed by their port, or all of them' {
        $null = New-PortReservation -StartPort 28300 -NumberOfPorts 4 -Protocol Tcp, Udp
        $udp = Invoke-AssociatedBind -StartPort 28300 -NumberOfPorts 4 -Port 28301 -Protocol Udp
        foreach ($port in 28301..28303) { $null = Invoke-AssociatedBind -StartPort 28300 -NumberOfPorts 4 -Port $port }
        Close-AssociatedBind -LocalPort 28301
        $udp.State | Should -BeExactly 'Bound' -Because 'it is the port of Udp'
        $again = Invoke-AssociatedBind -StartPort 28300 -NumberOfPorts 4 -Port 28301
        $failure = { Close-AssociatedBind -LocalPort 28302, 28300, 28303 } | Should -WriteError -PassThru
        $failure | Should -BeCmdletError -ErrorId 'InvalidParameter,Close-AssociatedBind' -Category InvalidArgument
        "$($failure.TargetObject)" | Should -BeExactly 'Tcp 28300'
        (Get-ModuleSession).Connection.Binds.Count | Should -Be 2 -Because 'so many are known to be open'
        Close-AssociatedBind -LocalPort 28301 -Protocol Tcp, Udp
        $again.State, $udp.State | Should -BeExactly 'Closed', 'Closed'
        Invoke-AssociatedBind -StartPort 28300 -NumberOfPorts 4 -Count 4 | Select-Object -First 3 | Should -HaveCount 3
        Close-AssociatedBind -All
        (Get-ModuleSession).Connection.Binds.Count | Should -Be 0 -Because 'so many are known to be open'
        Invoke-AssociatedBind -StartPort 28300 -NumberOfPorts 4 -Count 4 | Should -HaveCount 4
        & (Get-Module PortReservation) { Stop-HostProcess }
        Close-AssociatedBind -All
        (Get-ModuleSession).Connection | Should -Be $null -Because 'no host is started'
    }
}

Describe 'a bind object in another runspace' {
    BeforeAll { Reset-Simulator }

    It 'has plain values there, and is closed only where it was made' {
        $bind = New-PortReservation -Kind Runtime | Invoke-AssociatedBind
        $other = [powershell]::Create()
        try {
            $null = $other.AddScript('param($bind) $bind.State; "$bind"; "$($bind.Reservation)"; try { $bind.Dispose() } catch { "$_" }').AddArgument($bind)
            $running = $other.BeginInvoke()
            $running.AsyncWaitHandle.WaitOne(30000) | Should -BeTrue -Because 'nothing waits for the other runspace'
            $said = @($other.EndInvoke($running))
        } finally {
            $other.Dispose()
        }
        $said[0] | Should -BeExactly 'Bound'
        $said[1] | Should -BeExactly "$bind"
        $said[2] | Should -BeExactly "$($bind.Reservation)"
        $said[3] | Should -BeLike '*not a bind of this session*'
        $bind.State | Should -BeExactly 'Bound'
        $bind | Close-AssociatedBind
        $bind.State | Should -BeExactly 'Closed'
    }

    It 'is open where it was made, also where two runspaces make their first at the same moment' {
        # The statement that makes the table of records, wherever the module has it.
        $place = @(Select-String -LiteralPath (& (Get-Module PortReservation) { ${function:ConvertTo-Bind}.File }) -Pattern '^ +if \(\$null -eq \$table\) .*SetData\(')
        $place | Should -HaveCount 1
        $import, $path = foreach ($text in (Get-ImportLine), $place[0].Path) { $text -replace "'", "''" }
        # In a PowerShell of its own, where nobody has made one.
        $said = Invoke-Shell @"
            `$import = '$import'
            `$bind = 'New-PortReservation -Kind Runtime | Invoke-AssociatedBind'
            `$first, `$second = [powershell]::Create(), [powershell]::Create()
            `$moment = @{ Reached = [System.Threading.ManualResetEventSlim]::new(); Over = [System.Threading.ManualResetEventSlim]::new() }
            `$stop = ' `$global:moment = `$args[0]; Set-PSBreakpoint -Script `$args[1] -Line `$args[2] -Action { `$moment.Reached.Set(); `$null = `$moment.Over.Wait(60000) }'
            `$null = `$first.AddScript(`$import + `$stop).AddArgument(`$moment).AddArgument('$path').AddArgument($($place[0].LineNumber)).Invoke()
            `$first.Commands.Clear()
            `$running = `$first.AddScript(`$bind).BeginInvoke()
            `$moment.Reached.Wait(60000)
            `$other = `$second.AddScript(`$import + `$bind).Invoke()[0]
            `$moment.Over.Set()
            `$one = `$first.EndInvoke(`$running)[0]
            `$one.State, `$other.State
            foreach (`$shell in `$first, `$second) { `$shell.Commands.Clear(); `$null = `$shell.AddScript('Remove-Module PortReservation').Invoke(); `$shell.Dispose() }
            `$one.State, `$other.State
"@
        $said | Should -BeExactly 'True', 'Bound', 'Bound', 'Closed', 'Closed'
    }

    It 'whose own runspace has ended is closed' {
        $other = [powershell]::Create()
        $null = $other.AddScript((Get-ImportLine) + 'New-PortReservation -Kind Runtime | Invoke-AssociatedBind')
        $bind = $other.Invoke()[0]
        $id = $bind.OwningProcess
        $other.Runspace.Close()
        $other.Dispose()
        Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
        $bind.State | Should -BeExactly 'Closed'
        $bind.Dispose()
        "$($bind.LocalPort)" | Should -Match '^\d+$'
        { $bind | Close-AssociatedBind } | Should -WriteError -ErrorId 'InvalidParameter,Close-AssociatedBind'
    }
}
