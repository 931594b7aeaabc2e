function Sync-PortReservation {
    <#
    .SYNOPSIS
        Brings this machine to a list of reservations and exclusions of ports.

    .DESCRIPTION
        Compares a file, or the objects of a pipeline, with the machine:
        creates what is missing, replaces what has the wrong kind, store or
        size, and leaves alone what is right. Safe to run at every start, and
        on many machines.

        A block is replaced only if it certainly belongs to the list: all its
        ports are listed or declared by -Within or -PreviousPath, or it has
        the kind and the first port of a listed block. Any other block in the
        way is a Conflict, and the error names its holder. A failure does not
        stop the rest. A block whose successor cannot be made is made again.

        The list is read as a whole before anything is changed. A member that
        is not known, a contradiction, and two blocks that overlap are an
        error that names line and member. Changes need an elevated
        administrator.

    .PARAMETER Path
        A file of blocks: JSON (an array, or an object with blocks), a table
        (.csv), or a .psd1 with @{ Blocks = @( ... ) }.

    .PARAMETER InputObject
        A block: a reservation, a row of a CSV file or a hashtable with
        StartPort, and NumberOfPorts or EndPort, Protocol, Kind and Store.
        With -Purge, it is an error if nothing is piped in, as after a command
        that failed; -InputObject @() is a list without blocks.

    .PARAMETER Purge
        Removes reservations and exclusions that are not listed. Windows
        stores no owner of a block, so it needs -Within, -PreviousPath or
        both.

    .PARAMETER Within
        Ports that belong to this list alone, such as '20000-39999' or
        'udp:5000-5999': -Purge reaches only blocks that lie in them.

    .PARAMETER PreviousPath
        The file that was applied before: -Purge removes exactly its blocks.

    .PARAMETER RestartWinNat
        If WinNAT may hold parts of blocks, stops the service winnat once for
        all of them, and starts it again. Meanwhile, containers and virtual
        machines have no network.

    .EXAMPLE
        Sync-PortReservation -Path ports.json

        Makes what is missing, and returns one object for each block of the
        file.

    .EXAMPLE
        Sync-PortReservation ports.csv -Purge -Within '20000-39999' -WhatIf

        Shows what would be created, replaced and removed, and changes
        nothing.

    .EXAMPLE
        @(Import-Csv ports.csv | Sync-PortReservation | Where-Object Changed).Count

        Tells how many blocks were changed.

    .INPUTS
        Reservations, or other objects with the properties Protocol,
        StartPort, NumberOfPorts, Kind and Store.

    .OUTPUTS
        PortReservation.ReservationChange, one for each block: the properties
        of a reservation, Change (None, Create, Replace, Remove or Conflict),
        Changed and Reason.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        New-PortReservation

    .LINK
        Get-PortReservation
    #>
    [CmdletBinding(DefaultParameterSetName = 'Path', SupportsShouldProcess, ConfirmImpact = 'Medium')]
    [OutputType('PortReservation.ReservationChange', 'PortReservation.ReservationChange#Members')]
    param(
        [Parameter(ParameterSetName = 'Path', Mandatory, Position = 0)] [ValidateNotNullOrEmpty()] [string]$Path,

        # $null is allowed here so that it is an error of the whole list: PowerShell would leave it out, and -Purge would remove its block.
        [Parameter(ParameterSetName = 'InputObject', Mandatory, ValueFromPipeline)] [AllowNull()] [psobject]$InputObject,

        [switch]$Purge,

        [string[]]$Within,

        [ValidateNotNullOrEmpty()] [string]$PreviousPath,

        [switch]$RestartWinNat
    )

    begin {
        $ErrorActionPreference, $WhatIfPreference, $ConfirmPreference = Get-CallerPreference $PSCmdlet
        $objects = [System.Collections.Generic.List[object]]::new()
    }

    process {
        # -InputObject @() says that the list has no blocks. An empty pipeline does not: see below.
        $isNone = -not $MyInvocation.ExpectingInput -and $InputObject -is [array] -and $InputObject.Count -eq 0
        if ($PSCmdlet.ParameterSetName -eq 'InputObject' -and -not $isNone) { $objects.Add($InputObject) }
    }

    end {
        # An empty pipeline may be a command that failed.
        if ($Purge -and -not $Path -and $MyInvocation.ExpectingInput -and $objects.Count -eq 0) {
            $PSCmdlet.ThrowTerminatingError((New-ReservationError 'InvalidParameter' (Get-Message NothingPiped) (Get-Message NothingPipedAdvice) $null))
        }
        $call = New-Call $PSCmdlet 'desiredState.plan' $PSBoundParameters 'Purge', 'Within', 'RestartWinNat'
        $plan = Get-ListPlan $call $PSBoundParameters $objects
        if ($null -eq $plan) { return }
        $asking = Test-Asking
        $actions = @{ Create = if ($RestartWinNat) { 'RestartAction' } else { 'CreateAction' }; Replace = 'ReplaceAction'; Remove = 'RemoveAction' }
        $index = 0
        $skip = @(
            $plan.Changes | . {
                process {
                    $at = $index++
                    $action = $actions[$_.Change]
                    if (-not $action) { return }
                    # Time for netsh, which runs several times for each block.
                    if (-not $asking -or (Confirm-Change $PSCmdlet "$_" (Get-FramedMessage $action))) { $call['Timeout'] += 5000 } else { $at }
                }
            }
        )
        if ($WhatIfPreference) { return $plan.Changes }
        # One stop of the service serves all blocks. The host allows it 30 seconds, and two minutes for the start.
        if ($RestartWinNat) { $call['Timeout'] += 150000 }
        $given = @{ id = $plan.Id; skip = $skip; all = $true }
        $call['Method'], $call['Given'] = 'desiredState.apply', (Select-Parameter $given $given.Keys)
        Add-Request $call $null $Path
        Complete-Call $call
    }
}
