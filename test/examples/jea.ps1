# Opens the sessions that the endpoint of example 07 gives to its groups, as far as that goes without WinRM, and says in JSON what each command gave.
param([string]$Example, [string]$Manifest, [string]$Folder, [string]$Simulator, [string]$SimulatorState, [string]$NodePath, [string]$Commands)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$modules = New-Item -ItemType Directory (Join-Path $Folder 'Modules')
Copy-Item -Recurse (Join-Path $Example 'PortReservationJea') $modules
# In the place of the module that is installed: the same, on the simulator.
$module = New-Item -ItemType Directory (Join-Path $modules 'PortReservation')
$quote = { "'" + $args[0].Replace("'", "''") + "'" }
Set-Content (Join-Path $module 'PortReservation.psm1') ("Import-Module $(& $quote $Manifest) -ArgumentList @{ Simulator = $(& $quote $Simulator); SimulatorState = $(& $quote $SimulatorState); " +
    "NodePath = $(& $quote $NodePath) }; Export-ModuleMember -Function *")
New-ModuleManifest (Join-Path $module 'PortReservation.psd1') -RootModule PortReservation.psm1 -FunctionsToExport (Import-PowerShellDataFile $Manifest).FunctionsToExport
$env:PSModulePath = "$modules$([IO.Path]::PathSeparator)$env:PSModulePath"

# By properties, as they arrive on the other side of a connection.
$told = { if ($_ -is [System.Management.Automation.CommandInfo]) { $_.Name } else { '{0} {1}-{2} ({3})' -f $_.Protocol, $_.StartPort, $_.EndPort, $_.Kind } }

foreach ($session in (ConvertFrom-Json $Commands)) {
    $state = [initialsessionstate]::CreateFromSessionConfigurationFile((Join-Path $Example 'PortReservation.pssc'), { param($role) $role -eq $session.group })
    $runspace = [runspacefactory]::CreateRunspace($state)
    $runspace.Open()
    try {
        foreach ($command in $session.commands) {
            # As Invoke-Command sends it: commands and their parameters, and no script.
            $shell = [scriptblock]::Create($command).GetPowerShell()
            $shell.Runspace = $runspace
            $output = @()
            $failure = $null
            try { $output = @($shell.Invoke() | ForEach-Object $told) } catch { $failure = $_.Exception.InnerException.Message }
            foreach ($record in $shell.Streams.Error) { $failure = "$record" }
            [pscustomobject]@{ group = $session.group; command = $command; output = $output; failure = $failure } | ConvertTo-Json -Compress
            $shell.Dispose()
        }
    } finally {
        $runspace.Dispose()
    }
}
