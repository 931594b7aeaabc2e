# Invoke-AssociatedBind -AsSocket.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')

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
}

Describe 'Invoke-AssociatedBind -AsSocket' {
    BeforeEach { Reset-Simulator }

    It 'is refused off Windows before anything is bound, and never goes with ScriptBlock' {
        $reservation = New-PortReservation -Kind Runtime
        $failure = { $reservation | Invoke-AssociatedBind -AsSocket -ScriptBlock { 'not run' } } | Should -Throw -PassThru
        $failure | Should -BeCmdletError -ErrorId 'InvalidParameter,Invoke-AssociatedBind' -Category InvalidArgument
        if (-not $IsOnWindows) {
            $failure = { $reservation | Invoke-AssociatedBind -AsSocket } | Should -Throw -PassThru
            $failure | Should -BeCmdletError -ErrorId 'NotSupported,Invoke-AssociatedBind' -Category NotImplemented
        }
        ($reservation | Invoke-AssociatedBind).State | Should -BeExactly 'Bound' -Because 'its only port is free'
    }

    It 'gives a listening socket of this process that outlives the host' -Tag Windows {
        if (-not $IsOnWindows) { Set-ItResult -Skipped -Because 'a socket can be handed to another process on Windows only' }
        $reservation = New-PortReservation -StartPort 27500 -NumberOfPorts 4
        $socket = $reservation | Invoke-AssociatedBind -Listen -AsSocket
        try {
            $socket | Should -BeOfType [System.Net.Sockets.Socket]
            "$($socket.IsBound) $($socket.AddressFamily) $($socket.SocketType) $($socket.ProtocolType) $($socket.Blocking)" | Should -BeExactly 'True InterNetwork Stream Tcp True'
            $socket.LocalEndPoint.Port | Should -BeIn (27500..27503)
            Test-Exchange $socket | Should -BeTrue
            $id = (Get-PortReservationHost).ProcessId
            (Get-Process -Id $id).Kill()
            Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
            Test-Exchange $socket | Should -BeTrue -Because 'the socket outlives the host'
            # Not by AcceptAsync: that without arguments is an extension in .NET Framework.
            $running = $socket.BeginAccept($null, $null)
            $client = [System.Net.Sockets.TcpClient]::new('127.0.0.1', $socket.LocalEndPoint.Port)
            $running.AsyncWaitHandle.WaitOne(60000) | Should -BeTrue -Because 'the accept was waited for'
            $socket.EndAccept($running).Dispose()
            $client.Dispose()
        } finally {
            $socket.Dispose()
        }
        # Nobody else has a copy of it: the port is free again.
        Get-PortReservation -ErrorAction SilentlyContinue | Out-Null
        $again = $reservation | Invoke-AssociatedBind -Count 4 -AsSocket
        $again.LocalEndPoint.Port | Sort-Object | Should -Be @(27500..27503)
        foreach ($socket in $again) { $socket.Dispose() }
    }

    It 'several sockets, Udp, and what the pipeline does not take' -Tag Windows {
        if (-not $IsOnWindows) { Set-ItResult -Skipped -Because 'a socket can be handed to another process on Windows only' }
        $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 3
        $sockets = @($reservation | Invoke-AssociatedBind -Count 3 -AsSocket)
        $sockets | ForEach-Object { $_.LocalEndPoint.Port } | Sort-Object | Should -Be @($reservation.StartPort..$reservation.EndPort)
        # Bound and not yet listening: the script decides.
        $sockets[0].Listen(5)
        Test-Exchange $sockets[0] | Should -BeTrue -Because 'it listens now'
        { $reservation | Invoke-AssociatedBind -AsSocket } | Should -WriteError -ErrorId 'ReservationExhausted,Invoke-AssociatedBind'
        foreach ($socket in $sockets) { $socket.Dispose() }
        $first = $reservation | Invoke-AssociatedBind -Count 3 -AsSocket | Select-Object -First 1
        $rest = @($reservation | Invoke-AssociatedBind -Count 2 -AsSocket)
        $rest.Count | Should -Be 2 -Because 'the two that were not taken are closed'
        foreach ($socket in @($first) + $rest) { $socket.Dispose() }
        $udp = New-PortReservation -Kind Runtime -Protocol Udp | Invoke-AssociatedBind -AsSocket -LocalAddress 127.0.0.1
        $client = [System.Net.Sockets.UdpClient]::new()
        try {
            $udp.ReceiveTimeout = 60000
            $null = $client.Send([byte[]](1, 2, 3), 3, '127.0.0.1', $udp.LocalEndPoint.Port)
            $udp.Receive([byte[]]::new(10)) | Should -Be 3
        } finally {
            $client.Dispose()
            $udp.Dispose()
        }
    }
}
