function Remove-PortReservation {
    <#
    .SYNOPSIS
        Removes a reservation or an exclusion of ports.

    .DESCRIPTION
        Deletes a persistent reservation or an exclusion, or releases a runtime reservation of this session. Give exactly
        the block of the reservation: a part of it is not found, and nothing is removed.

        Deleting a persistent reservation or an exclusion needs an elevated administrator. Sockets already bound from the
        block are not affected. A block of Kind System belongs to another program, and removing it is an error.

    .PARAMETER InputObject
        A reservation, as returned by New-PortReservation and Get-PortReservation, or a row of a CSV file with the same
        columns.

    .PARAMETER Protocol
        Tcp, Udp, or both. The default is Tcp. With both, each one is removed, or fails, separately.

    .PARAMETER StartPort
        The first port of the reservation, 1 to 65535, or those of several.

    .PARAMETER NumberOfPorts
        The number of ports of the reservation, 1 to 65535. The default is 1.

    .PARAMETER Kind
        Persistent (the default), Runtime or Exclusion. Kind System is an error.

    .PARAMETER Store
        For exclusions: Persistent (the default) removes the exclusion permanently, Active only until the next restart.
        Other reservations have no choice: only Persistent is accepted for a persistent one, and only Active for a runtime
        one.

    .PARAMETER IfExists
        A reservation that does not exist is no error: for scripts that may run twice.

    .PARAMETER PassThru
        Returns the removed reservations. By default, nothing is returned.

    .EXAMPLE
        Remove-PortReservation -StartPort 5000 -NumberOfPorts 20

        Deletes the persistent reservation of exactly the TCP ports 5000 to 5019.

    .EXAMPLE
        Get-PortReservation -Kind Persistent | Remove-PortReservation -WhatIf

        Shows which persistent reservations would be deleted, without deleting them.

    .INPUTS
        Reservations, or other objects with the properties Protocol, StartPort, NumberOfPorts and Kind.

    .OUTPUTS
        None. With -PassThru, a PortReservation.Reservation for each one removed: its former Protocol, StartPort, EndPort,
        NumberOfPorts, Kind, Token, AddressFamily, OwningProcess and Store.

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
        [Parameter(ParameterSetName = 'InputObject', Mandatory, ValueFromPipeline)]
        [ValidateNotNull()]
        [psobject]$InputObject,

        [Parameter(ParameterSetName = 'Block')]
        [ValidateSet('Tcp', 'Udp')]
        [string[]]$Protocol = 'Tcp',

        [Parameter(ParameterSetName = 'Block', Mandatory, Position = 0)]
        [Alias('Port')]
        [WholeNumber()]
        [ValidateRange(1, 65535)]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Get-KnownStartPort @args } @args })]
        [int[]]$StartPort,

        [Parameter(ParameterSetName = 'Block', Position = 1)]
        [Alias('Count')]
        [WholeNumber()]
        [ValidateRange(1, 65535)]
        [int]$NumberOfPorts = 1,

        [Parameter(ParameterSetName = 'Block')]
        # System is accepted only so that the error can say why it is refused.
        [ValidateSet('Persistent', 'Runtime', 'Exclusion', 'System')]
        [string]$Kind = 'Persistent',

        [ValidateSet('Persistent', 'Active')]
        [string]$Store,

        [switch]$IfExists,

        [switch]$PassThru
    )

    begin {
        if (-not $script:Session.Supported) { Write-PlatformError $PSCmdlet }
        # A module does not see its caller's preferences, not even for an object that cannot be bound.
        if (-not $PSBoundParameters.ContainsKey('ErrorAction')) { $ErrorActionPreference = $PSCmdlet.SessionState.PSVariable.GetValue('ErrorActionPreference') }
        if (-not $PSBoundParameters.ContainsKey('WhatIf')) { $WhatIfPreference = $PSCmdlet.SessionState.PSVariable.GetValue('WhatIfPreference') }
        if (-not $PSBoundParameters.ContainsKey('Confirm')) { $ConfirmPreference = $PSCmdlet.SessionState.PSVariable.GetValue('ConfirmPreference') }
        $output = 'Nothing'
        if ($PassThru) { $output = 'Reservation' }
        # Requests waiting to be sent; see Send-RequestQueue.
        $queue = New-RequestQueue $output 'RemoveProgress' $script:DefaultTimeout
        $queue.IfExists = [bool]$IfExists
        $exclusionOptions = '}'
        if ($Store) { $exclusionOptions = ',"store":"' + $Store.ToLowerInvariant() + '"}' }
        if ($null -eq $script:Session.Messages) { Read-Message }
        $verb = $script:Session.Messages.RemoveAction
    }

    process {
        # Written inline: this may run for thousands of objects.
        $fault = $null
        $blocks = $null
        if ($PSCmdlet.ParameterSetName -eq 'InputObject') {
            try {
                $blocks = Resolve-Reservation $InputObject
            } catch {
                $fault = New-ReservationError 'InvalidParameter' $_.Exception.Message (Get-Message InvalidParameterAdvice) $InputObject
            }
        } else {
            if ($Protocol.Count -gt 1) { $Protocol = @(Select-Protocol $Protocol) }
            $blocks = foreach ($first in $StartPort) {
                [pscustomobject]@{ Protocol = $Protocol; StartPort = $first; NumberOfPorts = $NumberOfPorts; Kind = $Kind; OwningProcess = 0 }
            }
        }
        if ($null -ne $fault) {
            # After the objects before it.
            if ($queue.Requests.Count -gt 0) { Send-RequestQueue $queue $PSCmdlet }
            Write-ReservationError $PSCmdlet $fault
            return
        }
        foreach ($block in $blocks) {
            $start = $block.StartPort
            $count = $block.NumberOfPorts
            $target = $InputObject
            if ($null -eq $target) { $target = New-Block $block.Protocol $start $count $block.Kind }
            $alone = $false
            $options = '}'
            if ($block.Kind -ne 'Persistent' -or $Store -eq 'Active' -or $start + $count -gt 65536) {
                if ($IfExists -and (Test-HostGone $block)) { continue }
                $fault = Get-BlockFault $block $target 'KindNotRemoved'
                if ($null -eq $fault -and (Test-OtherStore $block.Kind $Store)) {
                    $fault = New-ReservationError 'InvalidParameter' (Get-Message StoreIsForExclusions @($block.Kind)) (Get-Message StoreAdvice) $target
                }
                if ($null -ne $fault) {
                    if ($queue.Requests.Count -gt 0) { Send-RequestQueue $queue $PSCmdlet }
                    Write-ReservationError $PSCmdlet $fault
                    continue
                }
                # netsh runs several times for each.
                $alone = $block.Kind -eq 'Exclusion'
                if ($alone) { $options = $exclusionOptions }
            }

            $ports = "$($block.Protocol) $start"
            if ($count -gt 1) { $ports += '-' + ($start + $count - 1) }
            if (-not $PSCmdlet.ShouldProcess("$ports ($($block.Kind))", $verb)) { continue }

            if ($alone -and $queue.Requests.Count -gt 0) { Send-RequestQueue $queue $PSCmdlet }
            foreach ($name in $block.Protocol) {
                $queue.Requests.Add('"method":"reservation.remove","params":{"kind":"' + $block.Kind.ToLowerInvariant() +
                    '","protocol":"' + $name.ToLowerInvariant() + '","startPort":' + $start + ',"numberOfPorts":' + $count + $options)
                $queue.Targets.Add($target)
            }
            if ($alone -or $queue.Requests.Count -ge $queue.Limit -or $queue.Clock.ElapsedMilliseconds -gt $script:QueueDelay) { Send-RequestQueue $queue $PSCmdlet }
        }
    }

    end {
        if ($queue.Requests.Count -gt 0) { Send-RequestQueue $queue $PSCmdlet }
        if ($queue.Shown) { Show-Progress $queue $PSCmdlet -Completed }
    }
}
