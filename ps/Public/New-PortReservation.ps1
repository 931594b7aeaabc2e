function New-PortReservation {
    <#
    .SYNOPSIS
        Reserves a block of consecutive TCP or UDP ports.

    .DESCRIPTION
        Reserves a block of ports, so that Windows gives none of them to another program, and returns the reservation.

        Which kind?

            Your program                                              -Kind
            binds its port itself, as nearly every program does       Exclusion
            associates its sockets with a reservation                 Persistent
            (Invoke-AssociatedBind, SIO_ASSOCIATE_PORT_RESERVATION)
            is this PowerShell session                                Runtime

        "Keep port 8080 for my service" is an exclusion, unless the service knows about reservations: a persistent
        reservation refuses an ordinary program (EACCES 10013).

        Windows keeps a persistent reservation, through restarts, until it is removed. Any elevated program can use it, and
        creating one needs an elevated administrator. A runtime reservation needs no administrator, belongs to this
        PowerShell session, and ends with it. An exclusion, made with netsh, only keeps Windows from handing out the ports:
        any program can still bind them by number. It needs an elevated administrator, and survives restarts unless -Store
        is Active.

        Invoke-AssociatedBind binds sockets to ports of the block. Objects from Get-PortReservation, or rows of a CSV file
        with the same columns, can be piped in; each one that fails is a separate error and does not stop the others.
        Objects that arrive quickly are sent to the host together. If the pipeline is stopped (Select-Object -First, Ctrl+C,
        -ErrorAction Stop), reservations that could no longer be output are removed again; with -IfNotExists they stay.

    .PARAMETER InputObject
        The block: a reservation, a row of a CSV file, a hashtable or another object with StartPort, and NumberOfPorts or
        EndPort, Protocol, Kind, Store and AddressFamily where the defaults do not fit; or the number of a port. An object
        without a StartPort is an error. Parameters that are given apply to every object.

    .PARAMETER Protocol
        Tcp, Udp, or both. The default is Tcp. With both, two reservations are created, or none if either fails.

    .PARAMETER StartPort
        The first port of the block, 1 to 65535, or those of several blocks, which are created one by one. Without it, the
        system chooses the block of a runtime reservation; a persistent reservation or an exclusion gets the first free block
        from -From upwards.

    .PARAMETER From
        For a persistent reservation or an exclusion without -StartPort: the port where the search for a free block
        begins, 1 to 65535. The default is 20000.

    .PARAMETER NumberOfPorts
        The number of consecutive ports, 1 to 65535. The default is 1. The block must not run past port 65535.

    .PARAMETER Kind
        Persistent (the default): kept by Windows until it is removed. Runtime: ends with this PowerShell session.
        Exclusion: Windows does not hand out the ports, but any program can bind them by number. Blocks of Kind System can
        only be listed; creating one is an error.

    .PARAMETER AddressFamily
        For runtime reservations: the address family of the socket that acquires the block, InterNetwork (the default) or
        InterNetworkV6. The block is reserved for both families either way.

    .PARAMETER Store
        For exclusions: Persistent (the default) for one that survives restarts, Active for one that lasts until the next
        restart. Other reservations have no choice: only Persistent is accepted for a persistent one, and only Active for a
        runtime one.

    .PARAMETER IfNotExists
        If a reservation of exactly this block and kind already exists, returns it instead of failing. An exclusion that
        contains the whole block does as well: it is returned as it is, with a warning. Use it in scripts that run at every
        start.

    .PARAMETER RestartWinNat
        If WinNAT (Hyper-V, Docker, WSL) holds part of the block: stops the service winnat, creates the reservation, and
        starts the service again, even after a failure. Meanwhile containers and virtual machines have no network; WSL
        distributions that are running may need a restart afterwards (wsl --shutdown). Windows does not say whose a block
        is: the service is stopped if it is running and a listed system block overlaps this one. After Ctrl+C
        the cmdlet waits until the service is running again. Piped objects are sent together at the end of the pipeline,
        up to 200 at a time, and share one stop.

    .EXAMPLE
        New-PortReservation -StartPort 8080 -Kind Exclusion -IfNotExists

        Makes sure that Windows hands TCP port 8080 to nobody, so that the service that binds it finds it free.

    .EXAMPLE
        New-PortReservation -StartPort 5000 -NumberOfPorts 20 -IfNotExists

        Makes sure that TCP ports 5000 to 5019 are permanently reserved, for sockets that are associated with the reservation,
        and returns it.

    .EXAMPLE
        New-PortReservation -Kind Runtime -NumberOfPorts 3 -Protocol Tcp, Udp

        Reserves three TCP and three UDP ports, chosen by the system, until this session ends.

    .EXAMPLE
        New-PortReservation -NumberOfPorts 10 -From 30000

        Permanently reserves the first ten consecutive free TCP ports from port 30000 upwards.

    .EXAMPLE
        New-PortReservation -StartPort 50000 -NumberOfPorts 100 -Kind Exclusion -RestartWinNat -Confirm

        Asks for confirmation, then excludes 100 ports, taking them back from WinNAT if it holds them.

    .EXAMPLE
        Import-Csv reservations.csv | New-PortReservation -IfNotExists

        Reserves the blocks in a file that Get-PortReservation -Kind Persistent | Export-Csv reservations.csv wrote.

    .INPUTS
        System.Int32 (a port), or objects, rows or hashtables with StartPort, NumberOfPorts or EndPort, Protocol, Kind,
        AddressFamily and Store, such as a reservation.

    .OUTPUTS
        PortReservation.PersistentReservation, .RuntimeReservation or .Exclusion (each also PortReservation.Reservation):
        Protocol (Tcp or Udp), StartPort, EndPort, NumberOfPorts, Kind, Token (the 64-bit number that sockets are
        associated with; it may change at every restart), AddressFamily (of a runtime reservation), OwningProcess (the
        process that holds a runtime reservation) and Store (Persistent if it survives restarts, otherwise Active). With
        -IfNotExists also Created: whether it was made now ($true), or was there.

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
        [Parameter(ValueFromPipeline)]
        [ValidateNotNull()]
        [psobject]$InputObject,

        [ValidateSet('Tcp', 'Udp')]
        [string[]]$Protocol = 'Tcp',

        [Parameter(Position = 0)]
        [Alias('Port')]
        [WholeNumber()]
        [ValidateRange(1, 65535)]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Get-KnownStartPort @args } @args })]
        [int[]]$StartPort,

        [Parameter(Position = 1)]
        [Alias('Count')]
        [WholeNumber()]
        [ValidateRange(1, 65535)]
        [int]$NumberOfPorts = 1,

        # All kinds that Get-PortReservation returns, so that one that cannot be created gets an error that says why.
        [ValidateSet('Persistent', 'Runtime', 'Exclusion', 'System')]
        [string]$Kind = 'Persistent',

        # Empty in the rows of a CSV file that are not runtime reservations. Not a ValidateSet: with an empty member, Windows
        # PowerShell completes nothing.
        [ValidateScript({ $_ -in '', 'InterNetwork', 'InterNetworkV6' -or (Stop-Validation $_ 'InterNetwork, InterNetworkV6') })]
        [ArgumentCompleter({ 'InterNetwork', 'InterNetworkV6' -like "$($args[2])*" })]
        [string]$AddressFamily,

        # Empty in a row of a CSV file where netsh did not say it.
        [ValidateScript({ $_ -in '', 'Persistent', 'Active' -or (Stop-Validation $_ 'Persistent, Active') })]
        [ArgumentCompleter({ 'Persistent', 'Active' -like "$($args[2])*" })]
        [string]$Store,

        [WholeNumber()]
        [ValidateRange(1, 65535)]
        [int]$From,

        [switch]$IfNotExists,

        [switch]$RestartWinNat
    )

    begin {
        $ErrorActionPreference, $WhatIfPreference, $ConfirmPreference = Get-CallerPreference $PSCmdlet
        $restart = [bool]$RestartWinNat
        # The host allows the service 30 seconds to stop and two minutes to start; one stop serves all objects.
        $call = New-Call $PSCmdlet 'CreateProgress' ($script:DefaultTimeout + 150000 * [int]$restart)
        $call.NoteLarger = [bool]$IfNotExists
        if ($restart) { $call.Limit = $script:QueueLimit }
        $verb = Get-ActionText $(if ($restart) { 'RestartAction' } else { 'CreateAction' })
    }

    process {
        # Not in the parameters' own variables: their attributes would check each assignment.
        $starts = $StartPort
        if ($null -eq $StartPort) { $starts = 0 }
        $count = $NumberOfPorts
        $names = $Protocol
        $what = $Kind
        $stored = $Store
        $family = $AddressFamily
        if ($PSBoundParameters.ContainsKey('InputObject')) {
            # An object that names no first port is an error, never a search for any block.
            try {
                $row = Resolve-Reservation $InputObject -OrPort
            } catch {
                Hide-Failure $_
                Write-Fault $call (New-ReservationError 'InvalidParameter' $_.Exception.Message (Get-Message InvalidParameterAdvice) $InputObject) $restart
                return
            }
            # Parameters that are given apply to every object, whatever it has.
            if (-not $PSBoundParameters.ContainsKey('Protocol')) { $names = $row.Protocol }
            if ($null -eq $StartPort) { $starts = $row.StartPort }
            if (-not $PSBoundParameters.ContainsKey('NumberOfPorts')) { $count = $row.NumberOfPorts }
            if (-not $PSBoundParameters.ContainsKey('Kind')) { $what = $row.Kind }
            if (-not $PSBoundParameters.ContainsKey('Store')) { $stored = $row.Store }
            if (-not $PSBoundParameters.ContainsKey('AddressFamily')) { $family = $row.AddressFamily }
        }
        if ($names.Count -gt 1) { $names = @(Select-Protocol $names) }
        foreach ($first in $starts) {
            $alone = $false
            if ($what -ne 'Persistent' -or $first -eq 0 -or $first + $count -gt 65536 -or $family -or $stored -eq 'Active' -or $From -gt 0) {
                $fault, $advice = Get-CreateFault $what $first $count $family $stored $From $IfNotExists
                if ($null -ne $fault) {
                    # Not with a restart: sending those before it now would need a second stop of the service for those that follow.
                    Write-Fault $call (New-ReservationError 'InvalidParameter' $fault $advice (New-Block $names $first $count $what)) $restart
                    continue
                }
                # netsh runs several times for each, and a search must see what the objects before it took. With a restart, the
                # host processes them one after the other.
                $alone = -not $restart -and ($what -eq 'Exclusion' -or ($first -eq 0 -and $what -ne 'Runtime'))
            }
            $ports = if ($first -eq 0) { "$names ($count)" } elseif ($count -gt 1) { "$names $first-$($first + $count - 1)" } else { "$names $first" }
            # What exists would not be created.
            if ($WhatIfPreference -and $IfNotExists -and $first -gt 0 -and $what -ne 'Runtime' -and (Test-DesiredBlock $PSCmdlet $what $names $first $count $stored)) { continue }
            if (-not $PSCmdlet.ShouldProcess("$ports ($what)", $verb)) { continue }

            $parameters = @{ kind = $what; protocols = $names; numberOfPorts = $count }
            if ($first -gt 0) { $parameters.startPort = $first }
            if ($From -gt 0) { $parameters.from = $From }
            if ($family) { $parameters.addressFamily = $family }
            if ($stored -and $what -eq 'Exclusion') { $parameters.store = $stored }
            if ($IfNotExists) { $parameters.ifNotExists = $true }
            # Each may start netsh several times, to find out who holds the block.
            if ($restart) { $parameters.restartWinNat = $true; $call.Timeout += 5000 }
            Add-Request $call 'reservation.create' $parameters ($names, $first, $count, $what) $restart $alone
        }
    }

    end { Complete-Call $call }
}
