# Invoke-AssociatedBind -AsSocket.

function Test-Exchange {
    # Whether the listening socket accepts a connection, and a text arrives at the other end.
    param([System.Net.Sockets.Socket]$Listener)
    $port = $Listener.LocalEndPoint.Port
    $client = [System.Net.Sockets.TcpClient]::new()
    $accepted = $null
    try {
        $client.Connect('127.0.0.1', $port)
        $accepted = $Listener.Accept()
        $null = $accepted.Send([System.Text.Encoding]::ASCII.GetBytes("from $port"))
        $accepted.Dispose()
        [System.IO.StreamReader]::new($client.GetStream()).ReadToEnd() -eq "from $port"
    } finally {
        if ($null -ne $accepted) { $accepted.Dispose() }
        $client.Dispose()
    }
}

Test 'AsSocket is refused off Windows before anything is bound, and never goes with ScriptBlock' {
    $reservation = New-PortReservation -Kind Runtime
    $failure = Get-TerminatingFailure { $reservation | Invoke-AssociatedBind -AsSocket -ScriptBlock { 'not run' } }
    Assert-Failure $failure InvalidParameter InvalidArgument Invoke-AssociatedBind $null $null
    if (-not $script:IsOnWindows) {
        $failure = Get-TerminatingFailure { $reservation | Invoke-AssociatedBind -AsSocket }
        Assert-Failure $failure NotSupported NotImplemented Invoke-AssociatedBind $null $null
    }
    Assert-Equal ($reservation | Invoke-AssociatedBind).State 'Bound' 'the only port, which is free'
}

Test 'AsSocket gives a listening socket of this process that outlives the host' {
    if (-not $script:IsOnWindows) { Skip 'a socket can be handed to another process on Windows only' }
    $reservation = New-PortReservation -StartPort 27500 -NumberOfPorts 4
    $socket = $reservation | Invoke-AssociatedBind -Listen -AsSocket
    try {
        Assert-True ($socket -is [System.Net.Sockets.Socket]) 'a socket of .NET'
        Assert-Equal "$($socket.IsBound) $($socket.AddressFamily) $($socket.SocketType) $($socket.ProtocolType) $($socket.Blocking)" 'True InterNetwork Stream Tcp True'
        Assert-True ($socket.LocalEndPoint.Port -in 27500..27503) 'a port of the block'
        Assert-True (Test-Exchange $socket) 'an exchange'
        $id = (Get-PortReservationHost).ProcessId
        (Get-Process -Id $id).Kill()
        Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
        Assert-True (Test-Exchange $socket) 'an exchange after the end of the host'
        $task = $socket.AcceptAsync()
        $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $socket.LocalEndPoint.Port)
        Assert-True ($task.Wait(5000)) 'an accept that is waited for'
        $task.Result.Dispose()
        $client.Dispose()
    } finally {
        $socket.Dispose()
    }
    # Nobody else has a copy of it: the port is free again.
    Get-PortReservation -ErrorAction SilentlyContinue | Out-Null
    $again = $reservation | Invoke-AssociatedBind -Count 4 -AsSocket
    Assert-Equal @($again.LocalEndPoint.Port | Sort-Object) @(27500..27503)
    foreach ($socket in $again) { $socket.Dispose() }
}

Test 'AsSocket: several sockets, Udp, and what the pipeline does not take' {
    if (-not $script:IsOnWindows) { Skip 'a socket can be handed to another process on Windows only' }
    $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 3
    $sockets = @($reservation | Invoke-AssociatedBind -Count 3 -AsSocket)
    Assert-Equal @($sockets | ForEach-Object { $_.LocalEndPoint.Port } | Sort-Object) @($reservation.StartPort..$reservation.EndPort)
    # Bound and not yet listening: the script decides.
    $sockets[0].Listen(5)
    Assert-True (Test-Exchange $sockets[0]) 'an exchange after Listen'
    Assert-Equal (Get-Failure { $reservation | Invoke-AssociatedBind -AsSocket }).FullyQualifiedErrorId 'ReservationExhausted,Invoke-AssociatedBind'
    foreach ($socket in $sockets) { $socket.Dispose() }
    $first = $reservation | Invoke-AssociatedBind -Count 3 -AsSocket | Select-Object -First 1
    $rest = @($reservation | Invoke-AssociatedBind -Count 2 -AsSocket)
    Assert-Equal $rest.Count 2 'the ports of the two that were not taken'
    foreach ($socket in @($first) + $rest) { $socket.Dispose() }
    $udp = New-PortReservation -Kind Runtime -Protocol Udp | Invoke-AssociatedBind -AsSocket -LocalAddress 127.0.0.1
    $client = [System.Net.Sockets.UdpClient]::new()
    try {
        $udp.ReceiveTimeout = 5000
        $null = $client.Send([byte[]](1, 2, 3), 3, '127.0.0.1', $udp.LocalEndPoint.Port)
        Assert-Equal $udp.Receive([byte[]]::new(10)) 3
    } finally {
        $client.Dispose()
        $udp.Dispose()
    }
}
