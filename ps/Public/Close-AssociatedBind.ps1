function Close-AssociatedBind {
    <#
    .SYNOPSIS
        Closes sockets that Invoke-AssociatedBind bound.

    .DESCRIPTION
        Closes the socket of each bind, which returns its port to the block of
        the reservation. The reservation stays. It is not an error if a bind
        is already closed, by this cmdlet, by its Dispose() or because the
        host ended.

        A socket whose bind object is lost can be closed by its port, or
        together with all others of this session. This cmdlet does not close
        sockets that Invoke-AssociatedBind -AsSocket returned: they belong to
        the script.

    .PARAMETER InputObject
        The binds to close, as returned by Invoke-AssociatedBind.

    .PARAMETER LocalPort
        Closes every bind of this session on these ports, 1 to 65535. It is an
        error if a port has none.

    .PARAMETER Protocol
        With -LocalPort: Tcp (the default), Udp, or both.

    .PARAMETER All
        Closes every bind of this session. It is not an error if there are
        none.

    .EXAMPLE
        $bind | Close-AssociatedBind

        Closes a socket; $bind.State is then Closed.

    .EXAMPLE
        $binds = $reservation | Invoke-AssociatedBind -Count 3
        Close-AssociatedBind $binds

        Binds three ports of a reservation, then closes all three.

    .EXAMPLE
        Close-AssociatedBind -LocalPort 5005

        Closes what this session has bound to TCP port 5005, even if no
        variable refers to it any more.

    .INPUTS
        PortReservation.AssociatedBind

    .OUTPUTS
        None.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        Invoke-AssociatedBind
    #>
    [CmdletBinding(DefaultParameterSetName = 'InputObject')]
    [OutputType([void])]
    param(
        [Parameter(ParameterSetName = 'InputObject', Mandatory, Position = 0, ValueFromPipeline)] [Alias('Bind')] [ValidateNotNull()]
        [psobject[]]$InputObject,

        [Parameter(ParameterSetName = 'LocalPort', Mandatory)] [WholeNumber()] [ValidateRange(1, 65535)] [int[]]$LocalPort,

        [Parameter(ParameterSetName = 'LocalPort')] [ValidateSet('Tcp', 'Udp')] [string[]]$Protocol = 'Tcp',

        [Parameter(ParameterSetName = 'All', Mandatory)] [switch]$All
    )

    begin {
        $ErrorActionPreference = Get-CallerPreference $PSCmdlet -ErrorOnly $true
    }

    process {
        $failures = [System.Collections.Generic.List[object]]::new()
        $records = @(
            foreach ($item in $InputObject) {
                $record = Get-BindRecord $item
                if ($null -ne $record) { $record }
                else { $failures.Add((New-ReservationError 'InvalidParameter' (Get-Message NotABind @(Get-ObjectText $item)) (Get-Message NotABindAdvice) $item)) }
            }
            foreach ($port in $LocalPort) {
                $found = @(Get-OpenBind $Protocol $port)
                if ($found.Count -gt 0) { $found; continue }
                $target = New-Block $Protocol $port
                $failures.Add((New-ReservationError 'InvalidParameter' (Get-Message PortNotBound @("$target")) (Get-Message PortNotBoundAdvice) $target))
            }
            if ($All) { Get-OpenBind }
        )
        if ($records.Count -gt 0) {
            if ($null -ne $script:Session['Connection'] -and $script:Session['Connection']['Busy']) { $PSCmdlet.ThrowTerminatingError((New-BusyFault)) }
            Close-Record $records
        }
        $failures | . { process { Write-ReservationError $PSCmdlet $_ } }
    }
}
