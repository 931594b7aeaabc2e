function Close-AssociatedBind {
    <#
    .SYNOPSIS
        Closes sockets that Invoke-AssociatedBind bound.

    .DESCRIPTION
        Closes the socket of each bind, which gives its port back to the block of the reservation. The reservation stays.
        A bind that is closed already, by this cmdlet, by its Dispose() or with the end of the host, is no error.

    .PARAMETER InputObject
        The binds to close, as Invoke-AssociatedBind gives them.

    .EXAMPLE
        $bind | Close-AssociatedBind

        Closes a socket; $bind.State is then Closed.

    .EXAMPLE
        $binds = $reservation | Invoke-AssociatedBind -Count 3
        Close-AssociatedBind $binds

        Binds three ports of a reservation, and closes all three.

    .INPUTS
        PortReservation.AssociatedBind

    .OUTPUTS
        None.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        Invoke-AssociatedBind
    #>
    [CmdletBinding()]
    [OutputType([void])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline)]
        [Alias('Bind')]
        [ValidateNotNull()]
        [psobject[]]$InputObject
    )

    begin {
        if (-not $script:Session.Supported) { Write-PlatformError $PSCmdlet }
        # A module does not see the preferences of the script that calls it, not even for an item that cannot be bound.
        if (-not $PSBoundParameters.ContainsKey('ErrorAction')) { $ErrorActionPreference = $PSCmdlet.SessionState.PSVariable.GetValue('ErrorActionPreference') }
    }

    process {
        $binds = foreach ($item in $InputObject) {
            if ($null -ne (Get-BindRecord $item)) { $item; continue }
            $message = Get-Message NotABind @("$item")
            Write-ReservationError $PSCmdlet (New-ReservationError 'InvalidParameter' $message (Get-Message NotABindAdvice) $item)
        }
        if ($null -ne $binds) { Close-Bind @($binds) }
    }
}
