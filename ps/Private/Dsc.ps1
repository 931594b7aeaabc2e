# What the methods of the DSC resource PortReservationList do; its class is in the root module.

function Invoke-ReservationList {
    # What there is to do for a list, or, with Apply, does it. DSC's process goes on after it, so a host that was started here ends.
    [CmdletBinding()]
    param($List, [switch]$Apply)

    $ErrorActionPreference = 'Stop'
    $hasPath = -not [string]::IsNullOrEmpty($List.Path)
    if ($hasPath -eq ($null -ne $List.Blocks)) { throw (Get-Message PathOrBlocks @($List.Name)) }
    $wasRunning = $null -ne $script:Session.Connection
    try {
        if ($Apply) { Set-ReservationList $List $hasPath } else { Get-ReservationPlan $List $hasPath }
    } finally {
        if (-not $wasRunning) { Stop-HostProcess }
    }
}

function Get-ReservationPlan {
    # As Sync-PortReservation -WhatIf, whose lines for the console nothing can suppress.
    [CmdletBinding()]
    param($List, [bool]$HasPath)

    $ErrorActionPreference = 'Stop'
    if (-not $script:Session.Supported) { Write-PlatformError $PSCmdlet }
    if ($HasPath) {
        $parameters = Resolve-BlockFile $PSCmdlet $List.Path 'path' 'blocks'
    } else {
        $blocks = [System.Collections.Generic.List[object]]::new()
        foreach ($block in $List.Blocks) { Add-DesiredBlock $blocks $block }
        $parameters = @{ blocks = $blocks.ToArray() }
    }
    if ($List.PreviousPath) { $parameters += Resolve-BlockFile $PSCmdlet $List.PreviousPath 'previousPath' 'previousBlocks' }
    if ($List.Purge) { $parameters.purge = $true }
    if ($List.Within) { $parameters.within = $List.Within }
    (Get-DesiredState (New-Call $PSCmdlet) 'desiredState.plan' $parameters $List.Path).Changes
}

function Set-ReservationList {
    # A conflict or a failure is an error, after the rest was done.
    param($List, [bool]$HasPath)

    $options = @{ Confirm = $false; ErrorAction = 'Stop'; Purge = $List.Purge; RestartWinNat = $List.RestartWinNat }
    foreach ($name in 'Within', 'PreviousPath') { if ($List.$name) { $options[$name] = $List.$name } }
    $changes = { process { Write-Verbose "$($_.Change): $_ $($_.Reason)" } }
    if ($HasPath) { Sync-PortReservation -Path $List.Path @options | & $changes } else { $List.Blocks | Sync-PortReservation @options | & $changes }
}
