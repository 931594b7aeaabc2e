# Converts between the host's data and PowerShell objects.

$script:ProtocolNames = @{ tcp = 'Tcp'; udp = 'Udp' }
$script:KindNames = @{ persistent = 'Persistent'; runtime = 'Runtime'; exclusion = 'Exclusion'; system = 'System' }
$script:StoreNames = @{ persistent = 'Persistent'; active = 'Active' }
$script:KindTypeNames = @{
    persistent = 'PortReservation.PersistentReservation'
    runtime    = 'PortReservation.RuntimeReservation'
    exclusion  = 'PortReservation.Exclusion'
    system     = 'PortReservation.SystemReservation'
}
$script:FamilyNames = @{ IPv4 = 'InterNetwork'; IPv6 = 'InterNetworkV6' }
$script:StateNames = @{ bound = 'Bound'; listening = 'Listening'; closed = 'Closed' }

# One reservation object of each kind, to copy: copying takes a third of the time of creating one.
$script:ReservationTemplates = @{}
foreach ($kind in 'persistent', 'runtime', 'exclusion', 'system') {
    $script:ReservationTemplates[$kind] = [pscustomobject]@{
        PSTypeName = $script:KindTypeNames[$kind]
        Protocol = 'Tcp'; StartPort = 0; EndPort = 0; NumberOfPorts = 0; Kind = $script:KindNames[$kind]
        Token = $null; AddressFamily = $null; OwningProcess = $null
        # Whether it survives a restart. Every kind has it, because Export-Csv takes the columns of its first object.
        Store = 'Persistent'
    }
    $script:ReservationTemplates[$kind].PSObject.TypeNames.Insert(1, 'PortReservation.Reservation')
}

function ConvertFrom-ReservationMatch {
    # Reservations from a line that matched $script:ReservationAnswer.
    param($Match)

    $ErrorActionPreference = 'Stop'
    $known = $script:Session.Known
    $own = $script:Session.Reservations
    $groups = $Match.Groups
    $starts = $groups['start'].Captures
    $counts = $groups['count'].Captures
    $kinds = $groups['kind'].Captures
    $protocols = $groups['protocol'].Captures
    $tokens = $groups['token'].Captures
    $owners = $groups['owner'].Captures
    $stores = $groups['store'].Captures
    $total = $starts.Count
    # Only -IfNotExists asks for it.
    $created = $groups['created'].Captures
    $hasCreated = $created.Count -eq $total
    for ($index = 0; $index -lt $total; $index++) {
        $kind = $kinds[$index].Value
        $reservation = $script:ReservationTemplates[$kind].PSObject.Copy()
        $store = $stores[$index].Value
        if ($store -ne '"persistent"') { $reservation.Store = $script:StoreNames[$store.Trim('"')] }
        if ($protocols[$index].Value -eq 'udp') { $reservation.Protocol = 'Udp' }
        $reservation.StartPort = $start = [int]$starts[$index].Value
        $reservation.NumberOfPorts = $count = [int]$counts[$index].Value
        $reservation.EndPort = $start + $count - 1
        $token = $tokens[$index].Value
        if ($token -ne 'null') { $reservation.Token = [uint64]$token.Trim('"') }
        $owner = $owners[$index].Value
        if ($owner -ne 'null') {
            $reservation.OwningProcess = [int]$owner
            $reservation.AddressFamily = $script:FamilyNames[$groups['family'].Captures[$index].Value.Trim('"')]
        }
        if ($hasCreated) { $reservation.PSObject.Properties.Add([System.Management.Automation.PSNoteProperty]::new('Created', $created[$index].Value -eq 'true')) }
        $known[$start] = $reservation
        $own.Add($reservation, $null)
        $reservation
    }
}

function ConvertTo-Reservation {
    # Reservations from parsed JSON.
    param([object[]]$Data)

    $ErrorActionPreference = 'Stop'
    foreach ($item in $Data) {
        $reservation = $script:ReservationTemplates[$item.kind].PSObject.Copy()
        $reservation.Protocol = $script:ProtocolNames[$item.protocol]
        $reservation.StartPort = [int]$item.startPort
        $reservation.EndPort = [int]$item.endPort
        $reservation.NumberOfPorts = [int]$item.numberOfPorts
        # Not from an if without an else: that would be no $null, but PowerShell's empty result.
        $reservation.Store = if ($null -ne $item.store) { $script:StoreNames[$item.store] } else { $null }
        if ($null -ne $item.token) { $reservation.Token = [uint64]$item.token }
        if ($null -ne $item.addressFamily) { $reservation.AddressFamily = $script:FamilyNames[$item.addressFamily] }
        if ($null -ne $item.owningProcess) { $reservation.OwningProcess = [int]$item.owningProcess }
        if ($item.PSObject.Properties['created']) { $reservation.PSObject.Properties.Add([System.Management.Automation.PSNoteProperty]::new('Created', [bool]$item.created)) }
        $script:Session.Known[$reservation.StartPort] = $reservation
        $script:Session.Reservations.Add($reservation, $null)
        $reservation
    }
}

