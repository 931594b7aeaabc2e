function Invoke-AssociatedBind {
    <#
    .SYNOPSIS
        Binds a socket to a port of a reservation, or runs a script block with one.

    .DESCRIPTION
        Opens a socket, associates it with a reservation, binds it to a port
        of the block, and returns the bind. The session's host keeps the
        socket open until Close-AssociatedBind, the bind's Dispose() or the
        end of the session, even if no variable refers to the bind any more.
        With -ScriptBlock, the socket is open while the script block runs.
        With -AsSocket, the socket becomes a System.Net.Sockets.Socket of this
        process.

        Binding from a persistent reservation needs an elevated administrator;
        binding from a runtime reservation of this session does not. Give the
        reservation, its token, or its block.

    .PARAMETER Reservation
        The reservation to bind from, as returned by New-PortReservation and
        Get-PortReservation, or a row of a CSV file with the same columns.

    .PARAMETER Token
        The token of the reservation to bind from. It may change at every
        restart: do not store it.

    .PARAMETER Protocol
        With -Token or -StartPort: the protocol of the reservation, Tcp (the
        default) or Udp.

    .PARAMETER StartPort
        The first port of the reservation to bind from. The reservation is
        looked up.

    .PARAMETER NumberOfPorts
        The exact number of ports of the reservation to bind from. The default
        is 1.

    .PARAMETER Port
        The port of the block to bind to. The default, 0, is any free port of
        the block.

    .PARAMETER AddressFamily
        InterNetwork (the default) or InterNetworkV6, which is also implied by
        an IPv6 address as -LocalAddress.

    .PARAMETER LocalAddress
        The numeric address to bind to. The default is the unspecified address
        of the family: all interfaces.

    .PARAMETER Count
        How many sockets to bind, each to its own port. The default is 1.
        Either all are bound or none.

    .PARAMETER Listen
        For Tcp: starts to listen for connections.

    .PARAMETER Backlog
        For Tcp: starts to listen, with a queue of this many connections. The
        default is the system's maximum.

    .PARAMETER ScriptBlock
        Runs once for each bind, with the bind as its argument and as $_. Its
        output becomes the output of this cmdlet. The socket is closed
        afterwards, even after an error or Ctrl+C.

    .PARAMETER AsSocket
        Windows only: hands each socket to this PowerShell process and returns
        it as a System.Net.Sockets.Socket, which can accept, send and receive.
        The script must dispose of it; it stays open when the host ends. In
        Windows PowerShell 5.1, programs that the script starts meanwhile
        inherit it, and keep its port until they end. Cannot be used with
        -ScriptBlock.

    .PARAMETER TimeoutSec
        The maximum time, in seconds, to associate all sockets of one
        reservation. The default is 30; 0 means no limit.

    .EXAMPLE
        $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 2
        $bind = $reservation | Invoke-AssociatedBind -Listen
        $bind | Close-AssociatedBind

        Listens on a port of a new runtime reservation until the bind is
        closed.

    .EXAMPLE
        Invoke-AssociatedBind -StartPort 5000 -NumberOfPorts 20 -Port 5005 -ScriptBlock { "listening on $($_.LocalEndPoint)" } -Listen

        Listens on port 5005 of a persistent reservation while the script
        block runs.

    .EXAMPLE
        $socket = Invoke-AssociatedBind -StartPort 5000 -NumberOfPorts 20 -Listen -AsSocket
        $client = $socket.Accept()

        Accepts a connection in this PowerShell process, on a port of a
        persistent reservation.

    .INPUTS
        PortReservation.Reservation, or other objects with the properties
        Protocol, StartPort and NumberOfPorts.

    .OUTPUTS
        PortReservation.AssociatedBind: Protocol, AddressFamily, LocalAddress,
        LocalPort, LocalEndPoint (a System.Net.IPEndPoint), Reservation (empty
        for a bind by token), OwningProcess (the host, which holds the
        socket), State (currently Bound, Listening or Closed), and the method
        Dispose(). With -ScriptBlock: its output. With -AsSocket:
        System.Net.Sockets.Socket.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        https://learn.microsoft.com/windows/win32/winsock/sio-associate-port-reservation

    .LINK
        Close-AssociatedBind
    #>
    [CmdletBinding(DefaultParameterSetName = 'Reservation')]
    [OutputType('PortReservation.AssociatedBind', 'PortReservation.AssociatedBind#Members', [System.Net.Sockets.Socket])]
    param(
        [Parameter(ParameterSetName = 'Reservation', Mandatory, Position = 0, ValueFromPipeline)] [ValidateNotNull()] [psobject]$Reservation,

        [Parameter(ParameterSetName = 'Token', Mandatory)] [WholeNumber()] [ValidateRange(1, [uint64]::MaxValue)] [uint64]$Token,

        [Parameter(ParameterSetName = 'Token')] [Parameter(ParameterSetName = 'Block')] [ValidateSet('Tcp', 'Udp')] [string]$Protocol = 'Tcp',

        [Parameter(ParameterSetName = 'Block', Mandatory)] [WholeNumber()] [ValidateRange(1, 65535)]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Get-KnownStartPort @args } @args })]
        [int]$StartPort,

        [Parameter(ParameterSetName = 'Block')] [WholeNumber()] [ValidateRange(1, 65535)] [int]$NumberOfPorts = 1,

        [WholeNumber()] [ValidateRange(0, 65535)] [int]$Port = 0,

        [ValidateSet('InterNetwork', 'InterNetworkV6')] [string]$AddressFamily = 'InterNetwork',

        [ValidateNotNullOrEmpty()] [string]$LocalAddress,

        [WholeNumber()] [ValidateRange(1, 65535)] [int]$Count = 1,

        [switch]$Listen,

        [WholeNumber()] [ValidateRange(1, 2147483647)] [int]$Backlog,

        [ValidateNotNull()] [scriptblock]$ScriptBlock,

        [switch]$AsSocket,

        [WholeNumber()] [ValidateRange(0, 2147483)] [int]$TimeoutSec = 30
    )

    begin {
        $ErrorActionPreference = Get-CallerPreference $PSCmdlet -ErrorOnly $true
        # Before anything is bound.
        if ($AsSocket -and $null -ne $ScriptBlock) {
            $PSCmdlet.ThrowTerminatingError((New-ReservationError 'InvalidParameter' (Get-Message AsSocketOrScriptBlock) (Get-Message AsSocketOrScriptBlockAdvice) $null))
        }
        if ($AsSocket -and [System.Environment]::OSVersion.Platform -ne 'Win32NT') {
            $message = Get-Message AsSocketNotSupported @([System.Environment]::OSVersion.Platform)
            $PSCmdlet.ThrowTerminatingError((New-ReservationError 'NotSupported' $message (Get-Message AsSocketNotSupportedAdvice) $null))
        }
        $kept = $AsSocket -or $null -ne $ScriptBlock
        $names = 'Token', 'Protocol', 'StartPort', 'NumberOfPorts', 'Port', 'AddressFamily', 'LocalAddress', 'Count', 'Listen', 'Backlog', 'TimeoutSec'
        $call = New-Call $PSCmdlet 'bind.create' $PSBoundParameters $names
        $call['Timeout'] = [long]$TimeoutSec * 1000
        # No progress bar beside a script block, which may show its own.
        if ($kept) { $call['Keep'] = [System.Collections.Generic.List[object]]::new() } else { $call['Activity'] = 'BindProgress' }
    }

    process {
        $row = $current = $null
        if ($null -ne $Reservation) {
            $row = Read-Row $Reservation
            # Only an object of this session has the current token (rule P2).
            $property = if (Test-OwnReservation $Reservation) { $Reservation.PSObject.Properties['Token'] }
            if ($null -ne $property -and $property.Value -is [uint64]) { $current = ',"token":' + (ConvertTo-RequestValue $property.Value) }
        }
        if (-not $kept) { Add-Request $call $row $Reservation $null $current; return }

        $binds = $call['Keep']
        # $_ belongs to the session state in which the script block was written, not to this module's.
        $state = if ($AsSocket -or $null -eq $ScriptBlock.Module) { $PSCmdlet.SessionState } else { $ScriptBlock.Module.SessionState }
        $item = $state.PSVariable.GetValue('_')
        # InvokeScript also for a script block without a session state ([scriptblock]::Create), which would otherwise run in this module's.
        $run = $state.InvokeCommand.InvokeScript($state, [scriptblock]::Create('{ . $args[0] $args[1] }'))[0]
        $inTry = Get-InTry
        try {
            Add-Request $call $row $Reservation $null $current $true
            Set-InTry $inTry
            if ($AsSocket) { if ($binds.Count -gt 0) { Write-Socket $PSCmdlet $binds.ToArray() $Reservation }; return }
            $binds.ToArray() | . {
                process {
                    $bind = $_
                    try {
                        $state.PSVariable.Set('_', $bind)
                        Set-InTry $inTry
                        & $run $ScriptBlock $bind
                    } finally {
                        Close-Record (Get-BindRecord $bind)
                    }
                }
            }
        } finally {
            # A stop that comes while a finally block runs ends that block, but not the finally block inside it: hence twice.
            try {
                $state.PSVariable.Set('_', $item)
                Close-Record @(foreach ($bind in $binds) { Get-BindRecord $bind })
            } finally {
                Close-Record @(foreach ($bind in $binds) { Get-BindRecord $bind })
                $binds.Clear()
            }
        }
    }

    end { Complete-Call $call }
}
