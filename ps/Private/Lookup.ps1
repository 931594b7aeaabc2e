# Looks up exactly one block.

function Get-ExactBlock {
    # Outputs exactly this block, in each protocol, or writes an error. EachProtocol: whether it must be there in every one.
    param($Cmdlet, [string[]]$Protocol, [int]$StartPort, [int]$NumberOfPorts, [string[]]$Kind, [bool]$EachProtocol)

    $target = New-Block $Protocol $StartPort $NumberOfPorts "$Kind"
    if ($StartPort + $NumberOfPorts -gt 65536) {
        $message = Get-Message PastLastPort @($StartPort, $NumberOfPorts, ($StartPort + $NumberOfPorts - 1))
        Write-ReservationError $Cmdlet (New-ReservationError 'InvalidParameter' $message (Get-Message InvalidParameterAdvice) $target)
        return
    }
    # Windows looks up only persistent reservations, after the host's runtime ones; other kinds are found in the list.
    if ($Kind -and ($Kind -contains 'Exclusion' -or $Kind -contains 'System' -or $Kind -notcontains 'Persistent')) {
        $found, $failure = Find-ListedBlock $Cmdlet $Protocol $StartPort $NumberOfPorts $Kind
        if ($null -ne $failure) { Write-HostError $Cmdlet $failure $target }
        elseif ($found.Count -gt 0) { $found }
        else {
            $message = Get-Message BlockNotFound @("$target")
            Write-ReservationError $Cmdlet (New-ReservationError 'ReservationNotFound' $message (Get-Message BlockNotFoundAdvice) $target)
        }
        return
    }

    $ownKind = if ($Kind -and $Kind.Count -eq 1) { '"kind":"' + $Kind[0].ToLowerInvariant() + '",' }
    $requests = [System.Collections.Generic.List[string]]::new()
    foreach ($name in $Protocol) {
        $requests.Add('"method":"reservation.get","params":{' + $ownKind + '"protocol":"' + $name.ToLowerInvariant() +
            '","startPort":' + $StartPort + ',"numberOfPorts":' + $NumberOfPorts + '}')
    }
    $answers = Invoke-HostRequest $Cmdlet $requests $script:DefaultTimeout $script:ReservationAnswer
    if ($answers -is [System.Text.RegularExpressions.Match]) {
        ConvertFrom-ReservationMatch $answers
        return
    }
    $any = $false
    # Protocol -> the error for its missing reservation.
    $missing = [ordered]@{}
    for ($index = 0; $index -lt $Protocol.Count; $index++) {
        $answer = $answers[$index]
        if ($answer.PSObject.Properties['result']) {
            $any = $true
            ConvertTo-Reservation $answer.result
        } elseif ($answer.error.PSObject.Properties['data'] -and $answer.error.data.reason -eq 'ReservationNotFound') {
            $missing[$Protocol[$index]] = $answer.error
        } else {
            Write-HostError $Cmdlet $answer.error (New-Block $Protocol[$index] $StartPort $NumberOfPorts "$Kind")
        }
    }
    # An exclusion or another program's block has no token to look up.
    if ($missing.Count -gt 0 -and -not $Kind) {
        $found, $failure = Find-ListedBlock $Cmdlet @($missing.Keys) $StartPort $NumberOfPorts
        if ($null -ne $failure) { Write-HostError $Cmdlet $failure $target }
        foreach ($reservation in $found) {
            $any = $true
            $missing.Remove($reservation.Protocol)
            $reservation
        }
    }
    $unfound = @(
        if ($EachProtocol) { $missing.Keys }
        elseif (-not $any -and $missing.Count -gt 0) { , $Protocol }
    )
    foreach ($name in $unfound) {
        $target = New-Block $name $StartPort $NumberOfPorts "$Kind"
        $failure = if ($name -is [string]) { $missing[$name] } else { $missing[0] }
        # The error of Windows mentions only persistent reservations, but more was searched.
        if ($ownKind) { Write-HostError $Cmdlet $failure $target; continue }
        $message = Get-Message BlockNotFound @("$target")
        Write-ReservationError $Cmdlet (New-ReservationError 'ReservationNotFound' $message (Get-Message BlockNotFoundAdvice) $target $failure.data.nativeCode $failure.data.nativeName)
    }
}

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
