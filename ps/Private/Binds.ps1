# Bind objects. The host holds the socket. A record in a weak table maps the object to its number there, so that the object
# has only its documented properties. The connection keeps the records of open binds, not the objects: a socket whose
# object is lost can be closed by its port.

# These run in this module, whoever reads the property.
$script:BindState = [psscriptproperty]::new('State', { Get-BindState $this })
$script:BindDispose = [psscriptmethod]::new('Dispose', { Close-Bind $this })

function ConvertTo-Bind {
    # Converts the binds of an answer. Reservation: the object the request was made with, otherwise the one the host looked up.
    param([object[]]$Data, [object]$Reservation)

    $ErrorActionPreference = 'Stop'
    $connection = $script:Session.Connection
    foreach ($item in $Data) {
        if ($null -eq $Reservation -and $null -ne $item.reservation) { $Reservation = ConvertTo-Reservation $item.reservation }
        $bind = [pscustomobject]@{
            PSTypeName    = 'PortReservation.AssociatedBind'
            Protocol      = $script:ProtocolNames[$item.protocol]
            AddressFamily = $script:FamilyNames[$item.addressFamily]
            LocalAddress  = [string]$item.localAddress
            LocalPort     = [int]$item.localPort
            LocalEndPoint = [System.Net.IPEndPoint]::new([System.Net.IPAddress]::Parse($item.localAddress), [int]$item.localPort)
            Reservation   = $Reservation
            OwningProcess = [int]$item.owningProcess
        }
        $bind.PSObject.Members.Add($script:BindState)
        $bind.PSObject.Members.Add($script:BindDispose)
        $record = [pscustomobject]@{
            Id = $item.id; Connection = $connection; State = $script:StateNames[$item.state]; Protocol = $bind.Protocol; LocalPort = $bind.LocalPort
        }
        $script:Session.Binds.Add($bind, $record)
        # No connection: the host was asked to end after it had bound this one.
        if ($null -ne $connection) { $connection.Binds[$record.Id] = $record } else { $record.State = 'Closed' }
        $bind
    }
}

function Write-BindAnswer {
    # Outputs the binds and errors of a batch. Binds that the pipeline no longer takes (Select-Object -First) are closed,
    # because nothing else could close them.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [object[]]$Answers, [object[]]$Targets)

    $ErrorActionPreference = 'Stop'
    $outcomes = for ($index = 0; $index -lt $Answers.Count; $index++) {
        $target = $Targets[$index]
        $result = $Answers[$index].PSObject.Properties['result']
        if ($null -eq $result) { [pscustomobject]@{ Failure = $Answers[$index].error; Target = $target; Binds = @() } }
        else {
            $reservation = if (Test-OwnReservation $target) { $target }
            [pscustomobject]@{ Failure = $null; Target = $target; Binds = @(ConvertTo-Bind $result.Value $reservation) }
        }
    }
    $all = @(foreach ($outcome in $outcomes) { $outcome.Binds })
    $given = 0
    try {
        foreach ($outcome in $outcomes) {
            if ($null -ne $outcome.Failure) { Write-HostError $Cmdlet $outcome.Failure $outcome.Target }
            foreach ($bind in $outcome.Binds) {
                $given++
                $bind
            }
        }
    } finally {
        if ($given -lt $all.Count) { Close-Bind $all[$given..($all.Count - 1)] }
    }
}

function Get-BindRecord {
    # $null if this is not a bind of this session.
    param([object]$Bind)

    $record = $null
    if ($null -ne $Bind -and $script:Session.Binds.TryGetValue($Bind, [ref]$record)) { $record }
}

function Get-BindState {
    param([object]$Bind)

    $record = Get-BindRecord $Bind
    if ($null -eq $record) { 'Closed' } else { Get-RecordState $record }
}

function Get-RecordState {
    # Also Closed if the host has ended, noticed or not: its sockets ended with it.
    param([object]$Record)

    if ($Record.State -ne 'Closed' -and (-not [object]::ReferenceEquals($Record.Connection, $script:Session.Connection) -or
            $Record.Connection.Process.HasExited)) {
        $Record.State = 'Closed'
    }
    $Record.State
}

function Get-OpenBind {
    # The records of this session's open binds, for one port or all.
    param([string[]]$Protocol, [int]$LocalPort)

    if ($null -eq $script:Session.Connection) { return }
    foreach ($record in @($script:Session.Connection.Binds.Values)) {
        if ((Get-RecordState $record) -eq 'Closed') { continue }
        if ($LocalPort -eq 0 -or ($record.LocalPort -eq $LocalPort -and $record.Protocol -in $Protocol)) { $record }
    }
}

function Close-Bind {
    param([object[]]$Bind)

    Close-BindRecord @(foreach ($item in $Bind) { Get-BindRecord $item })
}

function Close-BindRecord {
    # Closes the open ones of these binds in one batch. A host that dies meanwhile has closed them too.
    param([object[]]$Record)

    $ErrorActionPreference = 'Stop'
    $open = [System.Collections.Generic.List[object]]::new()
    $requests = [System.Collections.Generic.List[string]]::new()
    foreach ($item in $Record) {
        if ((Get-RecordState $item) -eq 'Closed') { continue }
        $open.Add($item)
        $requests.Add('"method":"bind.close","params":{"id":' + $item.Id + '}')
    }
    # The host takes 1,000 requests in one batch.
    for ($first = 0; $first -lt $open.Count; $first += 500) {
        $count = [Math]::Min(500, $open.Count - $first)
        $null = Invoke-HostRequest $null $requests.GetRange($first, $count)
        foreach ($item in $open.GetRange($first, $count)) {
            $item.State = 'Closed'
            $null = $item.Connection.Binds.Remove($item.Id)
        }
    }
}
