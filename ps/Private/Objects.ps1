# What comes over the wire as PowerShell objects, and back.

$script:ProtocolNames = @{ tcp = 'Tcp'; udp = 'Udp' }
$script:KindNames = @{ persistent = 'Persistent'; runtime = 'Runtime'; exclusion = 'Exclusion'; system = 'System' }
$script:KindTypeNames = @{
    persistent = 'PortReservation.PersistentReservation'
    runtime    = 'PortReservation.RuntimeReservation'
    exclusion  = 'PortReservation.Exclusion'
    system     = 'PortReservation.SystemReservation'
}
$script:FamilyNames = @{ IPv4 = 'InterNetwork'; IPv6 = 'InterNetworkV6' }
$script:StateNames = @{ bound = 'Bound'; listening = 'Listening'; closed = 'Closed' }

function ConvertTo-Reservation {
    # Reservations of an answer as objects, in a loop: a call for each would cost more than the object.
    param([object[]]$Data)

    $known = $script:Session.Known
    foreach ($item in $Data) {
        $kind = $item.kind
        $start = [int]$item.startPort
        $reservation = [pscustomobject]@{
            PSTypeName    = $script:KindTypeNames[$kind]
            Protocol      = $script:ProtocolNames[$item.protocol]
            StartPort     = $start
            EndPort       = [int]$item.endPort
            NumberOfPorts = [int]$item.numberOfPorts
            Kind          = $script:KindNames[$kind]
            Token         = if ($null -ne $item.token) { [uint64]$item.token }
            AddressFamily = if ($null -ne $item.addressFamily) { $script:FamilyNames[$item.addressFamily] }
            OwningProcess = if ($null -ne $item.owningProcess) { [int]$item.owningProcess }
        }
        $reservation.PSObject.TypeNames.Insert(1, 'PortReservation.Reservation')
        $known[$start] = $reservation
        $reservation
    }
}

function New-Block {
    # What was asked for, as the target of an error.
    param([string[]]$Protocol, [int]$StartPort, [int]$NumberOfPorts, [string]$Kind)

    [pscustomobject]@{
        PSTypeName    = 'PortReservation.Block'
        Protocol      = $Protocol -join ', '
        StartPort     = if ($StartPort -gt 0) { $StartPort }
        EndPort       = if ($StartPort -gt 0) { $StartPort + $NumberOfPorts - 1 }
        NumberOfPorts = $NumberOfPorts
        Kind          = if ($Kind) { $Kind }
    }
}

function Resolve-Reservation {
    # The block of a reservation object: one of this module, or a row of a file with the same columns. Throws the text of
    # what is wrong with it. Live: the object is of this session, so its token is the token of today (rule P2).
    param([object]$InputObject)

    $ErrorActionPreference = 'Stop'
    $properties = $InputObject.PSObject.Properties
    $values = @{}
    foreach ($name in 'Protocol', 'StartPort', 'NumberOfPorts', 'Kind', 'Token', 'OwningProcess') {
        $property = $properties[$name]
        $values[$name] = if ($null -ne $property -and "$($property.Value)" -ne '') { $property.Value }
    }
    $start = 0
    $count = 0
    $owner = 0
    if (-not [int]::TryParse([string]$values.StartPort, [ref]$start) -or $start -lt 1 -or $start -gt 65535) {
        throw (Get-Message NotAReservation @('StartPort', '1..65535', $InputObject))
    }
    if (-not [int]::TryParse([string]$values.NumberOfPorts, [ref]$count) -or $count -lt 1 -or $count -gt 65535) {
        throw (Get-Message NotAReservation @('NumberOfPorts', '1..65535', $InputObject))
    }
    if ($values.Protocol -notin 'Tcp', 'Udp') { throw (Get-Message NotAReservation @('Protocol', 'Tcp, Udp', $InputObject)) }
    $kind = if ($null -ne $values.Kind) { $values.Kind } else { 'Persistent' }
    if ($kind -notin 'Persistent', 'Runtime', 'Exclusion', 'System') {
        throw (Get-Message NotAReservation @('Kind', 'Persistent, Runtime, Exclusion, System', $InputObject))
    }
    $null = [int]::TryParse([string]$values.OwningProcess, [ref]$owner)
    [pscustomobject]@{
        Protocol      = [string]$values.Protocol
        StartPort     = $start
        NumberOfPorts = $count
        Kind          = [string]$kind
        OwningProcess = $owner
        Token         = if ($values.Token -is [uint64] -and $InputObject.PSObject.TypeNames -contains 'PortReservation.Reservation') { $values.Token }
    }
}

function Test-HostGone {
    # A runtime reservation dies with its host (rule R3), and the same block may by now be another one of the next host.
    param([object]$Block)

    if ($Block.Kind -ne 'Runtime' -or $Block.OwningProcess -eq 0) { return $false }
    $connection = $script:Session.Connection
    $null -eq $connection -or $connection.ProcessId -ne $Block.OwningProcess
}

function Get-KnownStartPort {
    # Completes -StartPort from what this session has seen; it never starts the host, and never fails.
    param($CommandName, $ParameterName, $WordToComplete)

    $null = $CommandName, $ParameterName
    try {
        foreach ($start in @($script:Session.Known.Keys | Sort-Object)) {
            if (-not "$start".StartsWith($WordToComplete)) { continue }
            [System.Management.Automation.CompletionResult]::new("$start", "$start", 'ParameterValue', "$($script:Session.Known[$start])")
        }
    } catch {
        $null = $_
    }
}
