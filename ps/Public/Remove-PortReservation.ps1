function Remove-PortReservation {
    <#
    .SYNOPSIS
        Removes a reservation or an exclusion of ports.

    .DESCRIPTION
        Deletes a persistent reservation or an exclusion, or releases a
        runtime reservation of this session. Give exactly the block of the
        reservation: a part of it is not found, and nothing is removed.

        Deleting a persistent reservation or an exclusion needs an elevated
        administrator. Sockets already bound from the block are not affected.
        A block of Kind System belongs to another program, and removing it is
        an error.

    .PARAMETER InputObject
        A reservation, as returned by New-PortReservation and
        Get-PortReservation, or a row of a CSV file with the same columns.

    .PARAMETER Protocol
        Tcp, Udp, or both. The default is Tcp. With both, each one is removed,
        or fails, separately.

    .PARAMETER StartPort
        The first port of the reservation, 1 to 65535, or those of several.

    .PARAMETER NumberOfPorts
        The number of ports of the reservation, 1 to 65535. The default is 1.

    .PARAMETER Kind
        Persistent (the default), Runtime or Exclusion. Kind System is an
        error.

    .PARAMETER Store
        For exclusions: Persistent (the default) removes the exclusion
        permanently, Active only until the next restart. Other reservations
        have no choice: only Persistent is accepted for a persistent one, and
        only Active for a runtime one.

    .PARAMETER IfExists
        A reservation that does not exist is no error: for scripts that may
        run twice.

    .PARAMETER PassThru
        Returns the removed reservations. By default, nothing is returned.

    .EXAMPLE
        Remove-PortReservation -StartPort 5000 -NumberOfPorts 20

        Deletes the persistent reservation of exactly the TCP ports 5000 to
        5019.

    .EXAMPLE
        Get-PortReservation -Kind Persistent | Remove-PortReservation -WhatIf

        Shows which persistent reservations would be deleted, without deleting
        them.

    .INPUTS
        Reservations, or other objects with the properties Protocol,
        StartPort, NumberOfPorts and Kind.

    .OUTPUTS
        None. With -PassThru, a PortReservation.Reservation for each one
        removed: its former Protocol, StartPort, EndPort, NumberOfPorts, Kind,
        Token, AddressFamily, OwningProcess and Store.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-deletepersistenttcpportreservation

    .LINK
        New-PortReservation
    #>
    [CmdletBinding(DefaultParameterSetName = 'Block', SupportsShouldProcess, ConfirmImpact = 'Medium')]
    [OutputType('PortReservation.Reservation', 'PortReservation.Reservation#Members')]
    param(
        [Parameter(ParameterSetName = 'InputObject', Mandatory, ValueFromPipeline)] [ValidateNotNull()] [psobject]$InputObject,

        [Parameter(ParameterSetName = 'Block')] [ValidateSet('Tcp', 'Udp')] [string[]]$Protocol = 'Tcp',

        [Parameter(ParameterSetName = 'Block', Mandatory, Position = 0)] [Alias('Port')] [WholeNumber()] [ValidateRange(1, 65535)]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Get-KnownStartPort @args } @args })]
        [int[]]$StartPort,

        [Parameter(ParameterSetName = 'Block', Position = 1)] [Alias('Count')] [WholeNumber()] [ValidateRange(1, 65535)] [int]$NumberOfPorts = 1,

        # System is accepted only so that the error can say why it is refused.
        [Parameter(ParameterSetName = 'Block')] [ValidateSet('Persistent', 'Runtime', 'Exclusion', 'System')] [string]$Kind = 'Persistent',

        [ValidateSet('Persistent', 'Active')] [string]$Store,

        [switch]$IfExists,

        [switch]$PassThru
    )

    begin {
        $ErrorActionPreference, $WhatIfPreference, $ConfirmPreference = Get-CallerPreference $PSCmdlet
        $call = New-Call $PSCmdlet 'reservation.remove' $PSBoundParameters @('Protocol', 'NumberOfPorts', 'Kind', 'Store') 'RemoveAction'
        $call['Activity'] = 'RemoveProgress'
        $call['NoOutput'] = -not $PassThru
        $call['IfExists'] = [bool]$IfExists
    }

    process { Add-Request $call $(if ($null -ne $InputObject) { Read-Row $InputObject }) $InputObject $StartPort }

    end { Complete-Call $call }
}
