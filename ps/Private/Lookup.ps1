function Find-ListedBlock {
    # Exactly this block among those in force, of any kind or of some: a list of what was found, and the host's error or nothing.
    param($Cmdlet, [string[]]$Protocol, [int]$StartPort, [int]$NumberOfPorts, [string[]]$Kind)

    $ErrorActionPreference = 'Stop'
    $request = '"method":"reservation.list","params":{"protocols":["' + ($Protocol -join '","').ToLowerInvariant() + '"],"port":' + $StartPort
    if ($Kind) { $request += ',"kinds":["' + ($Kind -join '","').ToLowerInvariant() + '"]' }
    $answer = (Invoke-HostRequest $Cmdlet ([System.Collections.Generic.List[string]]@($request + '}')))[0]
    $result = $answer.PSObject.Properties['result']
    if ($null -eq $result) { return @(), $answer.error }
    $exact = @($result.Value | Where-Object { $_.startPort -eq $StartPort -and $_.numberOfPorts -eq $NumberOfPorts })
    @(ConvertTo-Reservation $exact), $null
}
