# Blocks that were asked for, as targets of errors, and blocks that were seen, for argument completion.

function New-Block {
    # A block that was asked for, as the target of an error.
    param([string[]]$Protocol, [int]$StartPort, [int]$NumberOfPorts, [string[]]$Kind)

    if (-not $Protocol) { $Protocol = 'Tcp' }
    if ($NumberOfPorts -eq 0) { $NumberOfPorts = 1 }
    $block = [pscustomobject]@{
        PSTypeName    = 'PortReservation.Block'
        Protocol      = @('Tcp', 'Udp') -match ($Protocol -join '|') -join ', '
        StartPort     = if ($StartPort -gt 0) { $StartPort } else { $null }
        EndPort       = if ($StartPort -gt 0) { $StartPort + $NumberOfPorts - 1 } else { $null }
        NumberOfPorts = $NumberOfPorts
        Kind          = if ($Kind) { "$Kind" }
    }
    Add-Text $block 'PortReservation.Block'
    $block
}

function Get-KnownStartPort {
    # Completes -StartPort by the reservations that this session has seen. It never starts the host, and never throws.
    param($CommandName, $ParameterName, $WordToComplete)

    $null = $CommandName, $ParameterName
    try {
        $starts = [int[]]@($script:Session['Known'].Keys)
        [array]::Sort($starts)
        foreach ($start in $starts) {
            if (-not "$start".StartsWith($WordToComplete)) { continue }
            [System.Management.Automation.CompletionResult]::new("$start", "$start", 'ParameterValue', "$($script:Session['Known'][$start])")
        }
    } catch {
        Hide-Failure $_
    }
}
