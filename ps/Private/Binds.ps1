# Bind objects. The host holds the socket. A record says which it is and how it is; the objects have only their documented
# members. The connection keeps the records of open binds, not the objects: a socket whose object is lost is closed by its port.

# The members of the objects, which may be read in any runspace: without the session of this module, which another runspace would
# wait for. The first bind makes members of these. Each host has its own records: two runspaces that made one table at the same moment
# would lose that of the other.
$script:BindState = {
    $records = [System.AppDomain]::CurrentDomain.GetData("PortReservation.Binds.$($this.OwningProcess)")
    $record = $null
    # Not one of this process, or one of an ended host.
    if ($null -eq $records -or -not $records.TryGetValue($this, [ref]$record)) { return 'Closed' }
    # A host that has ended has closed it, whether anybody has noticed or not.
    try { if ($record.State -ne 'Closed' -and $record.Process.HasExited) { $record.State = 'Closed' } } catch { $record.State = 'Closed' }
    $record.State
}
$script:BindDispose = {
    $records = [System.AppDomain]::CurrentDomain.GetData("PortReservation.Binds.$($this.OwningProcess)")
    $record = $null
    if ($null -eq $records -or -not $records.TryGetValue($this, [ref]$record) -or $this.State -eq 'Closed') { return }
    if ([runspace]::DefaultRunspace.InstanceId -ne $record.Runspace) {
        throw [System.Management.Automation.ErrorRecord]::new([System.InvalidOperationException]::new($record.Foreign), 'InvalidParameter', 'InvalidArgument', $this)
    }
    & $record.Close $this
}

function ConvertTo-Bind {
    # The object of a bind of an answer. Target: the reservation of the request, if the session made it; otherwise the host's.
    param($Connection, $Data, $Target)

    $reservation = if (Test-OwnReservation $Target) { $Target } else { $Data.Reservation }
    $bind = [pscustomobject]@{
        PSTypeName    = 'PortReservation.AssociatedBind'
        Protocol      = $Data.Protocol
        AddressFamily = $Data.AddressFamily
        LocalAddress  = $Data.LocalAddress
        LocalPort     = $Data.LocalPort
        LocalEndPoint = [System.Net.IPEndPoint]::new([System.Net.IPAddress]::Parse($Data.LocalAddress), $Data.LocalPort)
        Reservation   = $reservation
        OwningProcess = $Data.OwningProcess
    }
    # In one statement: a stop comes between two.
    if ($script:BindState -is [scriptblock]) {
        $script:BindState, $script:BindDispose = [psscriptproperty]::new('State', $script:BindState.Ast.GetScriptBlock()), [psscriptmethod]::new('Dispose', $script:BindDispose.Ast.GetScriptBlock())
    }
    $bind.PSObject.Members.Add($script:BindState)
    $bind.PSObject.Members.Add($script:BindDispose)
    Add-Text $bind 'PortReservation.AssociatedBind'
    $record = [pscustomobject]@{
        Id = $Data.Id; Connection = $Connection; Process = $Connection['Process']; State = $Data.State; Protocol = $bind.Protocol; LocalPort = $bind.LocalPort
        Runspace = [runspace]::DefaultRunspace.InstanceId; Close = { param($Bind) Close-Record (Get-BindRecord $Bind) }; Foreign = Get-Message NotABind @("$($bind.Protocol) $($bind.LocalEndPoint)")
    }
    $name = "PortReservation.Binds.$($bind.OwningProcess)"
    $table = [System.AppDomain]::CurrentDomain.GetData($name)
    # Weak, so that it does not keep unused objects alive.
    if ($null -eq $table) { [System.AppDomain]::CurrentDomain.SetData($name, ($table = [System.Runtime.CompilerServices.ConditionalWeakTable[object, object]]::new())) }
    $table.Add($bind, $record)
    $script:Session['Binds'].Add($bind, $record)
    # The host was asked to end after it had bound this one.
    if ([object]::ReferenceEquals($Connection, $script:Session['Connection'])) { $Connection['Binds'][$record.Id] = $record } else { $record.State = 'Closed' }
    $bind
}

function Get-BindRecord {
    # $null if this is not a bind of this session.
    param([object]$Bind)

    $record = $null
    if ($null -ne $Bind -and $script:Session['Binds'].TryGetValue($Bind, [ref]$record)) { $record }
}

function Test-OpenRecord {
    # Whether a socket is open; not if the host has ended, noticed or not.
    param($Record)

    if ($Record.State -ne 'Closed' -and (-not [object]::ReferenceEquals($Record.Connection, $script:Session['Connection']) -or $Record.Process.HasExited)) {
        $Record.State = 'Closed'
    }
    $Record.State -ne 'Closed'
}

function Get-OpenBind {
    # The records of this session's open binds, for one port or all.
    param([string[]]$Protocol, [int]$LocalPort)

    if ($null -eq $script:Session['Connection']) { return }
    foreach ($record in @($script:Session['Connection'].Binds.Values)) {
        if (($LocalPort -eq 0 -or ($record.LocalPort -eq $LocalPort -and $record.Protocol -in $Protocol)) -and (Test-OpenRecord $record)) { $record }
    }
}

