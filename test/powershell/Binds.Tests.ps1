# Invoke-AssociatedBind and Close-AssociatedBind.

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

Test 'a bind has the properties of the contract' {
    $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 3
    $bind = $reservation | Invoke-AssociatedBind
    Assert-Equal @($bind.PSObject.Properties.Name) @('Protocol', 'AddressFamily', 'LocalAddress', 'LocalPort', 'LocalEndPoint', 'Reservation', 'OwningProcess', 'State')
    Assert-Equal $bind.PSTypeNames[0] 'PortReservation.AssociatedBind'
    Assert-Equal "$($bind.Protocol) $($bind.AddressFamily) $($bind.LocalAddress) $($bind.State)" 'Tcp InterNetwork 0.0.0.0 Bound'
    Assert-True ($bind.LocalPort -is [int] -and $bind.LocalPort -in $reservation.StartPort..$reservation.EndPort) 'a port of the block'
    Assert-True ($bind.LocalEndPoint -is [System.Net.IPEndPoint] -and $bind.LocalEndPoint.Port -eq $bind.LocalPort) 'an IPEndPoint'
    Assert-True ([object]::ReferenceEquals($bind.Reservation, $reservation)) 'the same reservation'
    Assert-Equal $bind.OwningProcess (Get-PortReservationHost).ProcessId
    Assert-Match ($bind | Format-Table | Out-String -Width 120) 'Protocol\s+LocalAddress\s+LocalPort\s+State\s+Reservation\s+OwningProcess'
    Assert-Match "$bind" '^Tcp 0\.0\.0\.0:\d+ \(Bound\)$'
}

Test 'a listening bind takes connections until it is closed' {
    $null = New-PortReservation -StartPort 28000 -NumberOfPorts 5
    $bind = Invoke-AssociatedBind -StartPort 28000 -NumberOfPorts 5 -Port 28003 -Listen
    Assert-Equal "$($bind.LocalPort) $($bind.State)" '28003 Listening'
    Assert-Equal "$($bind.Reservation)" 'Tcp 28000-28004 (Persistent)'
    Assert-True (Connect-Port 28003) 'a connection'
    $bind | Close-AssociatedBind
    Assert-Equal $bind.State 'Closed'
    Assert-True (-not (Connect-Port 28003)) 'no connection after the end'
    $bind | Close-AssociatedBind
    $bind.Dispose()
    Assert-Equal $bind.State 'Closed'
    $again = Invoke-AssociatedBind -StartPort 28000 -NumberOfPorts 5 -Port 28003 -Backlog 1
    Assert-Equal $again.State 'Listening' 'the state with -Backlog'
    $again.Dispose()
    $again.Dispose()
    Assert-Equal $again.State 'Closed'
}

Test 'each way of naming the reservation binds from it' {
    $reservation = New-PortReservation -StartPort 28100 -NumberOfPorts 4
    $binds = @(
        Invoke-AssociatedBind $reservation
        $reservation | Invoke-AssociatedBind -LocalAddress 127.0.0.1
        Invoke-AssociatedBind -Token $reservation.Token -Protocol Tcp
        Invoke-AssociatedBind -StartPort 28100 -NumberOfPorts 4 -Protocol Tcp
    )
    # Where the system allows it, one address may have a port that another socket has on every address.
    Assert-Equal @($binds[0, 2, 3].LocalPort | Sort-Object -Unique).Count 3 'the ports'
    foreach ($bind in $binds) { Assert-True ($bind.LocalPort -in 28100..28103) 'a port of the block' }
    Assert-Equal $binds[1].LocalAddress '127.0.0.1'
    Assert-Equal $binds[2].Reservation $null 'the reservation of a bind by token'
    Assert-Equal "$($binds[3].Reservation)" "$reservation"
    Close-AssociatedBind $binds
    Assert-Equal @($binds.State | Select-Object -Unique) @('Closed')
    $file = Join-Path (New-TestFolder) 'reservation.xml'
    $reservation | Export-Clixml -LiteralPath $file
    Set-Knob restart
    $stale = Get-Failure { $reservation | Invoke-AssociatedBind }
    Assert-Equal $stale.FullyQualifiedErrorId 'TokenNotValid,Invoke-AssociatedBind' 'a token of before the restart'
    $bind = Import-Clixml -LiteralPath $file | Invoke-AssociatedBind
    Assert-Equal "$($bind.Reservation)" "$reservation" 'a stored reservation, looked up again'
}

Test 'IPv6 and Udp' {
    $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 2 -Protocol Udp
    $bind = $reservation | Invoke-AssociatedBind -AddressFamily InterNetworkV6
    Assert-Equal "$($bind.Protocol) $($bind.AddressFamily) $($bind.LocalAddress) $($bind.LocalEndPoint)" "Udp InterNetworkV6 :: [::]:$($bind.LocalPort)"
    $other = $reservation | Invoke-AssociatedBind -LocalAddress ::1
    Assert-Equal "$($other.AddressFamily) $($other.LocalAddress)" 'InterNetworkV6 ::1'
    Assert-Equal (Get-Failure { $reservation | Invoke-AssociatedBind -Listen }).FullyQualifiedErrorId 'InvalidParameter,Invoke-AssociatedBind'
}

