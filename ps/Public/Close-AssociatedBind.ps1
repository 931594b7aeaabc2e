function Close-AssociatedBind {
    <#
    .SYNOPSIS
        Closes sockets that Invoke-AssociatedBind bound.

    .DESCRIPTION
        Closes the socket of each bind, which gives its port back to the block of the reservation. The reservation stays.
        A bind that is closed already, by this cmdlet, by its Dispose() or with the end of the host, is no error.

        Sockets whose bind object is lost are closed by their port, or all of this session at once. A socket that
        Invoke-AssociatedBind -AsSocket handed over is none of them: it is the script's.

    .PARAMETER InputObject
        The binds to close, as Invoke-AssociatedBind gives them.

    .PARAMETER LocalPort
        Closes every bind of this session to one of these ports, 1 to 65535. It is an error when there is none.

    .PARAMETER Protocol
        With -LocalPort: Tcp (the default), Udp, or both.

    .PARAMETER All
        Closes every bind of this session. None at all is no error.

    .EXAMPLE
        $bind | Close-AssociatedBind

        Closes a socket; $bind.State is then Closed.

    .EXAMPLE
        $binds = $reservation | Invoke-AssociatedBind -Count 3
        Close-AssociatedBind $binds

        Binds three ports of a reservation, and closes all three.

    .EXAMPLE
        Close-AssociatedBind -LocalPort 5005

        Closes what this session has bound to TCP port 5005, also when nothing refers to it any more.

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
        [Parameter(ParameterSetName = 'InputObject', Mandatory, Position = 0, ValueFromPipeline)]
        [Alias('Bind')]
        [ValidateNotNull()]
        [psobject[]]$InputObject,

        [Parameter(ParameterSetName = 'LocalPort', Mandatory)]
        [ValidateRange(1, 65535)]
        [int[]]$LocalPort,

        [Parameter(ParameterSetName = 'LocalPort')]
        [ValidateSet('Tcp', 'Udp')]
        [string[]]$Protocol = 'Tcp',

        [Parameter(ParameterSetName = 'All', Mandatory)]
        [switch]$All
    )

    begin {
        if (-not $script:Session.Supported) { Write-PlatformError $PSCmdlet }
        # A module does not see the preferences of the script that calls it, not even for an item that cannot be bound.
        if (-not $PSBoundParameters.ContainsKey('ErrorAction')) { $ErrorActionPreference = $PSCmdlet.SessionState.PSVariable.GetValue('ErrorActionPreference') }
    }

    process {
        $failures = [System.Collections.Generic.List[object]]::new()
        $records = @(
            foreach ($item in $InputObject) {
                $record = Get-BindRecord $item
                if ($null -ne $record) { $record }
                else { $failures.Add((New-ReservationError 'InvalidParameter' (Get-Message NotABind @("$item")) (Get-Message NotABindAdvice) $item)) }
            }
            foreach ($port in $LocalPort) {
                $found = @(Get-OpenBind $Protocol $port)
                if ($found.Count -gt 0) { $found; continue }
                $target = New-Block @(Select-Protocol $Protocol) $port 1
                $failures.Add((New-ReservationError 'InvalidParameter' (Get-Message PortNotBound @("$target")) (Get-Message PortNotBoundAdvice) $target))
            }
            if ($All) { Get-OpenBind }
        )
        if ($records.Count -gt 0) { Close-BindRecord $records }
        foreach ($failure in $failures) { Write-ReservationError $PSCmdlet $failure }
    }
}
