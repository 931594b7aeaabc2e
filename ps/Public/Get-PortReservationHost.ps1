function Get-PortReservationHost {
    <#
    .SYNOPSIS
        Tells about the process that does the work of this session.

    .DESCRIPTION
        The cmdlets speak to a Node.js process, the host, which holds the session's sockets and runtime reservations. It
        starts with the first cmdlet that needs it, this one included, and ends with the session or the module.

        Backend says whether the reservations are those of Windows or of the simulator, which reserves nothing.

    .EXAMPLE
        Get-PortReservationHost

        Shows the process id, the version of Node.js, the backend, and whether the host may create persistent reservations.

    .EXAMPLE
        if (-not (Get-PortReservationHost).IsElevated) { throw 'Run this script as an elevated administrator.' }

        Checks before the work begins that a script can create persistent reservations.

    .INPUTS
        None.

    .OUTPUTS
        PortReservation.Host: ProcessId, NodeVersion, Backend (Windows or Simulator), IsElevated (whether persistent
        reservations can be created and deleted) and UptimeSeconds.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        New-PortReservation
    #>
    [CmdletBinding()]
    [OutputType('PortReservation.Host')]
    param()

    if (-not $script:Session.Supported) { Write-PlatformError $PSCmdlet }
    $answer = (Invoke-HostRequest $PSCmdlet ([System.Collections.Generic.List[string]]@('"method":"host.get"')))[0]
    if ($null -eq $answer.PSObject.Properties['result']) {
        Write-HostError $PSCmdlet $answer.error $null
        return
    }
    $result = $answer.result
    [pscustomobject]@{
        PSTypeName    = 'PortReservation.Host'
        ProcessId     = [int]$result.processId
        NodeVersion   = $result.nodeVersion
        Backend       = if ($result.backend -eq 'windows') { 'Windows' } else { 'Simulator' }
        IsElevated    = [bool]$result.isElevated
        UptimeSeconds = [int]$result.uptimeSeconds
    }
}
