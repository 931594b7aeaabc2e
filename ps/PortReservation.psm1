# The module: takes the options of Import-Module -ArgumentList, loads the functions, and ends the host on removal.
# Importing starts no process: the first cmdlet that needs the host starts it.
param([hashtable]$Options = @{})

Set-StrictMode -Version 3.0
# Only while loading (removed below): it would also hold in the cmdlets, where one bad object of a pipeline would end the caller's script.
$ErrorActionPreference = 'Stop'

# Otherwise the first .NET call would fail with an unclear error. In English, because no file of messages can be read in such a mode. In
# ConstrainedLanguage, PowerShell usually refuses this file earlier, because it has classes.
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    throw "PortReservation cannot run in PowerShell's $($ExecutionContext.SessionState.LanguageMode) mode: it starts a process. Install a copy signed by a publisher that this machine trusts."
}

# The state that all cmdlets share. One object, because the action of the Exiting event gets it too.
$script:Session = @{
    Root           = $PSScriptRoot
    Simulator      = $null
    SimulatorState = $null
    NodePath       = $null
    Supported      = $false
    Connection     = $null
    ExitSubscriber = $null
    # Whether the module was removed: a cmdlet that still runs must start no host, which nobody would end.
    Removed        = $false
    Language       = $null
    # Start port -> the reservation last seen there: what argument completion offers.
    Known          = @{}
    # The reservations that this session made or read, to know them by identity: their type name can be forged. Weak, so that the table
    # keeps no unused object alive.
    Reservations   = [System.Runtime.CompilerServices.ConditionalWeakTable[object, object]]::new()
    # Bind object -> its record (Binds.ps1). Weak as well.
    Binds          = [System.Runtime.CompilerServices.ConditionalWeakTable[object, object]]::new()
}

#region Functions. The release replaces these lines by the contents of the files, in this order.
foreach ($folder in 'Private', 'Public') {
    foreach ($file in [System.IO.Directory]::GetFiles([System.IO.Path]::Combine($PSScriptRoot, $folder), '*.ps1')) { . $file }
}
#endregion

foreach ($name in @($Options.PSBase.Keys)) {
    if ($name -ne 'Simulator' -and $name -ne 'SimulatorState' -and $name -ne 'NodePath') { throw (Get-Message ImportOptionUnknown @($name)) }
    if ("$($Options[$name])" -eq '') { throw (Get-Message ImportOptionEmpty @($name)) }
    # A relative path is resolved now, because the current folder may change later. An absolute one is left alone, because a look at
    # PowerShell's drives takes a tenth of the import.
    $path = [string]$Options[$name]
    if (-not (Test-FullPath $path)) { $path = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($path) }
    $script:Session[$name] = $path
}
if (($null -eq $script:Session['Simulator']) -ne ($null -eq $script:Session['SimulatorState'])) {
    throw (Get-Message ImportOptionsTogether)
}

# Where this is false, every cmdlet ends at once with an error that says what to do.
$script:Session['Supported'] = $null -ne $script:Session['Simulator'] -or [System.Environment]::OSVersion.Platform -eq 'Win32NT'

# The types of the output. This throws if another copy of the module has loaded them. Escaped, because -Name is a pattern.
try {
    Import-Module -Name ([System.Management.Automation.WildcardPattern]::Escape([System.IO.Path]::Combine($PSScriptRoot, 'PortReservation.Types.psd1'))) -Verbose:$false
} catch {
    Hide-Failure $_
}

$ExecutionContext.SessionState.Module.OnRemove = {
    $script:Session['Removed'] = $true
    Stop-HostProcess
    if ($null -ne $script:Session['ExitSubscriber']) { $ExecutionContext.Events.UnsubscribeEvent($script:Session['ExitSubscriber']) }
}

# Not Remove-Variable, because that would load another module.
$ExecutionContext.SessionState.PSVariable.Remove('ErrorActionPreference')

#region The DSC resource. In this file, because PowerShell 7 makes no instance of a class of a nested module. It is compiled at each import.
class PortReservationBlock {
    # TCP and UDP are separate.
    [DscProperty()] [ValidateSet('Tcp', 'Udp')] [string]$Protocol = 'Tcp'
    [DscProperty(Mandatory)] [uint16]$StartPort
    [DscProperty()] [uint16]$NumberOfPorts = 1
    # Only associated sockets get the ports of a persistent reservation; a program may bind those of an exclusion.
    [DscProperty()] [ValidateSet('Persistent', 'Exclusion')] [string]$Kind = 'Persistent'
    # For an exclusion: whether it survives a restart.
    [DscProperty()] [ValidateSet('Persistent', 'Active')] [string]$Store
}

[DscResource()]
class PortReservationList {
    # A name for the list.
    [DscProperty(Key)] [string]$Name
    # The blocks that the machine shall have: a file, or the blocks themselves.
    [DscProperty()] [string]$Path
    [DscProperty()] [PortReservationBlock[]]$Blocks
    # Whether blocks that are not listed are removed, and where: ports that belong to this list alone, or the file that was applied before.
    [DscProperty()] [bool]$Purge
    [DscProperty()] [string[]]$Within
    [DscProperty()] [string]$PreviousPath
    # Whether the service winnat may be stopped for blocks that only it may hold.
    [DscProperty()] [bool]$RestartWinNat
    # What there is to do for each block.
    [DscProperty(NotConfigurable)] [string[]]$Changes

    [PortReservationList] Get() {
        $this.Changes = @(foreach ($change in Invoke-ReservationList $this) { "$($change.Change): $change" })
        return $this
    }

    [bool] Test() {
        return @(Invoke-ReservationList $this | Where-Object { $_.Change -ne 'None' }).Count -eq 0
    }

    [void] Set() {
        Invoke-ReservationList $this -Apply
    }
}
#endregion
