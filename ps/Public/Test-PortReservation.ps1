function Test-PortReservation {
    <#
    .SYNOPSIS
        Tests whether a port can be bound, and shows why not.

    .DESCRIPTION
        Actually tries to bind the port, for IPv4 and IPv6, and reads every list that Windows keeps: reservations,
        exclusions, ports in use, and ports that Hyper-V's networking holds for guests. The result shows everybody who has
        the port, with process, path and services, and what to do. The socket of the try is closed at once; nothing is changed.

        This needs no administrator, but Windows may show another user's process only to administrators.

    .PARAMETER Port
        The port to test, or several of them, 1 to 65535. Numbers can be piped in, and objects with a property Port or
        LocalPort, such as those of Get-NetTCPConnection.

    .PARAMETER Protocol
        Tcp (the default) or Udp. Each protocol has ports of its own.

    .PARAMETER LocalAddress
        Tests this address of the computer alone, such as 127.0.0.1, and names only the owners that such a bind meets; 0.0.0.0
        or :: for one family. By default, the port is free only if all addresses of both families are.

    .PARAMETER Quiet
        Returns only $true or $false: whether the port can be bound.

    .EXAMPLE
        Test-PortReservation -Port 8080

        Shows whether TCP port 8080 can be bound; if not, who has it and what to do.

    .EXAMPLE
        if (-not (Test-PortReservation 5000 -Quiet)) { throw 'Port 5000 cannot be bound.' }

        Stops a script before it starts a server that could not get its port.

    .EXAMPLE
        8000..8010 | Test-PortReservation | Where-Object CanBind | Select-Object -First 1

        Finds the first of several ports that can be bound.

    .EXAMPLE
        Test-PortReservation 8080 -LocalAddress 127.0.0.1

        Shows whether a server could have port 8080 on this address, although another has it on ::1.

    .EXAMPLE
        (Test-PortReservation 53 -Protocol Udp).Owners | Format-Table LocalAddress, ProcessName, ProcessId, Service

        Shows every process that has UDP port 53, and the services in it: a UDP port can be shared.

    .INPUTS
        System.Int32, or objects with the properties Port or LocalPort, and Protocol.

    .OUTPUTS
        PortReservation.PortTest: Protocol, Port, LocalAddress (if one was given), CanBind, Reason (Free, InUse, PersistentReservation, RuntimeReservation,
        Exclusion or HiddenHolder), Block (the PortReservation.Reservation that contains the port), Owners
        (everybody who has the port, as PortReservation.PortOwner: Protocol, LocalAddress, AddressFamily, State, ProcessId,
        ProcessName, Path, StartTime and Service, the names of the services that the process hosts), OwningProcess,
        ProcessName and ProcessStartTime (System.DateTime, local) of the first of them, InDynamicRange
        (whether Windows may give the port to any program; empty if that could not be read), BindError (name of the Winsock error of the try),
        Disagreement (one sentence if the try and the lists differ) and Advice. Unknown values are empty.
        One port is shown as a list, several as a table; Format-List shows everything of each.
        With -Quiet: System.Boolean.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        Get-PortReservation

    .LINK
        Show-PortReservation
    #>
    [CmdletBinding()]
    [OutputType('PortReservation.PortTest', 'PortReservation.PortTest#Members', [bool])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('LocalPort')]
        [WholeNumber()]
        [ValidateRange(1, 65535)]
        [int[]]$Port,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateSet('Tcp', 'Udp')]
        [string]$Protocol = 'Tcp',

        # Not by property name: an endpoint that is piped in is a port to test, wherever it is bound.
        [ValidateNotNullOrEmpty()]
        [string]$LocalAddress,

        [switch]$Quiet
    )

    begin {
        $ErrorActionPreference = Get-CallerPreference $PSCmdlet -ErrorOnly
        $given = $PSBoundParameters.ContainsKey('Protocol')
        $call = New-Call $PSCmdlet 'TestProgress'
        $call.Keep = [System.Collections.Generic.List[object]]::new()
        # Ports that wait, all of one protocol: one request has them, so that netsh's lists are read only once.
        $batch = @{ Ports = [System.Collections.Generic.List[int]]::new(); Protocol = 'Tcp'; Ranges = @{}; Address = $LocalAddress; Quiet = [bool]$Quiet
            Several = $MyInvocation.ExpectingInput; Said = [System.Collections.Generic.HashSet[string]]::new() }
    }

    process {
        # An endpoint of Get-NetUDPEndpoint does not name its protocol.
        if (-not $given -and (Test-UdpEndpoint $_)) { $Protocol = 'Udp' }
        elseif (-not $PSBoundParameters.ContainsKey('Protocol')) { $Protocol = 'Tcp' }
        if ($Protocol -ne $batch.Protocol) {
            Send-PortTest $call $batch
            $batch.Protocol = $Protocol
        }
        if ($Port.Count -gt 1) { $batch.Several = $true }
        foreach ($number in $Port) {
            $batch.Ports.Add($number)
            if ($batch.Ports.Count -ge $call.Limit -or $call.Clock.ElapsedMilliseconds -gt $script:QueueDelay) { Send-PortTest $call $batch }
        }
    }

    end {
        Send-PortTest $call $batch
        Complete-Call $call
    }
}
