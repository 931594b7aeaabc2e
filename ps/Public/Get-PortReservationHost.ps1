function Get-PortReservationHost {
    <#
    .SYNOPSIS
        Gets the process that holds this session's reservations and sockets.

    .DESCRIPTION
        The cmdlets send requests to a Node.js process, the host, which holds
        the session's sockets and runtime reservations. The first cmdlet that
        needs it, including this one, starts it. It ends with the session or
        the module.

        Backend shows whether the reservations are made on Windows or on the
        simulator, which reserves nothing.

    .EXAMPLE
        Get-PortReservationHost

        Shows the process ID, the Node.js version, the backend, and whether
        the host can create persistent reservations.

    .EXAMPLE
        if (-not (Get-PortReservationHost).IsElevated) { throw 'Run this script as an elevated administrator.' }

        Stops a script at its start if it cannot create persistent
        reservations.

    .INPUTS
        None.

    .OUTPUTS
        PortReservation.Host: ProcessId, NodeVersion, Backend (Windows or
        Simulator), IsElevated (whether persistent reservations can be created
        and deleted) and UptimeSeconds.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        New-PortReservation
    #>
    [CmdletBinding()]
    [OutputType('PortReservation.Host', 'PortReservation.Host#Members')]
    param()

    $call = New-Call $PSCmdlet 'host.get' $PSBoundParameters
    Add-Request $call
}
