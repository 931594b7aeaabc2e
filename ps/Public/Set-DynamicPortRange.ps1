function Set-DynamicPortRange {
    <#
    .SYNOPSIS
        Changes the dynamic port range, from which Windows assigns ports to any program.

    .DESCRIPTION
        Changes the range of each protocol for IPv4 and IPv6, at once and
        through restarts, and reads it back. If one of them cannot be changed,
        the others are set back. Ports that are bound stay bound; WinNAT keeps
        its blocks until it starts again.

        The range should begin above the ports of your servers and hold all
        outgoing connections at one time. Windows accepts no start below port
        1025 and no fewer than 255 ports. This needs an elevated
        administrator.

    .PARAMETER InputObject
        A range, as Get-DynamicPortRange returns it, a row of a CSV file or a
        hashtable: Protocol, StartPort, and NumberOfPorts or EndPort. With
        AddressFamily, only the range of that family is changed.

    .PARAMETER Protocol
        Tcp, Udp, or both. With both, both are changed, or none if either
        fails.

    .PARAMETER StartPort
        The first port of the range, 1025 or more. Windows' default is 49152.

    .PARAMETER NumberOfPorts
        The number of ports, 255 or more. Windows' default is 16384. The range
        must not run past port 65535.

    .PARAMETER PassThru
        Returns the ranges as they are now. By default, nothing is returned.

    .EXAMPLE
        Set-DynamicPortRange -Protocol Tcp, Udp -StartPort 49152 -NumberOfPorts 16384

        Sets both protocols to Windows' default.

    .EXAMPLE
        Set-DynamicPortRange -Protocol Tcp -StartPort 32768 -NumberOfPorts 32768 -PassThru

        Doubles the number of outgoing TCP connections that a busy server can
        have, and shows the new ranges.

    .INPUTS
        Ranges, or other objects with the properties Protocol, StartPort and
        NumberOfPorts.

    .OUTPUTS
        None. With -PassThru, a PortReservation.DynamicPortRange for each
        protocol and address family: Protocol, AddressFamily, StartPort,
        EndPort, NumberOfPorts and IsDefault.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        https://learn.microsoft.com/troubleshoot/windows-server/networking/default-dynamic-port-range-tcpip-chang

    .LINK
        Get-DynamicPortRange
    #>
    [CmdletBinding(DefaultParameterSetName = 'Range', SupportsShouldProcess, ConfirmImpact = 'Medium')]
    [OutputType('PortReservation.DynamicPortRange', 'PortReservation.DynamicPortRange#Members')]
    param(
        [Parameter(ParameterSetName = 'InputObject', Mandatory, ValueFromPipeline)] [ValidateNotNull()] [psobject]$InputObject,

        [Parameter(ParameterSetName = 'Range', Mandatory, Position = 0)] [ValidateSet('Tcp', 'Udp')] [string[]]$Protocol,

        [Parameter(ParameterSetName = 'Range', Mandatory, Position = 1)] [WholeNumber()] [ValidateRange(1025, 65535)] [int]$StartPort,

        [Parameter(ParameterSetName = 'Range', Mandatory, Position = 2)] [WholeNumber()] [ValidateRange(255, 65535)] [int]$NumberOfPorts,

        [switch]$PassThru
    )

    begin {
        $ErrorActionPreference, $WhatIfPreference, $ConfirmPreference = Get-CallerPreference $PSCmdlet
        $call = New-Call $PSCmdlet 'dynamicRange.set' $PSBoundParameters @('Protocol', 'StartPort', 'NumberOfPorts') 'RangeAction'
        $call['NoOutput'] = -not $PassThru
        # netsh runs up to a dozen times, and each run has 20 seconds.
        $call['Timeout'] = 300000
    }

    process { Add-Request $call $(if ($null -ne $InputObject) { Read-Row $InputObject }) $InputObject }

    end { Complete-Call $call }
}
