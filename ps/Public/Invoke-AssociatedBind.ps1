function Invoke-AssociatedBind {
    <#
    .SYNOPSIS
        Binds a socket to a port of a reservation, or runs a script block with one.

    .DESCRIPTION
        Opens a socket, associates it with a reservation, binds it to a port of the block, and returns the bind. The
        socket is kept open by the session's host until Close-AssociatedBind, the bind's Dispose(), or the end of the
        session, also when nothing refers to the bind any more. With -ScriptBlock the socket lives for as long as the block runs. With -AsSocket the socket becomes this
        process's own, a System.Net.Sockets.Socket of .NET.

        Binding from a persistent reservation needs an elevated administrator, from a runtime reservation of this session
        it does not. Give the reservation itself, its token, or its block.

    .PARAMETER Reservation
        The reservation to bind from, as New-PortReservation and Get-PortReservation give it, or a row of a CSV file with
        its columns.

    .PARAMETER Token
        The token of the reservation to bind from. It may change at every restart: do not store it.

    .PARAMETER Protocol
        Tcp (the default) or Udp: the protocol of the reservation that -Token or -StartPort means.

    .PARAMETER StartPort
        The first port of exactly the reservation to bind from, which is looked up.

    .PARAMETER NumberOfPorts
        The number of ports of exactly the reservation to bind from. The default is 1.

    .PARAMETER Port
        The port of the block to bind to. The default, 0, is any free port of the block.

    .PARAMETER AddressFamily
        InterNetwork (the default) or InterNetworkV6. With an IPv6 address as -LocalAddress it need not be said.

    .PARAMETER LocalAddress
        The address to bind to, in numbers. The default is the unspecified address of the family: every interface.

    .PARAMETER Count
        So many sockets, each with its own port. The default is 1. Either all are bound or none.

    .PARAMETER Listen
        Tcp: listens for connections at once.

    .PARAMETER Backlog
        Tcp: listens at once, with a queue of so many connections. The default is the system's maximum.

    .PARAMETER ScriptBlock
        Runs once for each bind, with the bind as its argument and as $_, and outputs what it outputs. The socket is
        closed afterwards, also after an error or Ctrl+C.

    .PARAMETER AsSocket
        Windows only: hands each socket over to this PowerShell process and returns it as a System.Net.Sockets.Socket, to
        accept, send and receive with. It is the script's to dispose of, and it stays open when the host ends. Not together
        with -ScriptBlock.

    .PARAMETER TimeoutSec
        How many seconds Windows may take to associate the sockets of one reservation, all of -Count together. The default
        is 30; 0 is no limit.

    .EXAMPLE
        $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 2
        $bind = $reservation | Invoke-AssociatedBind -Listen
        $bind | Close-AssociatedBind

        Listens on a port of a block that this session has just reserved, until the bind is closed.

    .EXAMPLE
        Invoke-AssociatedBind -StartPort 5000 -NumberOfPorts 20 -Port 5005 -ScriptBlock { "listening on $($_.LocalEndPoint)" } -Listen

        Listens on port 5005 of a persistent reservation while the script block runs.

    .EXAMPLE
        $socket = Invoke-AssociatedBind -StartPort 5000 -NumberOfPorts 20 -Listen -AsSocket
        $client = $socket.Accept()

        Accepts a connection in this PowerShell process, on a port of a persistent reservation.

    .INPUTS
        PortReservation.Reservation, or other objects with the properties Protocol, StartPort and NumberOfPorts.

    .OUTPUTS
        PortReservation.AssociatedBind: Protocol, AddressFamily, LocalAddress, LocalPort, LocalEndPoint (a
        System.Net.IPEndPoint), Reservation (empty for a bind by token), OwningProcess (the host, which holds the socket),
        State (Bound, Listening or Closed, as it is now), and the method Dispose(). With -ScriptBlock: what it outputs.
        With -AsSocket: System.Net.Sockets.Socket.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        https://learn.microsoft.com/windows/win32/winsock/sio-associate-port-reservation

    .LINK
        Close-AssociatedBind
    #>
    [CmdletBinding(DefaultParameterSetName = 'Reservation')]
    [OutputType('PortReservation.AssociatedBind', [System.Net.Sockets.Socket])]
    param(
        [Parameter(ParameterSetName = 'Reservation', Mandatory, Position = 0, ValueFromPipeline)]
        [ValidateNotNull()]
        [psobject]$Reservation,

        [Parameter(ParameterSetName = 'Token', Mandatory)]
        [ValidateRange(1, [uint64]::MaxValue)]
        [uint64]$Token,

        [Parameter(ParameterSetName = 'Token')]
        [Parameter(ParameterSetName = 'Block')]
        [ValidateSet('Tcp', 'Udp')]
        [string]$Protocol = 'Tcp',

        [Parameter(ParameterSetName = 'Block', Mandatory)]
        [ValidateRange(1, 65535)]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Get-KnownStartPort @args } @args })]
        [int]$StartPort,

        [Parameter(ParameterSetName = 'Block')]
        [ValidateRange(1, 65535)]
        [int]$NumberOfPorts = 1,

        [ValidateRange(0, 65535)]
        [int]$Port = 0,

        [ValidateSet('InterNetwork', 'InterNetworkV6')]
        [string]$AddressFamily = 'InterNetwork',

        [ValidateNotNullOrEmpty()]
        [string]$LocalAddress,

        [ValidateRange(1, 65535)]
        [int]$Count = 1,

        [switch]$Listen,

        [ValidateRange(1, 2147483647)]
        [int]$Backlog,

        [ValidateNotNull()]
        [scriptblock]$ScriptBlock,

        [switch]$AsSocket,

        [ValidateRange(0, 2147483)]
        [int]$TimeoutSec = 30
    )

    begin {
        if (-not $script:Session.Supported) { Write-PlatformError $PSCmdlet }
        # A module does not see the preferences of the script that calls it, not even for an item that cannot be bound.
        if (-not $PSBoundParameters.ContainsKey('ErrorAction')) { $ErrorActionPreference = $PSCmdlet.SessionState.PSVariable.GetValue('ErrorActionPreference') }
        # Before anything is bound.
        if ($AsSocket -and $null -ne $ScriptBlock) {
            $PSCmdlet.ThrowTerminatingError((New-ReservationError 'InvalidParameter' (Get-Message AsSocketOrScriptBlock) (Get-Message AsSocketOrScriptBlockAdvice) $null))
        }
        if ($AsSocket -and [System.Environment]::OSVersion.Platform -ne 'Win32NT') {
            $message = Get-Message AsSocketNotSupported @([System.Environment]::OSVersion.Platform)
            $PSCmdlet.ThrowTerminatingError((New-ReservationError 'NotSupported' $message (Get-Message AsSocketNotSupportedAdvice) $null))
        }
        $options = ',"timeout":' + ($TimeoutSec * 1000)
        if ($Port -gt 0) { $options += ',"port":' + $Port }
        if ($Count -gt 1) { $options += ',"count":' + $Count }
        $sixth = $AddressFamily -eq 'InterNetworkV6' -or (-not $PSBoundParameters.ContainsKey('AddressFamily') -and "$LocalAddress".Contains(':'))
        if ($sixth) { $options += ',"addressFamily":"IPv6"' }
        if ($LocalAddress) { $options += ',"localAddress":' + (ConvertTo-Json -InputObject $LocalAddress -Compress -ErrorAction Stop) }
        if ($Listen -or $Backlog -gt 0) { $options += ',"listen":true' }
        if ($Backlog -gt 0) { $options += ',"backlog":' + $Backlog }
        $options += '}'
        # What waits to be sent; see Send-RequestQueue.
        $queue = @{
            Requests = [System.Collections.Generic.List[string]]::new(); Targets = [System.Collections.Generic.List[object]]::new()
            Make = 'Bind'; Timeout = [long]$TimeoutSec * 1000; Limit = 1; Clock = [System.Diagnostics.Stopwatch]::StartNew()
            Activity = 'BindProgress'; Began = [System.Diagnostics.Stopwatch]::StartNew(); Done = 0; Shown = $false
        }
        # A script block may have a bar of its own, and takes the time.
        if ($null -ne $ScriptBlock) { $queue.Activity = $null }
    }

    process {
        $fault = $null
        if ($PSCmdlet.ParameterSetName -eq 'Reservation') {
            $target = $Reservation
            try {
                $block = Resolve-Reservation $Reservation
                $fault = Get-BlockFault $block $target 'KindNotBound'
            } catch {
                $fault = New-ReservationError 'InvalidParameter' $_.Exception.Message (Get-Message InvalidParameterAdvice) $target
            }
        } elseif ($PSCmdlet.ParameterSetName -eq 'Block') {
            $target = New-Block $Protocol $StartPort $NumberOfPorts
            $block = [pscustomobject]@{ Protocol = $Protocol; StartPort = $StartPort; NumberOfPorts = $NumberOfPorts; Kind = $null; Token = $null }
        } else {
            $target = New-Block $Protocol 0 0
        }
        if ($null -ne $fault) {
            # After the items before it.
            if ($queue.Requests.Count -gt 0) { Send-RequestQueue $queue $PSCmdlet }
            Write-ReservationError $PSCmdlet $fault
            return
        }

        if ($PSCmdlet.ParameterSetName -eq 'Token') {
            $request = '"method":"bind.create","params":{"protocol":"' + $Protocol.ToLowerInvariant() + '","token":"' + $Token + '"'
        } else {
            $request = '"method":"bind.create","params":{"protocol":"' + $block.Protocol.ToLowerInvariant() +
                '","startPort":' + $block.StartPort + ',"numberOfPorts":' + $block.NumberOfPorts
            if ($block.Kind) { $request += ',"kind":"' + $block.Kind.ToLowerInvariant() + '"' }
            if ($null -ne $block.Token) { $request += ',"token":"' + $block.Token + '"' }
        }
        $queue.Requests.Add($request + $options)
        $queue.Targets.Add($target)
        if ($AsSocket) {
            $binds = @(Send-RequestQueue $queue $PSCmdlet)
            if ($binds.Count -gt 0) { Write-Socket $PSCmdlet $binds $target }
            return
        }
        if ($null -eq $ScriptBlock) {
            if ($queue.Requests.Count -ge $queue.Limit -or $queue.Clock.ElapsedMilliseconds -gt $script:QueueDelay) { Send-RequestQueue $queue $PSCmdlet }
            return
        }

        $binds = @(Send-RequestQueue $queue $PSCmdlet)
        # $_ is a variable of the session state the script block was written in, which is not this module's.
        $state = if ($null -ne $ScriptBlock.Module) { $ScriptBlock.Module.SessionState } else { $PSCmdlet.SessionState }
        $item = $state.PSVariable.GetValue('_')
        try {
            foreach ($bind in $binds) {
                try {
                    $state.PSVariable.Set('_', $bind)
                    & $ScriptBlock $bind
                } finally {
                    Close-Bind $bind
                }
            }
        } finally {
            $state.PSVariable.Set('_', $item)
            if ($binds.Count -gt 0) { Close-Bind $binds }
        }
    }

    end {
        if ($queue.Requests.Count -gt 0) { Send-RequestQueue $queue $PSCmdlet }
        if ($queue.Shown) { Show-Progress $queue $PSCmdlet -Completed }
    }
}
