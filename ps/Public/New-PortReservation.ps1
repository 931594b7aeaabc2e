function New-PortReservation {
    <#
    .SYNOPSIS
        Reserves a block of consecutive TCP or UDP ports.

    .DESCRIPTION
        Reserves a block of ports, so that no other program is given one of them, and returns the reservation.

        A persistent reservation is kept by Windows until it is removed, through restarts and for every program. Creating
        one needs an elevated administrator. A runtime reservation needs no administrator, belongs to this PowerShell
        session, and ends with it.

        Sockets get a port of the block through Invoke-AssociatedBind. Objects from Get-PortReservation, or rows of a CSV
        file with the same columns, can be piped in; what fails is an error of its own and does not stop the others.
        Items that arrive fast are sent to the host together.

    .PARAMETER Protocol
        Tcp, Udp, or both. The default is Tcp. With both, two reservations are made, or none when either fails.

    .PARAMETER StartPort
        The first port of the block, 1 to 65535. A persistent reservation needs it. A runtime reservation without it gets
        a block of the system's choice.

    .PARAMETER NumberOfPorts
        How many consecutive ports, 1 to 65535. The default is 1. The block must not run past port 65535.

    .PARAMETER Kind
        Persistent (the default): kept by Windows until it is removed. Runtime: ends with this PowerShell session.
        Other kinds can be listed but not created, and are refused with an error.

    .PARAMETER AddressFamily
        For runtime reservations: the address family of the socket that acquires the block, InterNetwork (the default) or
        InterNetworkV6. The block is reserved for both families either way.

    .PARAMETER IfNotExists
        Returns the reservation of exactly this block and kind when there is one already, instead of failing: what a
        script that runs at every start wants.

    .EXAMPLE
        New-PortReservation -StartPort 5000 -NumberOfPorts 20 -IfNotExists

        Makes sure that the TCP ports 5000 to 5019 are reserved for good, and returns the reservation.

    .EXAMPLE
        New-PortReservation -Kind Runtime -NumberOfPorts 3 -Protocol Tcp, Udp

        Reserves three TCP ports and three UDP ports of the system's choice for as long as this session lives.

    .EXAMPLE
        Import-Csv reservations.csv | New-PortReservation -IfNotExists

        Reserves what a file lists, made by Get-PortReservation -Kind Persistent | Export-Csv reservations.csv.

    .INPUTS
        Objects with the properties StartPort, NumberOfPorts, Protocol, Kind and AddressFamily, such as a reservation.

    .OUTPUTS
        PortReservation.PersistentReservation or PortReservation.RuntimeReservation (both PortReservation.Reservation):
        Protocol (Tcp or Udp), StartPort, EndPort, NumberOfPorts, Kind, Token (the 64-bit number that sockets are
        associated with; it may change at every restart), AddressFamily (of a runtime reservation) and OwningProcess (the
        process that holds a runtime reservation).

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
        [ArgumentCompleter({ & (Get-Module PortReservation) { Get-KnownStartPort @args } @args })]
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

        [switch]$IfNotExists
    )

    begin {
        if (-not $script:Session.Supported) { Write-PlatformError $PSCmdlet }
        # A module does not see the preferences of the script that calls it.
        if (-not $PSBoundParameters.ContainsKey('WhatIf')) { $WhatIfPreference = $PSCmdlet.SessionState.PSVariable.GetValue('WhatIfPreference') }
        if (-not $PSBoundParameters.ContainsKey('Confirm')) { $ConfirmPreference = $PSCmdlet.SessionState.PSVariable.GetValue('ConfirmPreference') }
        # What waits to be sent; see Send-RequestQueue.
        $queue = @{
            Requests = [System.Collections.Generic.List[string]]::new(); Targets = [System.Collections.Generic.List[object]]::new()
            Make = 'Reservation'; Timeout = $script:DefaultTimeout; Limit = 1; Clock = [System.Diagnostics.Stopwatch]::StartNew()
        }
        $options = if ($IfNotExists) { ',"ifNotExists":true}' } else { '}' }
        if ($null -eq $script:Session.Messages) { Read-Message }
        $verb = $script:Session.Messages.CreateAction
    }

    process {
        # Written flat: this runs for each of maybe thousands of items.
        if ($Kind -ne 'Persistent' -or $StartPort -eq 0 -or $StartPort + $NumberOfPorts -gt 65536 -or $AddressFamily) {
            $fault = Get-CreateFault $Kind $StartPort $NumberOfPorts $AddressFamily
            if ($null -ne $fault) {
                # After the items before it.
                if ($queue.Requests.Count -gt 0) { Send-RequestQueue $queue $PSCmdlet }
                $target = New-Block $Protocol $StartPort $NumberOfPorts $Kind
                Write-ReservationError $PSCmdlet (New-ReservationError 'InvalidParameter' $fault (Get-Message InvalidParameterAdvice) $target)
                return
            }
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
        $queue.Requests.Add($request + $options)
        $queue.Targets.Add(($Protocol, $StartPort, $NumberOfPorts, $Kind))
        if ($queue.Requests.Count -ge $queue.Limit -or $queue.Clock.ElapsedMilliseconds -gt $script:QueueDelay) { Send-RequestQueue $queue $PSCmdlet }
    }

    end {
        if ($queue.Requests.Count -gt 0) { Send-RequestQueue $queue $PSCmdlet }
    }
}
