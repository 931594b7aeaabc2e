function Test-PortReservation {
    <#
    .SYNOPSIS
        Tests whether a port can be bound, and shows why not.

    .DESCRIPTION
        Actually tries to bind the port, for IPv4 and IPv6, and reads every
        list that Windows keeps: reservations, exclusions, ports in use, and
        ports that Hyper-V's networking holds for guests. The result shows
        everybody who has the port, with process, path and services, and what
        to do. The socket of the try is closed at once; nothing is changed.

        This needs no administrator, but Windows may show another user's
        process only to administrators.

    .PARAMETER InputObject
        What is piped in: a number, an object with a property Port or
        LocalPort, such as those of Get-NetTCPConnection, a block, each port
        of which is tested, or a hashtable. Its protocol is that of the
        object; with -Protocol, that.

    .PARAMETER Port
        The port to test, or several of them, 1 to 65535.

    .PARAMETER Protocol
        Tcp (the default) or Udp. Each protocol has ports of its own.

    .PARAMETER LocalAddress
        Tests this address of the computer alone, such as 127.0.0.1, and names
        only the owners that such a bind meets; 0.0.0.0 or :: for one family.
        By default, the port is free only if all addresses of both families
        are.

    .PARAMETER Quiet
        Returns only $true or $false: whether the port can be bound.

    .EXAMPLE
        Test-PortReservation -Port 8080

        Shows whether TCP port 8080 can be bound; if not, who has it and what
        to do.

    .EXAMPLE
        if (-not (Test-PortReservation 5000 -Quiet)) { throw 'Port 5000 cannot be bound.' }

        Stops a script before it starts a server that could not get its port.

    .EXAMPLE
        8000..8010 | Test-PortReservation | Where-Object CanBind | Select-Object -First 1

        Finds the first of several ports that can be bound.

    .EXAMPLE
        Test-PortReservation 8080 -LocalAddress 127.0.0.1

        Shows whether a server could have port 8080 on this address, although
        another has it on ::1.

    .EXAMPLE
        (Test-PortReservation 53 -Protocol Udp).Owners | Format-Table LocalAddress, ProcessName, ProcessId, Service

        Shows every process that has UDP port 53, and the services in it: a
        UDP port can be shared.

    .INPUTS
        System.Int32, or objects with the properties Port, LocalPort, or
        StartPort and NumberOfPorts, and Protocol.

    .OUTPUTS
        PortReservation.PortTest: Protocol, Port, LocalAddress (if one was
        given), CanBind, Reason (Free, InUse, PersistentReservation,
        RuntimeReservation, Exclusion or HiddenHolder), Block (the
        PortReservation.Reservation that contains the port), Owners (everybody
        who has the port, as PortReservation.PortOwner: Protocol,
        LocalAddress, AddressFamily, State, ProcessId, ProcessName, Path,
        StartTime and Service, the names of the services that the process
        hosts), OwningProcess, ProcessName and ProcessStartTime
        (System.DateTime, local) of the first of them, InDynamicRange (whether
        Windows may give the port to any program; empty if that could not be
        read), BindError (name of the Winsock error of the try), Disagreement
        (one sentence if the try and the lists differ) and Advice. Unknown
        values are empty. One port is shown as a list, several as a table;
        Format-List shows everything of each. With -Quiet: System.Boolean.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        Get-PortReservation

    .LINK
        Show-PortReservation
    #>
    [CmdletBinding(DefaultParameterSetName = 'Port')]
    [OutputType('PortReservation.PortTest', 'PortReservation.PortTest#Members', [bool])]
    param(
        [Parameter(ParameterSetName = 'InputObject', Mandatory, ValueFromPipeline)] [ValidateNotNull()] [psobject]$InputObject,

        [Parameter(ParameterSetName = 'Port', Mandatory, Position = 0)] [Alias('LocalPort')] [WholeNumber()] [ValidateRange(1, 65535)] [int[]]$Port,

        [ValidateSet('Tcp', 'Udp')] [string]$Protocol = 'Tcp',

        [ValidateNotNullOrEmpty()] [string]$LocalAddress,

        [switch]$Quiet
    )

    begin {
        $ErrorActionPreference = Get-CallerPreference $PSCmdlet -ErrorOnly $true
        $call = New-Call $PSCmdlet 'port.test' $PSBoundParameters 'Protocol', 'LocalAddress', 'Quiet'
        $call['Activity'] = 'TestProgress'
        # Where several ports are tested, they are shown as a table.
        if ($MyInvocation.ExpectingInput -or @($Port).Count -gt 1) { $call['Given'] += ',"several":true' }
    }

    process { Add-Request $call $(if ($null -ne $InputObject) { Read-Row $InputObject }) $InputObject $Port }

    end { Complete-Call $call }
}
