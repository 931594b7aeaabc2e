function Measure-PortReservation {
    <#
    .SYNOPSIS
        Measures how the ports of this system are, and says what to do.

    .DESCRIPTION
        Reads the dynamic ranges, the sockets and connections of all
        processes, and every list of blocks, and judges them: a dynamic range
        that is exhausted, filling, too low or too small, ports of servers
        inside a block that refuses them, and what WinNAT and Hyper-V's
        networking hold. Nothing is tried, and nothing is changed.

        This needs no administrator, but Windows may show another user's
        process only to administrators.

    .EXAMPLE
        Measure-PortReservation

        Shows the state of the ports, and each finding with what to do.

    .EXAMPLE
        (Measure-PortReservation).DynamicRanges.Processes | Format-Table

        Shows which processes have the most ports of the dynamic ranges, and
        how many connections.

    .EXAMPLE
        Measure-PortReservation | Where-Object IsHealthy -eq $false | ForEach-Object Findings | Out-File ports.log

        Writes the findings into a file if there is something to do.

    .INPUTS
        None.

    .OUTPUTS
        PortReservation.Health: IsHealthy (whether there is neither an error
        nor a warning), DynamicRanges, HeldPorts, WinNat (state of the
        service, empty if it is not installed, Unknown if this user may not
        ask), GuestPorts (ports that Hyper-V's networking holds for guests)
        and Findings.

        DynamicRanges has a PortReservation.DynamicRangeUse for each protocol:
        Protocol, StartPort, EndPort, NumberOfPorts, IsDefault, Ranges (those
        of both address families, as Get-DynamicPortRange returns them),
        PortsInUse, PortsHeld (in a block, and in no use), PortsFree,
        PercentUsed, Connections, TimeWait (those of them that are closed and
        keep their port for a few minutes) and Processes (the ten that have
        the most ports: ProcessId, ProcessName, Service, Ports and
        Connections; a ProcessId is empty, as text -, for closed connections
        and unknown processes).

        HeldPorts has the blocks of each protocol and kind: Protocol, Kind,
        Blocks and Ports.

        Findings are PortReservation.HealthFinding: Severity (Error, Warning
        or Information), Name, Protocol, Text and Advice.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        Set-DynamicPortRange

    .LINK
        Test-PortReservation
    #>
    [CmdletBinding()]
    [OutputType('PortReservation.Health', 'PortReservation.Health#Members')]
    param()

    $call = New-Call $PSCmdlet 'health.measure' $PSBoundParameters
    Add-Request $call
}
