function New-PortReservation {
    <#
    .SYNOPSIS
        Reserves a block of consecutive TCP or UDP ports.

    .DESCRIPTION
        Reserves a block of ports, so that no other program is given one of them, and returns the reservation.

        A persistent reservation is kept by Windows until it is removed, through restarts and for every program. Creating
        one needs an elevated administrator. A runtime reservation needs no administrator, belongs to this PowerShell
        session, and ends with it. An exclusion, as netsh makes it, only keeps Windows from handing the ports out: any
        program can still bind them by number. It needs an elevated administrator, and is kept through restarts unless
        -Store says otherwise.

        Sockets get a port of the block through Invoke-AssociatedBind. Objects from Get-PortReservation, or rows of a CSV
        file with the same columns, can be piped in; what fails is an error of its own and does not stop the others.
        Items that arrive fast are sent to the host together. What is made and not given any more, because the pipeline
        ends (Select-Object -First, Ctrl+C, -ErrorAction Stop), is removed again; with -IfNotExists it stays.

    .PARAMETER Protocol
        Tcp, Udp, or both. The default is Tcp. With both, two reservations are made, or none when either fails.

    .PARAMETER StartPort
        The first port of the block, 1 to 65535. Without it a runtime reservation gets a block of the system's choice, a
        persistent reservation or an exclusion the first free block from -From upwards.

    .PARAMETER From
        Without -StartPort, for a persistent reservation or an exclusion: the port where the search for a free block
        begins, 1 to 65535. The default is 20000.

    .PARAMETER NumberOfPorts
        How many consecutive ports, 1 to 65535. The default is 1. The block must not run past port 65535.

    .PARAMETER Kind
        Persistent (the default): kept by Windows until it is removed. Runtime: ends with this PowerShell session.
        Exclusion: kept by Windows like a persistent reservation, but the ports are only left out when Windows chooses one.
        Blocks of Kind System can be listed but not created, and are refused with an error.

    .PARAMETER AddressFamily
        For runtime reservations: the address family of the socket that acquires the block, InterNetwork (the default) or
        InterNetworkV6. The block is reserved for both families either way.

    .PARAMETER Store
        For exclusions: Persistent (the default) for one that is kept through restarts, Active for one that ends with the
        next restart.

    .PARAMETER IfNotExists
        Returns the reservation of exactly this block and kind when there is one already, instead of failing: what a
        script that runs at every start wants.

    .PARAMETER RestartWinNat
        When WinNAT (Hyper-V, Docker, WSL) holds a part of the block: stops the service winnat, creates the reservation,
        and starts the service again, also after a failure. Containers and virtual machines have no network meanwhile.
        Where WinNAT is not in the way the service is left alone. Ctrl+C waits until the service runs again. The items of a
        pipeline are created together at its end, so that one stop serves all of them.

    .EXAMPLE
        New-PortReservation -StartPort 5000 -NumberOfPorts 20 -IfNotExists

        Makes sure that the TCP ports 5000 to 5019 are reserved for good, and returns the reservation.

    .EXAMPLE
        New-PortReservation -Kind Runtime -NumberOfPorts 3 -Protocol Tcp, Udp

        Reserves three TCP ports and three UDP ports of the system's choice for as long as this session lives.

    .EXAMPLE
        New-PortReservation -NumberOfPorts 10 -From 30000

        Reserves the first ten free TCP ports in a row from port 30000 upwards, for good.

    .EXAMPLE
        New-PortReservation -StartPort 50000 -NumberOfPorts 100 -Kind Exclusion -RestartWinNat -Confirm

        Keeps Windows from handing out 100 ports, and wins them back from WinNAT where it has them, after a question.

    .EXAMPLE
        Import-Csv reservations.csv | New-PortReservation -IfNotExists

        Reserves what a file lists, made by Get-PortReservation -Kind Persistent | Export-Csv reservations.csv.

    .INPUTS
        Objects with the properties StartPort, NumberOfPorts, Protocol, Kind, AddressFamily and Store, such as a reservation.

    .OUTPUTS
        PortReservation.PersistentReservation, .RuntimeReservation or .Exclusion (each also PortReservation.Reservation):
        Protocol (Tcp or Udp), StartPort, EndPort, NumberOfPorts, Kind, Token (the 64-bit number that sockets are
        associated with; it may change at every restart), AddressFamily (of a runtime reservation) and OwningProcess (the
        process that holds a runtime reservation). An exclusion has Store (Persistent or Active) as well.

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
    [OutputType('PortReservation.Reservation')]
    param(
        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateSet('Tcp', 'Udp')]
        [string[]]$Protocol = 'Tcp',

        [Parameter(Position = 0, ValueFromPipelineByPropertyName)]
        [Alias('Port')]
        [ValidateRange(1, 65535)]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Get-KnownStartPort @args } @args })]
        [int]$StartPort,

        [Parameter(Position = 1, ValueFromPipelineByPropertyName)]
        [Alias('Count')]
        [ValidateRange(1, 65535)]
        [int]$NumberOfPorts = 1,

        # All kinds that Get-PortReservation gives, so that a piped one that cannot be created gets an error that says why.
        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateSet('Persistent', 'Runtime', 'Exclusion', 'System')]
        [string]$Kind = 'Persistent',

        # Empty in the rows of a CSV file that are not runtime reservations.
        [Parameter(ValueFromPipelineByPropertyName)]
        [AllowEmptyString()]
        [ValidatePattern('\A(InterNetwork(V6)?)?\z')]
        [ArgumentCompleter({ 'InterNetwork', 'InterNetworkV6' -like "$($args[2])*" })]
        [string]$AddressFamily,

        # Empty in the rows of a CSV file that are not exclusions.
        [Parameter(ValueFromPipelineByPropertyName)]
        [AllowEmptyString()]
        [ValidatePattern('\A(Persistent|Active)?\z')]
        [ArgumentCompleter({ 'Persistent', 'Active' -like "$($args[2])*" })]
        [string]$Store,

        [ValidateRange(1, 65535)]
        [int]$From,

        [switch]$IfNotExists,

        [switch]$RestartWinNat
    )

    begin {
        if (-not $script:Session.Supported) { Write-PlatformError $PSCmdlet }
        # A module does not see the preferences of the script that calls it, not even for an item that cannot be bound.
        if (-not $PSBoundParameters.ContainsKey('ErrorAction')) { $ErrorActionPreference = $PSCmdlet.SessionState.PSVariable.GetValue('ErrorActionPreference') }
        if (-not $PSBoundParameters.ContainsKey('WhatIf')) { $WhatIfPreference = $PSCmdlet.SessionState.PSVariable.GetValue('WhatIfPreference') }
        if (-not $PSBoundParameters.ContainsKey('Confirm')) { $ConfirmPreference = $PSCmdlet.SessionState.PSVariable.GetValue('ConfirmPreference') }
        # What waits to be sent; see Send-RequestQueue.
        $queue = @{
            Requests = [System.Collections.Generic.List[string]]::new(); Targets = [System.Collections.Generic.List[object]]::new()
            Make = 'Reservation'; Timeout = $script:DefaultTimeout; Limit = 1; Clock = [System.Diagnostics.Stopwatch]::StartNew()
            Undo = -not $IfNotExists; Activity = 'CreateProgress'; Began = [System.Diagnostics.Stopwatch]::StartNew(); Done = 0; Shown = $false
        }
        $options = ''
        if ($IfNotExists) { $options += ',"ifNotExists":true' }
        if ($From -gt 0) { $options += ',"from":' + $From }
        if ($null -eq $script:Session.Messages) { Read-Message }
        $verb = $script:Session.Messages.CreateAction
        $restart = [bool]$RestartWinNat
        if ($restart) {
            $options += ',"restartWinNat":true'
            $verb = $script:Session.Messages.RestartAction
            # The host gives the service half a minute to stop, and two minutes to start; one stop serves all items.
            $queue.Timeout += 150000
            $queue.Limit = $script:QueueLimit
        }
        $options += '}'
    }

    process {
        # Written flat: this runs for each of maybe thousands of items.
        $alone = $false
        if ($Protocol.Count -gt 1) { $Protocol = @(Select-Protocol $Protocol) }
        if ($Kind -ne 'Persistent' -or $StartPort -eq 0 -or $StartPort + $NumberOfPorts -gt 65536 -or $AddressFamily -or $Store -or $From -gt 0) {
            $fault, $advice = Get-CreateFault $Kind $StartPort $NumberOfPorts $AddressFamily $Store $From $IfNotExists
            if ($null -ne $fault) {
                # After the items before it.
                if ($queue.Requests.Count -gt 0) { Send-RequestQueue $queue $PSCmdlet }
                $target = New-Block $Protocol $StartPort $NumberOfPorts $Kind
                Write-ReservationError $PSCmdlet (New-ReservationError 'InvalidParameter' $fault $advice $target)
                return
            }
            # netsh runs several times for each, and a search must see what the items before it took. With a restart the host
            # takes them one after the other.
            if ($Kind -eq 'Exclusion' -or ($StartPort -eq 0 -and $Kind -ne 'Runtime')) { $alone = -not $restart }
        }

        $request = '"method":"reservation.create","params":{"kind":"' + $Kind.ToLowerInvariant() +
            '","protocols":["' + ($Protocol -join '","').ToLowerInvariant() + '"],"numberOfPorts":' + $NumberOfPorts
        if ($StartPort -gt 0) {
            $request += ',"startPort":' + $StartPort
            $ports = "$Protocol $StartPort"
            if ($NumberOfPorts -gt 1) { $ports += '-' + ($StartPort + $NumberOfPorts - 1) }
        } else {
            $ports = "$Protocol ($NumberOfPorts)"
        }
        if (-not $PSCmdlet.ShouldProcess("$ports ($Kind)", $verb)) { return }

        if ($AddressFamily -eq 'InterNetworkV6') { $request += ',"addressFamily":"IPv6"' }
        if ($Store) { $request += ',"store":"' + $Store.ToLowerInvariant() + '"' }
        if ($alone -and $queue.Requests.Count -gt 0) { Send-RequestQueue $queue $PSCmdlet }
        $queue.Requests.Add($request + $options)
        $queue.Targets.Add(($Protocol, $StartPort, $NumberOfPorts, $Kind))
        # Each may start netsh several times, to see whose the block is.
        if ($restart) { $queue.Timeout += 5000 }
        if ($alone -or $queue.Requests.Count -ge $queue.Limit -or (-not $restart -and $queue.Clock.ElapsedMilliseconds -gt $script:QueueDelay)) { Send-RequestQueue $queue $PSCmdlet }
    }

    end {
        if ($queue.Requests.Count -gt 0) { Send-RequestQueue $queue $PSCmdlet }
        if ($queue.Shown) { Show-Progress $queue $PSCmdlet -Completed }
    }
}
