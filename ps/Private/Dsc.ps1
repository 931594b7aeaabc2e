# What the methods of the DSC resource PortReservationList do; its class is in the root module.

function Invoke-ReservationList {
    # What there is to do for a list, or, with Apply, does it. DSC's process goes on after it, so a host that was started here ends.
    [CmdletBinding()]
    param($List, [switch]$Apply)

    $ErrorActionPreference = 'Stop'
    # An object works on with the module that took the place of its own. In Windows PowerShell also a new one is that of the first import.
    $modules = @(if ($script:Session['Removed']) { Get-Module $ExecutionContext.SessionState.Module.Name })
    if ($modules.Count -gt 0) { return & $modules[0] { param($List, $Apply) Invoke-ReservationList $List -Apply:$Apply } $List $Apply }
    if ([string]::IsNullOrEmpty($List.Path) -eq ($null -eq $List.Blocks)) { throw (Get-Message PathOrBlocks @($List.Name)) }
    $options = @{ Purge = $List.Purge }
    foreach ($name in 'Path', 'Within', 'PreviousPath') { if ($List.$name) { $options[$name] = $List.$name } }
    $wasRunning = $null -ne $script:Session['Connection']
    try {
        if (-not $Apply) {
            # As Sync-PortReservation -WhatIf, whose lines for the console nothing can suppress.
            return (Get-ListPlan (New-Call $PSCmdlet 'desiredState.plan' $options 'Purge', 'Within') $options $List.Blocks).Changes
        }
        # A conflict or a failure is an error, after the rest was done.
        $options += @{ Confirm = $false; ErrorAction = 'Stop'; RestartWinNat = $List.RestartWinNat }
        $changes = { process { $PSCmdlet.WriteVerbose("$($_.Change): $_ $($_.Reason)") } }
        if ($List.Path) { Sync-PortReservation @options | & $changes }
        elseif ($List.Blocks.Count -eq 0) { Sync-PortReservation @options -InputObject @() | & $changes }
        else { $List.Blocks | Sync-PortReservation @options | & $changes }
    } finally {
        if (-not $wasRunning) { Stop-HostProcess }
    }
}