function Close-Record {
    # Closes the open ones of these binds, in few batches. A host that dies meanwhile has closed them too.
    param([object[]]$Record)

    $ErrorActionPreference = 'Stop'
    $open = @(foreach ($item in $Record) { if ($null -ne $item -and (Test-OpenRecord $item)) { $item } })
    # The host takes 1,000 requests in one batch.
    for ($first = 0; $first -lt $open.Count; $first += 500) {
        $part = $open[$first..([Math]::Min($first + 500, $open.Count) - 1)]
        $connection = $part[0].Connection
        $id = $connection['NextId']
        # The host closes them once it has got the line.
        $mark = {
            if ($connection['NextId'] -gt $id -and $null -ne $connection['Writing']) {
                foreach ($item in $part) {
                    $item.State = 'Closed'
                    $null = $connection['Binds'].Remove($item.Id)
                }
            }
        }
        try {
            $null = Invoke-Request $connection @(foreach ($item in $part) { '"method":"bind.close","params":{"id":' + (ConvertTo-RequestValue $item.Id) + '}' })
        } finally {
            # Also after a stop. One that comes within a finally block ends it, but not the one within it.
            try { . $mark } finally { . $mark }
        }
    }
}

function Write-Socket {
    # Takes over the sockets of binds and outputs them; if one fails, writes an error and outputs none. The host's copies are
    # always closed, and so are sockets that the pipeline no longer takes.
    param($Cmdlet, [object[]]$Binds, $Target)

    $ErrorActionPreference = 'Stop'
    $sockets = [System.Collections.Generic.List[System.Net.Sockets.Socket]]::new()
    $given = 0
    try {
        try { $failure = Open-Socket $Binds $sockets } finally { Close-Record @(foreach ($bind in $Binds) { Get-BindRecord $bind }) }
        if ($failure -is [hashtable]) { Write-ReservationError $Cmdlet (New-HostError $failure $Target); return }
        if ($null -ne $failure) {
            $code = if ($failure -is [System.ComponentModel.Win32Exception]) { $failure.NativeErrorCode }
            $message = Get-Message SocketNotOpened @("$($Binds[$sockets.Count])", $failure.Message)
            Write-ReservationError $Cmdlet (New-ReservationError 'NativeError' $message (Get-Message SocketNotOpenedAdvice) $Target $code)
            return
        }
        $sockets | . { process { try { $Cmdlet.WriteObject($sockets[$given++]) } catch [System.Management.Automation.MethodInvocationException] { Resume-Failure $_ } } }
    } finally {
        for ($index = $given; $index -lt $sockets.Count; $index++) { $sockets[$index].Dispose() }
    }
}

function Open-Socket {
    # Opens each bind's socket in this process too (WSADuplicateSocketW there, WSASocketW here), and adds it to the list. Stops at
    # the first failure and returns it: the hashtable of the host's error, or an exception.
    param([object[]]$Binds, [System.Collections.Generic.List[System.Net.Sockets.Socket]]$Sockets)

    $ErrorActionPreference = 'Stop'
    for ($first = 0; $first -lt $Binds.Count; $first += 500) {
        $part = $Binds[$first..([Math]::Min($first + 500, $Binds.Count) - 1)]
        $connection = (Get-BindRecord $part[0]).Connection
        $id = $connection['NextId']
        $before = $Sockets.Count
        $answers = $null
        try {
            $answers = @(Invoke-Request $connection @(foreach ($bind in $part) {
                        '"method":"bind.duplicate","params":{"id":' + (ConvertTo-RequestValue (Get-BindRecord $bind).Id) + ',"processId":' + $PID + '}'
                    }))
            if ($answers.Count -eq 0) { return New-LostFailure $connection 'HostEnded' }
            for ($index = 0; $index -lt $part.Count; $index++) {
                if ($answers[$index] -is [hashtable]) { return $answers[$index] }
                try {
                    Add-Socket $Sockets $answers[$index].protocolInfo ((Get-BindRecord $part[$index]).State -eq 'Listening')
                } catch {
                    Hide-Failure $_
                    return $_.Exception.GetBaseException()
                }
            }
        } finally {
            # After a failure or Ctrl+C: Windows has opened the others for this process too, also where their answer was not read yet.
            if ($null -eq $answers) { $answers = @(Read-InterruptedAnswer $connection $id $part.Count) }
            for ($index = $Sockets.Count - $before; $index -lt $answers.Count; $index++) {
                if ($answers[$index] -is [hashtable]) { continue }
                $unused = [System.Collections.Generic.List[System.Net.Sockets.Socket]]::new()
                try { Add-Socket $unused $answers[$index].protocolInfo $false; $unused[0].Dispose() } catch { Hide-Failure $_ }
            }
        }
    }
}

function Add-Socket {
    # Opens the socket of a WSAPROTOCOL_INFOW that was made for this process, given in base64, and adds it in the same statement: a
    # stop comes between two.
    param([System.Collections.Generic.List[System.Net.Sockets.Socket]]$Sockets, [string]$ProtocolInfo, [bool]$Listening)

    $information = [System.Net.Sockets.SocketInformation]::new()
    $information.ProtocolInformation = [System.Convert]::FromBase64String($ProtocolInfo)
    # .NET cannot detect that listen was called, and otherwise refuses Accept.
    if ($Listening) { $information.Options = [System.Net.Sockets.SocketInformationOptions]::Listening }
    $Sockets.Add([System.Net.Sockets.Socket]::new($information))
}
