# Bind objects. The socket is in the host. The object has only its documented members; a record beside it has the socket's id and state.
# The connection keeps the records of open binds, and not the objects, so a socket whose object is lost can be closed by its port.

# The members State and Dispose, which may be used in any runspace. So they are detached from this module (Ast.GetScriptBlock, when the
# first bind is made): another runspace would wait for the module's own. They find the record in a table of the AppDomain. There is one
# for each host, because of two runspaces that made a common one at the same moment, one would lose its own.
$script:BindState = {
    $records = [System.AppDomain]::CurrentDomain.GetData("PortReservation.Binds.$($this.OwningProcess)")
    $record = $null
    # From another process, or of a host that has ended.
    if ($null -eq $records -or -not $records.TryGetValue($this, [ref]$record)) { return 'Closed' }
    # A host that has ended has closed its sockets, even if no cmdlet has noticed yet.
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
    # Makes the object of a bind from an answer. Target: what was piped in; if it is a reservation of this session, the bind refers to it,
    # otherwise to the host's description.
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
    # Both in one statement, because a stop comes between two.
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
    # Weak, so that the table keeps no unused object alive.
    if ($null -eq $table) { [System.AppDomain]::CurrentDomain.SetData($name, ($table = [System.Runtime.CompilerServices.ConditionalWeakTable[object, object]]::new())) }
    $table.Add($bind, $record)
    $script:Session['Binds'].Add($bind, $record)
    # The host may have been ended after it had bound this one.
    if ([object]::ReferenceEquals($Connection, $script:Session['Connection'])) { $Connection['Binds'][$record.Id] = $record } else { $record.State = 'Closed' }
    $bind
}

function Get-BindRecord {
    # The record of a bind of this session; nothing for any other object.
    param([object]$Bind)

    $record = $null
    if ($null -ne $Bind -and $script:Session['Binds'].TryGetValue($Bind, [ref]$record)) { $record }
}

function Test-OpenRecord {
    # Whether a socket is open. It is not if its host has ended, even if no cmdlet has noticed yet.
    param($Record)

    if ($Record.State -ne 'Closed' -and (-not [object]::ReferenceEquals($Record.Connection, $script:Session['Connection']) -or $Record.Process.HasExited)) {
        $Record.State = 'Closed'
    }
    $Record.State -ne 'Closed'
}

function Get-OpenBind {
    # The records of this session's open binds: those at one port, or all (LocalPort 0).
    param([string[]]$Protocol, [int]$LocalPort)

    if ($null -eq $script:Session['Connection']) { return }
    foreach ($record in @($script:Session['Connection'].Binds.Values)) {
        if (($LocalPort -eq 0 -or ($record.LocalPort -eq $LocalPort -and $record.Protocol -in $Protocol)) -and (Test-OpenRecord $record)) { $record }
    }
}

function Close-Record {
    # Closes those of these binds that are open, in few lines. A host that ends meanwhile has closed them too.
    param([object[]]$Record)

    $ErrorActionPreference = 'Stop'
    $open = @(foreach ($item in $Record) { if ($null -ne $item -and (Test-OpenRecord $item)) { $item } })
    # The host takes 1,000 requests in one batch.
    for ($first = 0; $first -lt $open.Count; $first += 500) {
        $part = $open[$first..([Math]::Min($first + 500, $open.Count) - 1)]
        $connection = $part[0].Connection
        $id = $connection['NextId']
        # Once the line is sent, the host closes them, whether its answer is read or not.
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
            # A stop that comes while a finally block runs ends that block, but not the finally block inside it: hence twice.
            try { . $mark } finally { . $mark }
        }
    }
}

function Write-Socket {
    # Opens the sockets of these binds in this process, and outputs them; if one fails, it writes an error and outputs none. The host's
    # sockets are always closed, and so are those that the pipeline does not take.
    param($Cmdlet, [object[]]$Binds, $Target)

    $ErrorActionPreference = 'Stop'
    $sockets = [System.Collections.Generic.List[System.Net.Sockets.Socket]]::new()
    $given = 0
    $inTry = Get-InTry
    try {
        try { $failure = Open-Socket $Binds $sockets } finally { Close-Record @(foreach ($bind in $Binds) { Get-BindRecord $bind }) }
        if ($failure -is [hashtable]) { Write-ReservationError $Cmdlet (New-HostError $failure $Target); return }
        if ($null -ne $failure) {
            $code = if ($failure -is [System.ComponentModel.Win32Exception]) { $failure.NativeErrorCode }
            $message = Get-Message SocketNotOpened @("$($Binds[$sockets.Count])", $failure.Message)
            Write-ReservationError $Cmdlet (New-ReservationError 'NativeError' $message (Get-Message SocketNotOpenedAdvice) $Target $code)
            return
        }
        Set-InTry $inTry
        $sockets | . { process { $sockets[$given++] } }
    } finally {
        for ($index = $given; $index -lt $sockets.Count; $index++) { $sockets[$index].Dispose() }
    }
}

function Open-Socket {
    # Opens each bind's socket in this process too (WSADuplicateSocketW in the host, WSASocketW here), and adds it to Sockets. Ends at the
    # first failure and returns it: the hashtable of the host's error, or an exception.
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
            # After a failure or Ctrl+C, Windows has duplicated the rest for this process too, even if the answer was not read yet. They
            # are opened only to be closed.
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
    # Opens the socket of a WSAPROTOCOL_INFOW (in base64) that was made for this process. It is opened and added to Sockets in one
    # statement, because a stop comes between two.
    param([System.Collections.Generic.List[System.Net.Sockets.Socket]]$Sockets, [string]$ProtocolInfo, [bool]$Listening)

    $information = [System.Net.Sockets.SocketInformation]::new()
    $information.ProtocolInformation = [System.Convert]::FromBase64String($ProtocolInfo)
    # .NET cannot see that the host has called listen, and would refuse Accept.
    if ($Listening) { $information.Options = [System.Net.Sockets.SocketInformationOptions]::Listening }
    $Sockets.Add([System.Net.Sockets.Socket]::new($information))
}
