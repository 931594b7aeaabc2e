# The DSC resource PortReservationList, for Windows PowerShell 5.1, PowerShell 7 and Ansible's win_dsc. A class in the module would
# be compiled at every import of it; this file is loaded only when DSC asks.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'

# By its path: an elevated process must not load a module of this name from elsewhere.
if ($null -eq (Get-Module -Name PortReservation)) {
    Import-Module -Name ([System.Management.Automation.WildcardPattern]::Escape([System.IO.Path]::GetFullPath([System.IO.Path]::Combine($PSScriptRoot, '..', '..', 'PortReservation.psd1')))) -Verbose:$false
}

function Invoke-Sync {
    # What Sync-PortReservation says of the list. WhatIf: changes nothing.
    param([hashtable]$Properties, [bool]$WhatIf)

    $options = @{ WhatIf = $WhatIf; Confirm = $false }
    foreach ($name in 'Purge', 'Within', 'RestartWinNat') { if ($Properties.ContainsKey($name)) { $options[$name] = $Properties[$name] } }
    $hasPath = -not [string]::IsNullOrEmpty($Properties['Path'])
    if ($hasPath -eq ($null -ne $Properties['Blocks'])) { throw "PortReservationList '$($Properties.Name)' needs either Path or Blocks." }
    if ($hasPath) { Sync-PortReservation -Path $Properties.Path @options } else { $Properties.Blocks | Sync-PortReservation @options }
}

function Get-TargetResource {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory)] [string]$Name,
        [string]$Path,
        [object[]]$Blocks,
        [bool]$Purge,
        [string[]]$Within,
        [bool]$RestartWinNat
    )

    $null = $Path, $Blocks, $Purge, $Within, $RestartWinNat
    $changes = @(Invoke-Sync $PSBoundParameters $true 6>$null)
    $PSBoundParameters + @{ Changes = [string[]]@(foreach ($change in $changes) { "$($change.Change): $change" }) }
}

function Test-TargetResource {
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory)] [string]$Name,
        [string]$Path,
        [object[]]$Blocks,
        [bool]$Purge,
        [string[]]$Within,
        [bool]$RestartWinNat
    )

    $null = $Path, $Blocks, $Purge, $Within, $RestartWinNat
    @(Invoke-Sync $PSBoundParameters $true 6>$null | Where-Object { $_.Change -ne 'None' }).Count -eq 0
}

function Set-TargetResource {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory)] [string]$Name,
        [string]$Path,
        [object[]]$Blocks,
        [bool]$Purge,
        [string[]]$Within,
        [bool]$RestartWinNat
    )

    $null = $Path, $Blocks, $Purge, $Within, $RestartWinNat
    foreach ($change in Invoke-Sync $PSBoundParameters ([bool]$WhatIfPreference)) { Write-Verbose "$($change.Change): $change $($change.Reason)" }
}

Export-ModuleMember -Function Get-TargetResource, Test-TargetResource, Set-TargetResource