function New-Block {
    # The requested block, as the target of an error.
    param([string[]]$Protocol, [int]$StartPort, [int]$NumberOfPorts, [string]$Kind)

    [pscustomobject]@{
        PSTypeName    = 'PortReservation.Block'
        Protocol      = $Protocol -join ', '
        StartPort     = if ($StartPort -gt 0) { $StartPort } else { $null }
        EndPort       = if ($StartPort -gt 0) { $StartPort + $NumberOfPorts - 1 } else { $null }
        NumberOfPorts = $NumberOfPorts
        Kind          = if ($Kind) { $Kind } else { $null }
    }
}

function Select-Protocol {
    # Each protocol once, in its normal case, in the given order.
    param([string[]]$Protocol)

    $seen = @{}
    foreach ($name in $Protocol) {
        if ($seen.ContainsKey($name)) { continue }
        $seen[$name] = $true
        $script:ProtocolNames[$name]
    }
}

function Get-CreateFault {
    # Returns why a block cannot be created, and the advice: two texts, or nothing if it can be tried.
    param([string]$Kind, [int]$StartPort, [int]$NumberOfPorts, [string]$AddressFamily, [string]$Store, [int]$From, [bool]$IfNotExists)

    if ($Kind -eq 'System') {
        Get-Message KindNotCreated @($Kind)
        Get-Message KindNotCreatedAdvice
    } elseif ($Kind -ne 'Runtime' -and $AddressFamily) {
        Get-Message AddressFamilyIsForRuntime
        Get-Message AddressFamilyAdvice
    } elseif (Test-OtherStore $Kind $Store) {
        Get-Message StoreIsForExclusions @($Kind)
        Get-Message StoreAdvice
    } elseif ($StartPort + $NumberOfPorts -gt 65536) {
        Get-Message PastLastPort @($StartPort, $NumberOfPorts, ($StartPort + $NumberOfPorts - 1))
        Get-Message InvalidParameterAdvice
    } elseif ($From -gt 0 -and ($StartPort -gt 0 -or $Kind -eq 'Runtime')) {
        Get-Message FromIsForSearch
        Get-Message FromAdvice
    } elseif ($IfNotExists -and $StartPort -eq 0 -and $Kind -ne 'Runtime') {
        Get-Message IfNotExistsNeedsStartPort
        Get-Message IfNotExistsAdvice
    }
}

function Test-OtherStore {
    # Whether a store was given that a reservation of this kind never has. Its own is accepted: its object has it too.
    param([string]$Kind, [string]$Store)

    ($Kind -eq 'Persistent' -and $Store -eq 'Active') -or ($Kind -eq 'Runtime' -and $Store -eq 'Persistent')
}

function Get-BlockFault {
    # Returns an error if a block cannot be removed or bound from; nothing if it can be tried.
    param([object]$Block, [object]$Target, [string]$KindMessage)

    $start = $Block.StartPort
    $count = $Block.NumberOfPorts
    # An exclusion can be removed, but has no token.
    if ($Block.Kind -eq 'System' -or ($Block.Kind -eq 'Exclusion' -and $KindMessage -eq 'KindNotBound')) {
        New-ReservationError 'InvalidParameter' (Get-Message $KindMessage @($Block.Kind)) (Get-Message "${KindMessage}Advice") $Target
    } elseif ($start + $count -gt 65536) {
        New-ReservationError 'InvalidParameter' (Get-Message PastLastPort @($start, $count, ($start + $count - 1))) (Get-Message InvalidParameterAdvice) $Target
    } elseif (Test-HostGone $Block) {
        New-ReservationError 'TokenNotValid' (Get-Message ReservationGone @("$Target", $Block.OwningProcess)) (Get-Message ReservationGoneAdvice) $Target
    }
}

function Test-HostGone {
    # A runtime reservation ends with its host (rule R3); the next host may have reserved the same block again.
    param([object]$Block)

    if ($Block.Kind -ne 'Runtime' -or -not $Block.OwningProcess) { return $false }
    $connection = $script:Session.Connection
    $null -eq $connection -or $connection.ProcessId -ne $Block.OwningProcess
}

function Get-KnownStartPort {
    # Completes -StartPort from the reservations this session has seen. Never starts the host, and never fails.
    param($CommandName, $ParameterName, $WordToComplete)

    $null = $CommandName, $ParameterName
    try {
        $starts = [int[]]@($script:Session.Known.Keys)
        [array]::Sort($starts)
        foreach ($start in $starts) {
            if (-not "$start".StartsWith($WordToComplete)) { continue }
            [System.Management.Automation.CompletionResult]::new("$start", "$start", 'ParameterValue', "$($script:Session.Known[$start])")
        }
    } catch {
        $null = $_
    }
}
