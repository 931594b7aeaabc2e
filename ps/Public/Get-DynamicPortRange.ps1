function Get-DynamicPortRange {
    <#
    .SYNOPSIS
        Shows the dynamic port ranges, from which Windows assigns ports to any program.

    .DESCRIPTION
        A program that asks for any port, as every outgoing connection does,
        gets one of the dynamic range. WinNAT takes its blocks from it too.
        There is one range for each protocol and address family. Windows'
        default is 49152 to 65535. A range that begins lower collides with the
        ports of servers; Set-DynamicPortRange changes it.

        The ranges are read from netsh, which needs no administrator.

    .PARAMETER Protocol
        Tcp, Udp, or both, which is the default.

    .EXAMPLE
        Get-DynamicPortRange

        Shows the range of each protocol and address family, and whether it is
        Windows' default.

    .EXAMPLE
        Get-DynamicPortRange | Where-Object IsDefault -eq $false

        Shows the ranges that somebody has changed.

    .INPUTS
        None.

    .OUTPUTS
        PortReservation.DynamicPortRange: Protocol, AddressFamily
        (InterNetwork or InterNetworkV6), StartPort, EndPort, NumberOfPorts
        and IsDefault (whether it is the range of a Windows where nobody
        changed it). A Windows without IPv6 has none for InterNetworkV6.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        https://learn.microsoft.com/troubleshoot/windows-server/networking/default-dynamic-port-range-tcpip-chang

    .LINK
        Set-DynamicPortRange
    #>
    [CmdletBinding()]
    [OutputType('PortReservation.DynamicPortRange', 'PortReservation.DynamicPortRange#Members')]
    param(
        [Parameter(Position = 0)] [ValidateSet('Tcp', 'Udp')] [string[]]$Protocol = @('Tcp', 'Udp')
    )

    $call = New-Call $PSCmdlet 'dynamicRange.get' $PSBoundParameters 'Protocol'
    Add-Request $call
}
