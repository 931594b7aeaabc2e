# Invoke-AssociatedBind.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')

    function Connect-Port {
        # Whether somebody accepts connections on the port.
        param([int]$Port, [string]$Address = '127.0.0.1')
        $client = [System.Net.Sockets.TcpClient]::new([System.Net.IPAddress]::Parse($Address).AddressFamily)
        try {
            $client.Connect($Address, $Port)
            $client.Connected
        } catch {
            $false
        } finally {
            $client.Dispose()
        }
    }
}

Describe 'Invoke-AssociatedBind' {
    BeforeEach { Reset-Simulator }

    It 'a bind has the properties of the contract' {
        $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 3
        $bind = $reservation | Invoke-AssociatedBind
        $bind.PSObject.Properties.Name | Should -BeExactly 'Protocol', 'AddressFamily', 'LocalAddress', 'LocalPort', 'LocalEndPoint', 'Reservation', 'OwningProcess', 'State'
        $bind.PSTypeNames[0] | Should -BeExactly 'PortReservation.AssociatedBind'
        "$($bind.Protocol) $($bind.AddressFamily) $($bind.LocalAddress) $($bind.State)" | Should -BeExactly 'Tcp InterNetwork 0.0.0.0 Bound'
        $bind.LocalPort | Should -BeOfType [int]
        $bind.LocalPort | Should -BeIn ($reservation.StartPort..$reservation.EndPort)
        $bind.LocalEndPoint | Should -BeOfType [System.Net.IPEndPoint]
        $bind.LocalEndPoint.Port | Should -Be $bind.LocalPort
        [object]::ReferenceEquals($bind.Reservation, $reservation) | Should -BeTrue
        $bind.OwningProcess | Should -Be (Get-PortReservationHost).ProcessId
        $bind | Format-Table | Out-String -Width 120 | Should -Match 'Protocol\s+LocalAddress\s+LocalPort\s+State\s+Reservation\s+OwningProcess'
        "$bind" | Should -Match '^Tcp 0\.0\.0\.0:\d+ \(Bound\)$'
    }

    It 'a listening bind takes connections until it is closed' {
        $null = New-PortReservation -StartPort 28000 -NumberOfPorts 5
        $bind = Invoke-AssociatedBind -StartPort 28000 -NumberOfPorts 5 -Port 28003 -Listen
        "$($bind.LocalPort) $($bind.State)" | Should -BeExactly '28003 Listening'
        "$($bind.Reservation)" | Should -BeExactly 'Tcp 28000-28004 (Persistent)'
        Connect-Port 28003 | Should -BeTrue
        $bind | Close-AssociatedBind
        $bind.State | Should -BeExactly 'Closed'
        Connect-Port 28003 | Should -BeFalse -Because 'it is closed'
        $bind | Close-AssociatedBind
        $bind.Dispose()
        $bind.State | Should -BeExactly 'Closed'
        $again = Invoke-AssociatedBind -StartPort 28000 -NumberOfPorts 5 -Port 28003 -Backlog 1
        $again.State | Should -BeExactly 'Listening' -Because '-Backlog means -Listen'
        $again.Dispose()
        $again.Dispose()
        $again.State | Should -BeExactly 'Closed'
    }

    It 'each way of naming the reservation binds from it' {
        $reservation = New-PortReservation -StartPort 28100 -NumberOfPorts 4
        $binds = @(
            Invoke-AssociatedBind $reservation
            $reservation | Invoke-AssociatedBind -LocalAddress 127.0.0.1
            Invoke-AssociatedBind -Token $reservation.Token -Protocol Tcp
            Invoke-AssociatedBind -StartPort 28100 -NumberOfPorts 4 -Protocol Tcp
        )
        # Where the system allows it, one address may have a port that another socket has on every address.
        $binds[0, 2, 3].LocalPort | Sort-Object -Unique | Should -HaveCount 3
        foreach ($bind in $binds) { $bind.LocalPort | Should -BeIn (28100..28103) }
        $binds[1].LocalAddress | Should -Be '127.0.0.1'
        $binds[2].Reservation | Should -Be $null -Because 'a token tells no block'
        "$($binds[3].Reservation)" | Should -BeExactly "$reservation"
        Close-AssociatedBind $binds
        $binds.State | Select-Object -Unique | Should -BeExactly 'Closed'
        $file = Join-Path (New-TestFolder) 'reservation.xml'
        $reservation | Export-Clixml -LiteralPath $file
        Set-Knob restart
        $stale = { $reservation | Invoke-AssociatedBind } | Should -WriteError -ErrorId 'TokenNotValid,Invoke-AssociatedBind' -Because 'the token is of before the restart' -PassThru
        $bind = Import-Clixml -LiteralPath $file | Invoke-AssociatedBind
        "$($bind.Reservation)" | Should -BeExactly "$reservation" -Because 'a stored reservation is looked up again'
    }

    It 'IPv6 and Udp' {
        $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 2 -Protocol Udp
        $bind = $reservation | Invoke-AssociatedBind -AddressFamily InterNetworkV6
        "$($bind.Protocol) $($bind.AddressFamily) $($bind.LocalAddress) $($bind.LocalEndPoint)" | Should -BeExactly "Udp InterNetworkV6 :: [::]:$($bind.LocalPort)"
        $other = $reservation | Invoke-AssociatedBind -LocalAddress ::1
        "$($other.AddressFamily) $($other.LocalAddress)" | Should -BeExactly 'InterNetworkV6 ::1'
        { $reservation | Invoke-AssociatedBind -Listen } | Should -WriteError -ErrorId 'InvalidParameter,Invoke-AssociatedBind'
    }

    It 'Count binds so many ports, or none' {
        $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 5
        $binds = @($reservation | Invoke-AssociatedBind -Count 3)
        $binds.LocalPort | Sort-Object -Unique | Should -HaveCount 3
        $failure = { $reservation | Invoke-AssociatedBind -Count 3 } | Should -WriteError -ErrorId 'ReservationExhausted,Invoke-AssociatedBind' -PassThru
        $reservation | Invoke-AssociatedBind -Count 2 | Should -HaveCount 2 -Because 'the rest of the block is free'
        { $reservation | Invoke-AssociatedBind -Count 2 -Port $reservation.StartPort } | Should -WriteError -ErrorId 'InvalidParameter,Invoke-AssociatedBind'
    }

    It 'several piped reservations are bound in order, and a failure is its own' {
        $reservations = @(1..5 | ForEach-Object { [pscustomobject]@{ StartPort = 28200 + 10 * $_; NumberOfPorts = 2 } } | New-PortReservation)
        $reservations[2] | Remove-PortReservation
        $out = @($reservations | Invoke-AssociatedBind -ErrorAction Continue 2>&1)
        $out.Count | Should -Be 5
        $out[2].FullyQualifiedErrorId | Should -BeExactly 'TokenNotValid,Invoke-AssociatedBind'
        [object]::ReferenceEquals($out[2].TargetObject, $reservations[2]) | Should -BeTrue
        $out[0, 1, 3, 4] | ForEach-Object { "$($_.Reservation)" } | Should -BeExactly @($reservations[0, 1, 3, 4] | ForEach-Object { "$_" })
    }

    It 'binds that the pipeline does not take are closed' {
        $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 4
        $bind = $reservation | Invoke-AssociatedBind -Count 4 | Select-Object -First 1
        $bind.State | Should -BeExactly 'Bound'
        $reservation | Invoke-AssociatedBind -Count 3 | Should -HaveCount 3
    }

    It 'ScriptBlock gets the bind as argument and as $_, streams its output, and closes' {
        $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 4
        $seen = @{ Binds = @(); Order = @() }
        $_ = 'before'
        $out = @($reservation | Invoke-AssociatedBind -Listen -ScriptBlock {
                param($bind)
                $seen.Binds += $bind
                [object]::ReferenceEquals($bind, $_) | Should -BeTrue
                Connect-Port $_.LocalPort | Should -BeTrue
                "$($bind.State)"
                $seen.Order += 'after the output'
            } | ForEach-Object { $seen.Order += $_; $_ })
        $out | Should -BeExactly 'Listening'
        $seen.Order | Should -BeExactly 'Listening', 'after the output'
        $seen.Binds[0].State | Should -BeExactly 'Closed'
        $_ | Should -BeExactly 'before' -Because '$_ is as before'
        $reservation | Invoke-AssociatedBind -ScriptBlock ([scriptblock]::Create('"$($_.State) $($args[0].State) $(Get-Command Send-Call -ErrorAction Ignore)"')) | Should -BeExactly 'Bound Bound '
        $reservation | Invoke-AssociatedBind -Count 4 -ScriptBlock { $args[0].LocalPort } | Sort-Object | Should -Be @($reservation.StartPort..$reservation.EndPort)
        $reservation | Invoke-AssociatedBind -Count 4 | Should -HaveCount 4 -Because 'all ports are free again'
    }

    It 'ScriptBlock closes after an error, and leaves the error as it is' {
        $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 2
        $seen = @{}
        $failure = { $reservation | Invoke-AssociatedBind -Count 2 -ScriptBlock { $seen.Bind = $_; throw 'mine' } } | Should -Throw -PassThru
        $failure.Exception.Message | Should -BeExactly 'mine'
        $seen.Bind.State | Should -BeExactly 'Closed'
        $null = $reservation | Invoke-AssociatedBind -ScriptBlock { $seen.Bind = $_; 1; 2 } | Select-Object -First 1
        $seen.Bind.State | Should -BeExactly 'Closed' -Because 'Select-Object -First closes it'
        foreach ($number in 1) { $reservation | Invoke-AssociatedBind -ScriptBlock { $seen.Bind = $_; break } }
        $seen.Bind.State | Should -BeExactly 'Closed'
        $reservation | Invoke-AssociatedBind -Count 2 | Should -HaveCount 2 -Because 'all ports are free again'
        { $reservation | Invoke-AssociatedBind -ScriptBlock { 'not run' } } | Should -WriteError -ErrorId 'ReservationExhausted,Invoke-AssociatedBind'
    }

    It 'TimeoutSec ends a control code that does not come back' {
        $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 2
        Set-Knob set_delay 0xFFFFFFFF
        $failure = { $reservation | Invoke-AssociatedBind -TimeoutSec 1 } | Should -WriteError -ErrorId 'OperationTimeout,Invoke-AssociatedBind' -PassThru
        "$($failure.CategoryInfo.Category)" | Should -BeExactly 'OperationTimeout'
        Set-Knob set_delay 100
        ($reservation | Invoke-AssociatedBind -TimeoutSec 20).State | Should -BeExactly 'Bound'
    }

    Context 'Ctrl+C' {
        BeforeEach { $shell = [powershell]::Create() }
        AfterEach { Remove-PowerShell $shell }

        It 'during a wait ends the cmdlet, and keeps the host' {
            $null = $shell.AddScript((Get-ImportLine) + '$r = New-PortReservation -Kind Runtime -NumberOfPorts 2; & (Get-Module PortReservation) { $script:Session }')
            $session = $shell.Invoke()[0]
            $hostId = $session.Connection.ProcessId
            Set-Knob set_delay 0xFFFFFFFF
            $shell.Commands.Clear()
            $null = $shell.AddScript('$r | Invoke-AssociatedBind -TimeoutSec 0')
            $running = $shell.BeginInvoke()
            Wait-Until { $session.Connection.Busy } 'the request'
            $shell.Stop()
            "$($shell.InvocationStateInfo.State)" | Should -BeExactly 'Stopped'
            $running.IsCompleted | Should -BeTrue
            Set-Knob set_delay 0
            $shell.Commands.Clear()
            $null = $shell.AddScript('($r | Invoke-AssociatedBind -Count 2).Count; (Get-PortReservationHost).ProcessId')
            $shell.Invoke() | Should -BeExactly 2, $hostId -Because 'both ports are free, and the host is the same'
        }

        It 'in a script block closes its socket' {
            $null = $shell.AddScript((Get-ImportLine) + '$global:r = New-PortReservation -Kind Runtime -NumberOfPorts 1; $global:s = @{}; $s')
            $state = $shell.Invoke()[0]
            $shell.Commands.Clear()
            $null = $shell.AddScript('$r | Invoke-AssociatedBind -ScriptBlock { $s.Bind = $_; while ($true) { Start-Sleep -Milliseconds 20 } }')
            $null = $shell.BeginInvoke()
            Wait-Until { $state.Contains('Bind') } 'the script block'
            $shell.Stop()
            $shell.Commands.Clear()
            $null = $shell.AddScript('$s.Bind.State; ($r | Invoke-AssociatedBind).State')
            $shell.Invoke() | Should -BeExactly 'Closed', 'Bound'
        }
    }

    It 'binds and reservations survive as values in Export-Clixml' {
        $bind = New-PortReservation -Kind Runtime | Invoke-AssociatedBind
        $file = Join-Path (New-TestFolder) 'bind.xml'
        $bind | Export-Clixml -LiteralPath $file
        $copy = Import-Clixml -LiteralPath $file
        "$($copy.LocalPort) $($copy.State)" | Should -BeExactly "$($bind.LocalPort) Bound"
    }
}