Test 'Count binds so many ports, or none' {
    $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 5
    $binds = @($reservation | Invoke-AssociatedBind -Count 3)
    Assert-Equal @($binds.LocalPort | Sort-Object -Unique).Count 3
    $failure = Get-Failure { $reservation | Invoke-AssociatedBind -Count 3 }
    Assert-Equal $failure.FullyQualifiedErrorId 'ReservationExhausted,Invoke-AssociatedBind'
    Assert-Equal @($reservation | Invoke-AssociatedBind -Count 2).Count 2 'binds of the rest of the block'
    Assert-Equal (Get-Failure { $reservation | Invoke-AssociatedBind -Count 2 -Port $reservation.StartPort }).FullyQualifiedErrorId 'InvalidParameter,Invoke-AssociatedBind'
}

Test 'several piped reservations are bound in order, and a failure is its own' {
    $reservations = @(1..5 | ForEach-Object { [pscustomobject]@{ StartPort = 28200 + 10 * $_; NumberOfPorts = 2 } } | New-PortReservation)
    $reservations[2] | Remove-PortReservation
    $out = @($reservations | Invoke-AssociatedBind -ErrorAction Continue 2>&1)
    Assert-Equal $out.Count 5
    Assert-Equal $out[2].FullyQualifiedErrorId 'TokenNotValid,Invoke-AssociatedBind'
    Assert-True ([object]::ReferenceEquals($out[2].TargetObject, $reservations[2])) 'the reservation as TargetObject'
    Assert-Equal @($out[0, 1, 3, 4] | ForEach-Object { "$($_.Reservation)" }) @($reservations[0, 1, 3, 4] | ForEach-Object { "$_" })
}

Test 'binds that the pipeline does not take are closed' {
    $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 4
    $bind = $reservation | Invoke-AssociatedBind -Count 4 | Select-Object -First 1
    Assert-Equal $bind.State 'Bound'
    Assert-Equal @($reservation | Invoke-AssociatedBind -Count 3).Count 3
}

Test 'ScriptBlock gets the bind as argument and as $_, streams its output, and closes' {
    $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 4
    $seen = @{ Binds = @(); Order = @() }
    $_ = 'before'
    $out = @($reservation | Invoke-AssociatedBind -Listen -ScriptBlock {
            param($bind)
            $seen.Binds += $bind
            Assert-True ([object]::ReferenceEquals($bind, $_)) 'the same bind'
            Assert-True (Connect-Port $_.LocalPort) 'a connection'
            "$($bind.State)"
            $seen.Order += 'after the output'
        } | ForEach-Object { $seen.Order += $_; $_ })
    Assert-Equal $out @('Listening')
    Assert-Equal $seen.Order @('Listening', 'after the output')
    Assert-Equal $seen.Binds[0].State 'Closed'
    Assert-Equal $_ 'before' '$_ afterwards'
    Assert-Equal @($reservation | Invoke-AssociatedBind -Count 4 -ScriptBlock { $args[0].LocalPort } | Sort-Object) @($reservation.StartPort..$reservation.EndPort)
    Assert-Equal @($reservation | Invoke-AssociatedBind -Count 4).Count 4 'all ports are free again'
}

Test 'ScriptBlock closes after an error, and leaves the error as it is' {
    $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 2
    $seen = @{}
    $failure = Get-TerminatingFailure { $reservation | Invoke-AssociatedBind -Count 2 -ScriptBlock { $seen.Bind = $_; throw 'mine' } }
    Assert-Equal $failure.Exception.Message 'mine'
    Assert-Equal $seen.Bind.State 'Closed'
    $null = $reservation | Invoke-AssociatedBind -ScriptBlock { $seen.Bind = $_; 1; 2 } | Select-Object -First 1
    Assert-Equal $seen.Bind.State 'Closed' 'the state after Select-Object -First'
    foreach ($number in 1) { $reservation | Invoke-AssociatedBind -ScriptBlock { $seen.Bind = $_; break } }
    Assert-Equal $seen.Bind.State 'Closed' 'the state after break'
    Assert-Equal @($reservation | Invoke-AssociatedBind -Count 2).Count 2 'all ports are free again'
    Assert-Equal (Get-Failure { $reservation | Invoke-AssociatedBind -ScriptBlock { 'not run' } }).FullyQualifiedErrorId 'ReservationExhausted,Invoke-AssociatedBind'
}

Test 'TimeoutSec ends a control code that does not come back' {
    $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 2
    Set-Knob set_delay 0xFFFFFFFF
    $failure = Get-Failure { $reservation | Invoke-AssociatedBind -TimeoutSec 1 }
    Assert-Equal $failure.FullyQualifiedErrorId 'OperationTimeout,Invoke-AssociatedBind'
    Assert-Equal "$($failure.CategoryInfo.Category)" 'OperationTimeout'
    Set-Knob set_delay 100
    Assert-Equal ($reservation | Invoke-AssociatedBind -TimeoutSec 20).State 'Bound'
}

