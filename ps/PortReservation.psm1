# The module: takes the options of Import-Module -ArgumentList, loads the functions, and ends the host on removal.
# Importing does no work and starts no process: the first cmdlet that needs the host does.
param([hashtable]$Options = @{})

Set-StrictMode -Version 3.0
# While loading only: for the cmdlets it would count too, and one wrong item of a pipeline would end the caller's script.
$ErrorActionPreference = 'Stop'

# Without this the first .NET call below would fail with a riddle.
if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
    throw "PortReservation cannot run in PowerShell's $($ExecutionContext.SessionState.LanguageMode) mode: it starts a process. Install a copy signed by a publisher that this machine trusts."
}

# Everything that lasts from one cmdlet to the next. The Exiting event holds it too, so it is a reference, not variables.
$script:Session = [pscustomobject]@{
    Root           = $PSScriptRoot
    Simulator      = $null
    SimulatorState = $null
    NodePath       = $null
    Supported      = $false
    Connection     = $null
    ExitSubscriber = $null
    Messages       = $null
    TypesKnown     = $false
    # Start port -> the reservation seen there last: what argument completion offers.
    Known          = [System.Collections.Generic.Dictionary[int, object]]::new()
    # Bind object -> its record. Weak, so that a forgotten bind object is not kept alive by the table.
    Binds          = [System.Runtime.CompilerServices.ConditionalWeakTable[object, object]]::new()
}

foreach ($name in @($Options.Keys)) {
    if ($name -notin 'Simulator', 'SimulatorState', 'NodePath') {
        throw "PortReservation knows no import option '$name'. The options are Simulator, SimulatorState and NodePath: Import-Module PortReservation -ArgumentList @{ Simulator = '...'; SimulatorState = '...' }"
    }
    if ([string]::IsNullOrEmpty($Options[$name])) { throw "The import option '$name' of PortReservation is empty: give a path." }
    # A relative path means the folder of now, not the one some later cmdlet runs in.
    $script:Session.$name = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath([string]$Options[$name])
}
if (($null -eq $script:Session.Simulator) -ne ($null -eq $script:Session.SimulatorState)) {
    throw 'The import options Simulator and SimulatorState of PortReservation belong together: give both.'
}

# Elsewhere every cmdlet stops at once, and says what to do.
$script:Session.Supported = $null -ne $script:Session.Simulator -or [System.Environment]::OSVersion.Platform -eq 'Win32NT'

#region Functions. The release puts the text of the files here, in this order, in place of these lines.
foreach ($folder in 'Private', 'Public') {
    foreach ($file in [System.IO.Directory]::GetFiles([System.IO.Path]::Combine($PSScriptRoot, $folder), '*.ps1')) { . $file }
}
# For the sake of Get-Help; says why by itself. Import-Module takes its name for a pattern.
Import-Module -Name ([System.Management.Automation.WildcardPattern]::Escape([System.IO.Path]::Combine($PSScriptRoot, 'PortReservation.Help.psd1'))) -Verbose:$false
#endregion

$ExecutionContext.SessionState.Module.OnRemove = {
    Stop-HostProcess
    if ($null -ne $script:Session.ExitSubscriber) { $ExecutionContext.Events.UnsubscribeEvent($script:Session.ExitSubscriber) }
}

# By the variable itself: the cmdlet would bring a module of PowerShell with it.
$ExecutionContext.SessionState.PSVariable.Remove('ErrorActionPreference')
