function New-PortReservation {
    <#
    .SYNOPSIS
        Reserves a block of consecutive TCP or UDP ports.

    .DESCRIPTION
        Reserves a block of ports, so that Windows gives none of them to
        another program, and returns the reservation.

        Which kind?

            Your program                                              -Kind
            binds its port itself, as nearly every program does       Exclusion
            associates its sockets with a reservation                 Persistent
            (Invoke-AssociatedBind, SIO_ASSOCIATE_PORT_RESERVATION)
            is this PowerShell session                                Runtime

        "Keep port 8080 for my service" is an exclusion, unless the service
        knows about reservations: a persistent reservation refuses an ordinary
        program (EACCES 10013).

        Windows keeps a persistent reservation, through restarts, until it is
        removed. Any elevated program can use it, and creating one needs an
        elevated administrator. A runtime reservation needs no administrator,
        belongs to this PowerShell session, and ends with it. An exclusion,
        made with netsh, only keeps Windows from handing out the ports: any
        program can still bind them by number. It needs an elevated
        administrator, and survives restarts unless -Store is Active.

        Invoke-AssociatedBind binds sockets to ports of the block. Objects
        from Get-PortReservation, or rows of a CSV file with the same columns,
        can be piped in; each one that fails is a separate error and does not
        stop the others. Objects that arrive quickly are sent to the host
        together. If the pipeline is stopped (Select-Object -First, Ctrl+C,
        -ErrorAction Stop), reservations that could no longer be output are
        removed again; with -IfNotExists they stay.

    .PARAMETER InputObject
        The block: a reservation, a row of a CSV file, a hashtable or another
        object with StartPort, and NumberOfPorts or EndPort, Protocol, Kind,
        Store and AddressFamily where the defaults do not fit; or the number
        of a port. An object without a StartPort is an error. Parameters that
        are given apply to every object; with -Kind, the Store and the
        AddressFamily of an object of another kind are not used.

    .PARAMETER Protocol
        Tcp, Udp, or both. The default is Tcp. With both, two reservations are
        created, or none if either fails.

    .PARAMETER StartPort
        The first port of the block, 1 to 65535, or those of several blocks,
        which are created one by one. Without it, the system chooses the block
        of a runtime reservation, for Tcp and Udp each its own; a persistent
        reservation or an exclusion gets the first free block from -From
        upwards.

    .PARAMETER From
        For a persistent reservation or an exclusion without -StartPort: the
        port where the search for a free block begins, 1 to 65535. The default
        is 20000.

    .PARAMETER NumberOfPorts
        The number of consecutive ports, 1 to 65535. The default is 1. The
        block must not run past port 65535.

    .PARAMETER Kind
        Persistent (the default): kept by Windows until it is removed.
        Runtime: ends with this PowerShell session. Exclusion: Windows does
        not hand out the ports, but any program can bind them by number.
        Blocks of Kind System can only be listed; creating one is an error.

    .PARAMETER AddressFamily
        For runtime reservations: the address family of the socket that
        acquires the block, InterNetwork (the default) or InterNetworkV6. The
        block is reserved for both families either way.

    .PARAMETER Store
        For exclusions: Persistent (the default) for one that survives
        restarts, Active for one that lasts until the next restart. Other
        reservations have no choice: only Persistent is accepted for a
        persistent one, and only Active for a runtime one.

    .PARAMETER IfNotExists
        If a reservation of exactly this block and kind already exists,
        returns it instead of failing. An exclusion that contains the whole
        block does as well: it is returned as it is, with a warning. Use it in
        scripts that run at every start.

    .PARAMETER RestartWinNat
        If WinNAT (Hyper-V, Docker, WSL) holds part of the block: stops the
        service winnat, creates the reservation, and starts the service again,
        even after a failure. Meanwhile containers and virtual machines have
        no network; WSL distributions that are running may need a restart
        afterwards (wsl --shutdown). Windows does not say whose a block is:
        the service is stopped if it is running and a listed system block
        overlaps this one. After Ctrl+C the cmdlet waits until the service is
        running again. Piped objects are sent together at the end of the
        pipeline, up to 200 at a time, and share one stop.

    .EXAMPLE
        New-PortReservation -StartPort 8080 -Kind Exclusion -IfNotExists

        Makes sure that Windows hands TCP port 8080 to nobody, so that the
        service that binds it finds it free.

    .EXAMPLE
        New-PortReservation -StartPort 5000 -NumberOfPorts 20 -IfNotExists

        Makes sure that TCP ports 5000 to 5019 are permanently reserved, for
        sockets that are associated with the reservation, and returns it.

    .EXAMPLE
        New-PortReservation -Kind Runtime -NumberOfPorts 3 -Protocol Tcp, Udp

        Reserves three TCP and three UDP ports, chosen by the system, until
        this session ends.

    .EXAMPLE
        New-PortReservation -NumberOfPorts 10 -From 30000

        Permanently reserves the first ten consecutive free TCP ports from
        port 30000 upwards.

    .EXAMPLE
        New-PortReservation -StartPort 50000 -NumberOfPorts 100 -Kind Exclusion -RestartWinNat -Confirm

        Asks for confirmation, then excludes 100 ports, taking them back from
        WinNAT if it holds them.

    .EXAMPLE
        Import-Csv reservations.csv | New-PortReservation -IfNotExists

        Reserves the blocks in a file that Get-PortReservation -Kind
        Persistent | Export-Csv reservations.csv wrote.

    .INPUTS
        System.Int32 (a port), or objects, rows or hashtables with StartPort,
        NumberOfPorts or EndPort, Protocol, Kind, AddressFamily and Store,
        such as a reservation.

    .OUTPUTS
        PortReservation.PersistentReservation,
        PortReservation.RuntimeReservation or PortReservation.Exclusion (each
        also PortReservation.Reservation): Protocol (Tcp or Udp), StartPort,
        EndPort, NumberOfPorts, Kind, Token (the 64-bit number that sockets
        are associated with; it may change at every restart), AddressFamily
        (of a runtime reservation), OwningProcess (the process that holds a
        runtime reservation) and Store (Persistent if it survives restarts,
        otherwise Active). With -IfNotExists also Created: whether it was made
        now ($true), or was there.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-createpersistenttcpportreservation

    .LINK
        Get-PortReservation

    .LINK
        Invoke-AssociatedBind
    #>
    [CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium')]
    [OutputType('PortReservation.Reservation', 'PortReservation.Reservation#Members')]
    param(
        [Parameter(ValueFromPipeline)] [ValidateNotNull()] [psobject]$InputObject,

        [ValidateSet('Tcp', 'Udp')] [string[]]$Protocol = 'Tcp',

        [Parameter(Position = 0)] [Alias('Port')] [WholeNumber()] [ValidateRange(1, 65535)]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Get-KnownStartPort @args } @args })]
        [int[]]$StartPort,

        [Parameter(Position = 1)] [Alias('Count')] [WholeNumber()] [ValidateRange(1, 65535)] [int]$NumberOfPorts = 1,

        # All kinds that Get-PortReservation returns, so that one that cannot be created gets an error that says why.
        [ValidateSet('Persistent', 'Runtime', 'Exclusion', 'System')] [string]$Kind = 'Persistent',

        # May be empty, as in the rows of a CSV file whose kind has no address family. Not a ValidateSet: with an empty member, Windows
        # PowerShell completes nothing.
        [ValidateScript({ trap { Hide-Failure $_; break }; $_ -in '', 'InterNetwork', 'InterNetworkV6' -or (Stop-Validation $_ 'InterNetwork, InterNetworkV6') })]
        [ArgumentCompleter({ 'InterNetwork', 'InterNetworkV6' -like "$($args[2])*" })]
        [string]$AddressFamily,

        # May be empty, as in a row of a CSV file where netsh did not tell the store.
        [ValidateScript({ trap { Hide-Failure $_; break }; $_ -in '', 'Persistent', 'Active' -or (Stop-Validation $_ 'Persistent, Active') })]
        [ArgumentCompleter({ 'Persistent', 'Active' -like "$($args[2])*" })]
        [string]$Store,

        [WholeNumber()] [ValidateRange(1, 65535)] [int]$From,

        [switch]$IfNotExists,

        [switch]$RestartWinNat
    )

    begin {
        $ErrorActionPreference, $WhatIfPreference, $ConfirmPreference = Get-CallerPreference $PSCmdlet
        # A parameter that is given wins over the member of a piped object; where neither is there, the host has a default.
        $names = 'Protocol', 'NumberOfPorts', 'Kind', 'AddressFamily', 'Store', 'From', 'IfNotExists', 'RestartWinNat'
        $call = New-Call $PSCmdlet 'reservation.create' $PSBoundParameters $names $(if ($RestartWinNat) { 'RestartAction' } else { 'CreateAction' })
        $call['Activity'] = 'CreateProgress'
        if ($RestartWinNat) {
            # One stop of the service serves all objects. The host allows it 30 seconds, and two minutes for the start.
            $call['Hold'] = $true
            $call['Limit'] = $script:QueueLimit
            $call['Timeout'] += 150000
        }
    }

    # An object that names no first port is an error, never a search for any block.
    process { Add-Request $call $(if ($null -ne $InputObject) { Read-Row $InputObject }) $InputObject $StartPort }

    end { Complete-Call $call }
}
