function Remove-PortReservation {
    <#
    .SYNOPSIS
        Ends a reservation of ports.

    .DESCRIPTION
        Deletes a persistent reservation, or releases a runtime reservation of this session. The block must be exactly
        that of the reservation: a part of it is not found, and nothing is removed.

        Deleting a persistent reservation needs an elevated administrator. Sockets that are already bound from the block
        stay as they are. A block of Kind System belongs to another program and is refused.

    .PARAMETER InputObject
        A reservation, as New-PortReservation and Get-PortReservation give it, or a row of a CSV file with its columns.

    .PARAMETER Protocol
        Tcp, Udp, or both. The default is Tcp. With both, each one is removed, or is an error, for itself.

    .PARAMETER StartPort
        The first port of the reservation, 1 to 65535.

    .PARAMETER NumberOfPorts
        The number of ports of the reservation, 1 to 65535. The default is 1.

    .PARAMETER Kind
        Persistent (the default) or Runtime. Other kinds are refused with an error.

    .PARAMETER PassThru
        Returns the reservations that were removed. Without it nothing is returned.

    .EXAMPLE
        Remove-PortReservation -StartPort 5000 -NumberOfPorts 20

        Deletes the persistent reservation of exactly the TCP ports 5000 to 5019.

    .EXAMPLE
        Get-PortReservation -Kind Persistent | Remove-PortReservation -WhatIf

        Shows which persistent reservations would be deleted, and deletes none.

    .INPUTS
        Reservations, or other objects with the properties Protocol, StartPort, NumberOfPorts and Kind.

    .OUTPUTS
        None; with -PassThru a PortReservation.Reservation for each one removed: Protocol, StartPort, EndPort,
        NumberOfPorts, Kind, Token, AddressFamily and OwningProcess as they were.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-deletepersistenttcpportreservation

    .LINK
        New-PortReservation
    #>
    [CmdletBinding(DefaultParameterSetName = 'Block', SupportsShouldProcess, ConfirmImpact = 'Medium')]
    [OutputType('PortReservation.Reservation')]
    param(
        [Parameter(ParameterSetName = 'InputObject', Mandatory, ValueFromPipeline)]
        [ValidateNotNull()]
        [psobject]$InputObject,

        [Parameter(ParameterSetName = 'Block')]
        [ValidateSet('Tcp', 'Udp')]
        [string[]]$Protocol = 'Tcp',

        [Parameter(ParameterSetName = 'Block', Mandatory, Position = 0)]
        [Alias('Port')]
        [ValidateRange(1, 65535)]
        [ArgumentCompleter({ Get-KnownStartPort @args })]
        [int]$StartPort,

        [Parameter(ParameterSetName = 'Block', Position = 1)]
        [Alias('Count')]
        [ValidateRange(1, 65535)]
        [int]$NumberOfPorts = 1,

        [Parameter(ParameterSetName = 'Block')]
        [ValidateSet('Persistent', 'Runtime', 'Exclusion', 'System')]
        [string]$Kind = 'Persistent',

        [switch]$PassThru
    )

    begin {
        Assert-Platform $PSCmdlet
        # A module does not see the preferences of the script that calls it.
        if (-not $PSBoundParameters.ContainsKey('WhatIf')) { $WhatIfPreference = $PSCmdlet.SessionState.PSVariable.GetValue('WhatIfPreference') }
        if (-not $PSBoundParameters.ContainsKey('Confirm')) { $ConfirmPreference = $PSCmdlet.SessionState.PSVariable.GetValue('ConfirmPreference') }
        $queue = New-RequestQueue $(if ($PassThru) { 'Reservation' } else { 'Nothing' })
        $verb = $null
    }

    process {
        $fault = $null
        $target = $InputObject
        $block = $null
        if ($PSCmdlet.ParameterSetName -eq 'InputObject') {
            try {
                $block = Resolve-Reservation $InputObject
            } catch {
                $fault = New-ReservationError 'InvalidParameter' $_.Exception.Message (Get-Message InvalidParameterAdvice) $target
            }
        } else {
            $block = [pscustomobject]@{ Protocol = $Protocol; StartPort = $StartPort; NumberOfPorts = $NumberOfPorts; Kind = $Kind; OwningProcess = 0 }
            $target = @($Protocol, $StartPort, $NumberOfPorts, $Kind)
        }
        if ($null -eq $fault) {
            if ($target -is [object[]]) { $named = { New-Block @target } } else { $named = { $target } }
            $start = $block.StartPort
            $count = $block.NumberOfPorts
            if ($block.Kind -notin 'Persistent', 'Runtime') {
                $fault = New-ReservationError 'InvalidParameter' (Get-Message KindNotRemoved @($block.Kind)) (Get-Message KindNotRemovedAdvice) (& $named)
            } elseif ($start + $count -gt 65536) {
                $fault = New-ReservationError 'InvalidParameter' (Get-Message PastLastPort @($start, $count, ($start + $count - 1))) (Get-Message InvalidParameterAdvice) (& $named)
            } elseif (Test-HostGone $block) {
                $fault = New-ReservationError 'TokenNotValid' (Get-Message ReservationGone @("$target", $block.OwningProcess)) (Get-Message ReservationGoneAdvice) (& $named)
            }
        }
        if ($null -ne $fault) {
            # After the items before it.
            if ($queue.Requests.Count -gt 0) { Send-RequestQueue $queue $PSCmdlet }
            Write-ReservationError $PSCmdlet $fault
            return
        }

        if ($null -eq $verb) { $verb = Get-Message RemoveAction }
        $ports = if ($count -eq 1) { "$start" } else { "$start-$($start + $count - 1)" }
        if (-not $PSCmdlet.ShouldProcess("$($block.Protocol) $ports ($($block.Kind))", $verb)) { return }

        foreach ($name in $block.Protocol) {
            $queue.Requests.Add('"method":"reservation.remove","params":{"kind":"' + $block.Kind.ToLowerInvariant() +
                '","protocol":"' + $name.ToLowerInvariant() + '","startPort":' + $start + ',"numberOfPorts":' + $count + '}')
            if ($target -is [object[]]) { $queue.Targets.Add(@($name, $start, $count, $block.Kind)) } else { $queue.Targets.Add($target) }
        }
        if ($queue.Requests.Count -ge $queue.Limit -or $queue.Clock.ElapsedMilliseconds -gt $script:QueueDelay) { Send-RequestQueue $queue $PSCmdlet }
    }

    end {
        if ($queue.Requests.Count -gt 0) { Send-RequestQueue $queue $PSCmdlet }
    }
}
