# What the methods of the DSC resource PortReservationList do. Its class is in the root module.

function Invoke-ReservationList {
    # Returns what there is to do for a list or, with Apply, does it. A host that was started here is ended, because DSC's process lives on.
    [CmdletBinding()]
    param($List, [switch]$Apply)

    $ErrorActionPreference = 'Stop'
    # After Import-Module -Force, an instance of the class still belongs to the removed module, in Windows PowerShell even a new one. The
    # module that took its place does the work.
    $modules = @(if ($script:Session['Removed']) { Get-Module $ExecutionContext.SessionState.Module.Name })
    if ($modules.Count -gt 0) { return & $modules[0] { param($List, $Apply) Invoke-ReservationList $List -Apply:$Apply } $List $Apply }
    if ([string]::IsNullOrEmpty($List.Path) -eq ($null -eq $List.Blocks)) { throw (Get-Message PathOrBlocks @($List.Name)) }
    $options = @{ Purge = $List.Purge }
    foreach ($name in 'Path', 'Within', 'PreviousPath') { if ($List.$name) { $options[$name] = $List.$name } }
    $wasRunning = $null -ne $script:Session['Connection']
    try {
        if (-not $Apply) {
            # Not Sync-PortReservation -WhatIf, because nothing suppresses what that writes to the console.
            return (Get-ListPlan (New-Call $PSCmdlet 'desiredState.plan' $options 'Purge', 'Within') $options $List.Blocks).Changes
        }
        # A conflict or a failure ends this with an error, but only after the rest of the list was done.
        $options += @{ Confirm = $false; ErrorAction = 'Stop'; RestartWinNat = $List.RestartWinNat }
        $changes = { process { $PSCmdlet.WriteVerbose("$($_.Change): $_ $($_.Reason)") } }
        if ($List.Path) { Sync-PortReservation @options | & $changes }
        elseif ($List.Blocks.Count -eq 0) { Sync-PortReservation @options -InputObject @() | & $changes }
        else { $List.Blocks | Sync-PortReservation @options | & $changes }
    } finally {
        if (-not $wasRunning) { Stop-HostProcess }
    }
}
