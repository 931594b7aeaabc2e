# Which blocks can be made, removed and bound from, as far as it can be said without the host.

function Select-Protocol {
    # Each protocol once, in its normal case, in the given order.
    param([string[]]$Protocol)

    $seen = @{}
    foreach ($name in $Protocol) {
        if ($seen.ContainsKey($name)) { continue }
        $seen[$name] = $true
        if ($name -eq 'Udp') { 'Udp' } else { 'Tcp' }
    }
}

function Write-FoundBlock {
    # Outputs what was found of a block, and an error for what was not. Each: whether it must be there in every protocol.
    param($Cmdlet, $Found, $Target, [bool]$Each)

    Write-NotReadWarning $Cmdlet $Found.NotRead
    $Found.Items
    if (-not $Each -and $Found.Items.Count -gt 0) { return }
    foreach ($missing in $Found.Missing) {
        $block = if ($Each) { New-Block $missing.Protocol $Target.StartPort $Target.NumberOfPorts $Target.Kind } else { $Target }
        # The error of Windows mentions only persistent reservations: where more was searched, it is this module's.
        $own = $Target.Kind -in 'Persistent', 'Runtime' -and $missing.Message
        $message = if ($own) { $missing.Message } else { Get-Message BlockNotFound @("$block") }
        $advice = if ($own) { $missing.Advice } else { Get-Message BlockNotFoundAdvice }
        Write-ReservationError $Cmdlet (New-ReservationError 'ReservationNotFound' $message $advice $block $missing.NativeCode $missing.NativeName)
        if (-not $Each) { return }
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
