function Write-Socket {
    # Takes over the sockets of the binds of one request and outputs them; if one fails, writes an error and outputs none.
    # The host's copies are always closed, and so are sockets that the pipeline no longer takes.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [object[]]$Binds, [object]$Target)

    $ErrorActionPreference = 'Stop'
    $sockets = [System.Collections.Generic.List[System.Net.Sockets.Socket]]::new()
    $given = 0
    try {
        try {
            $failure = Open-Socket $Binds $sockets
        } finally {
            Close-Bind $Binds
        }
        if ($null -ne $failure) {
            if ($null -ne $failure.PSObject.Properties['data']) { Write-HostError $Cmdlet $failure $Target }
            else {
                $message = Get-Message SocketNotOpened @("$($Binds[$sockets.Count])", $failure.message)
                Write-ReservationError $Cmdlet (New-ReservationError 'NativeError' $message (Get-Message SocketNotOpenedAdvice) $Target $failure.code)
            }
            return
        }
        foreach ($socket in $sockets) {
            $given++
            $socket
        }
    } finally {
        for ($index = $given; $index -lt $sockets.Count; $index++) { $sockets[$index].Dispose() }
    }
}

function Open-Socket {
    # Opens each bind's socket in this process too (WSADuplicateSocketW there, WSASocketW here), and adds it to the list.
    # Stops at the first failure and returns it.
    param([object[]]$Binds, [System.Collections.Generic.List[System.Net.Sockets.Socket]]$Sockets)

    $ErrorActionPreference = 'Stop'
    # The host takes 1,000 requests in one batch.
    $batch = 500
    for ($first = 0; $first -lt $Binds.Count; $first += $batch) {
        $part = $Binds[$first..([Math]::Min($first + $batch, $Binds.Count) - 1)]
        $requests = [System.Collections.Generic.List[string]]::new()
        foreach ($bind in $part) {
            $requests.Add('"method":"bind.duplicate","params":{"id":' + (Get-BindRecord $bind).Id + ',"processId":' + $PID + '}')
        }
        $answers = Invoke-HostRequest $null $requests
        $index = 0
        try {
            for (; $index -lt $part.Count; $index++) {
                $result = $answers[$index].PSObject.Properties['result']
                if ($null -eq $result) { return $answers[$index].error }
                try {
                    $Sockets.Add((ConvertTo-Socket $result.Value.protocolInfo ((Get-BindRecord $part[$index]).State -eq 'Listening')))
                } catch {
                    $cause = $_.Exception.GetBaseException()
                    $code = if ($cause -is [System.ComponentModel.Win32Exception]) { $cause.NativeErrorCode }
                    return [pscustomobject]@{ message = $cause.Message; code = $code }
                }
            }
        } finally {
            # After a failure or Ctrl+C: Windows has already opened the others for this process.
            for ($index++; $index -lt $part.Count; $index++) {
                $result = $answers[$index].PSObject.Properties['result']
                if ($null -ne $result) { try { (ConvertTo-Socket $result.Value.protocolInfo $false).Dispose() } catch { $null = $_ } }
            }
        }
    }
}

function ConvertTo-Socket {
    # Opens the socket of a WSAPROTOCOL_INFOW that was made for this process, given in base64.
    param([string]$ProtocolInfo, [bool]$Listening)

    $information = [System.Net.Sockets.SocketInformation]::new()
    $information.ProtocolInformation = [System.Convert]::FromBase64String($ProtocolInfo)
    # .NET cannot detect that listen was called, and otherwise refuses Accept.
    if ($Listening) { $information.Options = [System.Net.Sockets.SocketInformationOptions]::Listening }
    [System.Net.Sockets.Socket]::new($information)
}
