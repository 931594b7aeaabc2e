function Find-ListedBlock {
    # Finds exactly this block in the list, of any or the given kinds: returns the blocks found, and the host's error or $null.
    param($Cmdlet, [string[]]$Protocol, [int]$StartPort, [int]$NumberOfPorts, [string[]]$Kind)

    $ErrorActionPreference = 'Stop'
    $request = '"method":"reservation.list","params":{"partial":true,"protocols":["' + ($Protocol -join '","').ToLowerInvariant() + '"],"port":' + $StartPort
    if ($Kind) { $request += ',"kinds":["' + ($Kind -join '","').ToLowerInvariant() + '"]' }
    $answer = (Invoke-HostRequest $Cmdlet ([System.Collections.Generic.List[string]]@($request + '}')))[0]
    $result = $answer.PSObject.Properties['result']
    if ($null -eq $result) { return @(), $answer.error }
    Write-NotReadWarning $Cmdlet $result.Value.notRead
    $exact = @($result.Value.reservations | Where-Object { $_.startPort -eq $StartPort -and $_.numberOfPorts -eq $NumberOfPorts })
    @(ConvertTo-Reservation $exact), $null
}