Test 'Ctrl+C during a wait ends the cmdlet, and keeps the host' {
    $shell = [powershell]::Create()
    try {
        $null = $shell.AddScript((Get-ImportLine) + '$r = New-PortReservation -Kind Runtime -NumberOfPorts 2; & (Get-Module PortReservation) { $script:Session }')
        $session = $shell.Invoke()[0]
        $hostId = $session.Connection.ProcessId
        Set-Knob set_delay 0xFFFFFFFF
        $shell.Commands.Clear()
        $null = $shell.AddScript('$r | Invoke-AssociatedBind -TimeoutSec 0')
        $running = $shell.BeginInvoke()
        Wait-Until { $session.Connection.Busy } 'the request'
        $shell.Stop()
        Assert-Equal "$($shell.InvocationStateInfo.State)" 'Stopped'
        Assert-True $running.IsCompleted 'the end'
        Set-Knob set_delay 0
        $shell.Commands.Clear()
        $null = $shell.AddScript('($r | Invoke-AssociatedBind -Count 2).Count; (Get-PortReservationHost).ProcessId')
        Assert-Equal @($shell.Invoke()) @(2, $hostId) 'two free ports, and the same host'
    } finally {
        Remove-PowerShell $shell
    }
}

Test 'Ctrl+C in a script block closes its socket' {
    $shell = [powershell]::Create()
    try {
        $null = $shell.AddScript((Get-ImportLine) + '$global:r = New-PortReservation -Kind Runtime -NumberOfPorts 1; $global:s = @{}; $s')
        $state = $shell.Invoke()[0]
        $shell.Commands.Clear()
        $null = $shell.AddScript('$r | Invoke-AssociatedBind -ScriptBlock { $s.Bind = $_; while ($true) { Start-Sleep -Milliseconds 20 } }')
        $null = $shell.BeginInvoke()
        Wait-Until { $state.Contains('Bind') } 'the script block'
        $shell.Stop()
        $shell.Commands.Clear()
        $null = $shell.AddScript('$s.Bind.State; ($r | Invoke-AssociatedBind).State')
        Assert-Equal @($shell.Invoke()) @('Closed', 'Bound')
    } finally {
        Remove-PowerShell $shell
    }
}

Test 'what is no bind is refused, and the others are closed' {
    $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 2
    $binds = @($reservation | Invoke-AssociatedBind -Count 2)
    $failure = Get-Failure { $binds[0], 'text', $binds[1] | Close-AssociatedBind }
    Assert-Failure $failure InvalidParameter InvalidArgument Close-AssociatedBind $null $null
    Assert-Equal $failure.TargetObject 'text'
    Assert-Equal @($binds.State) @('Closed', 'Closed')
}

Test 'binds whose object is lost are closed by their port, or all of them' {
    $null = New-PortReservation -StartPort 28300 -NumberOfPorts 4 -Protocol Tcp, Udp
    $udp = Invoke-AssociatedBind -StartPort 28300 -NumberOfPorts 4 -Port 28301 -Protocol Udp
    foreach ($port in 28301..28303) { $null = Invoke-AssociatedBind -StartPort 28300 -NumberOfPorts 4 -Port $port }
    Close-AssociatedBind -LocalPort 28301
    Assert-Equal $udp.State 'Bound' 'the same port of Udp'
    $again = Invoke-AssociatedBind -StartPort 28300 -NumberOfPorts 4 -Port 28301
    $failure = Get-Failure { Close-AssociatedBind -LocalPort 28302, 28300, 28303 }
    Assert-Failure $failure InvalidParameter InvalidArgument Close-AssociatedBind $null $null
    Assert-Equal "$($failure.TargetObject)" 'Tcp 28300'
    Assert-Equal (Get-ModuleSession).Connection.Binds.Count 2 'what is known to be open'
    Close-AssociatedBind -LocalPort 28301 -Protocol Tcp, Udp
    Assert-Equal @($again.State, $udp.State) @('Closed', 'Closed')
    Assert-Equal @(Invoke-AssociatedBind -StartPort 28300 -NumberOfPorts 4 -Count 4 | Select-Object -First 3).Count 3
    Close-AssociatedBind -All
    Assert-Equal (Get-ModuleSession).Connection.Binds.Count 0 'what is known to be open'
    Assert-Equal @(Invoke-AssociatedBind -StartPort 28300 -NumberOfPorts 4 -Count 4).Count 4
    & (Get-Module PortReservation) { Stop-HostProcess }
    Close-AssociatedBind -All
    Assert-Equal (Get-ModuleSession).Connection $null 'no host is started'
}

Test 'binds and reservations survive as values in Export-Clixml' {
    $bind = New-PortReservation -Kind Runtime | Invoke-AssociatedBind
    $file = Join-Path (New-TestFolder) 'bind.xml'
    $bind | Export-Clixml -LiteralPath $file
    $copy = Import-Clixml -LiteralPath $file
    Assert-Equal "$($copy.LocalPort) $($copy.State)" "$($bind.LocalPort) Bound"
}
