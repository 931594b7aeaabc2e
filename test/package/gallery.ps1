# What an administrator does with the package, in a repository that is a folder. Prints one line a step.
param([string]$Folder, [string]$Release, [string]$Module, [string]$Simulator, [string]$SimulatorState, [string]$NodePath, [int]$Port)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
if (-not (Get-Module -ListAvailable Microsoft.PowerShell.PSResourceGet)) { 'no PSResourceGet'; exit }
$repository = New-Item -ItemType Directory (Join-Path $Folder 'repository')
Register-PSResourceRepository -Name Folder -Uri $repository.FullName -Trusted
$from = @{ Repository = 'Folder' }

Publish-PSResource -NupkgPath (Get-Item (Join-Path $Release 'PortReservation.*.nupkg')).FullName @from
"by name $((Find-PSResource PortReservation @from).Name)"
"by tag $((Find-PSResource -Tag WinNAT @from).Name)"
"by command $((Find-PSResource -CommandName New-PortReservation @from).Names)"
"by resource $((Find-PSResource -DscResourceName PortReservationList @from).Names)"
Install-PSResource PortReservation @from -Scope CurrentUser
"installed $(@(Get-InstalledPSResource PortReservation).Count)"
Import-Module PortReservation
$manifest = Import-PowerShellDataFile (Join-Path $Module 'PortReservation.psd1')
"commands equal $($null -eq (Compare-Object (Get-Command -Module PortReservation).Name $manifest.FunctionsToExport))"
Remove-Module PortReservation

# A newer version, as PSResourceGet itself packs it.
$newer = New-Item -ItemType Directory (Join-Path $Folder 'newer/PortReservation')
Copy-Item (Join-Path $Module '*') $newer -Recurse
$path = Join-Path $newer 'PortReservation.psd1'
$version = [version]$manifest.ModuleVersion
$next = [version]::new($version.Major, $version.Minor, $version.Build + 1)
(Get-Content -Raw $path) -replace "(?m)^(\s*ModuleVersion\s*=\s*)'.*'", "`$1'$next'" | Set-Content -NoNewline $path
foreach ($bundle in Get-ChildItem (Join-Path $newer 'bin/*') -Include *.js, *.cjs) {
    (Get-Content -Raw $bundle) -replace "(VERSION *= *)`"$version`"", "`$1`"$next`"" | Set-Content -NoNewline $bundle
}
Publish-PSResource -Path $newer @from
Update-PSResource PortReservation @from -Scope CurrentUser
"updated $(@(Get-InstalledPSResource PortReservation).Count)"
Import-Module PortReservation -MinimumVersion $next -ArgumentList @{ Simulator = $Simulator; SimulatorState = $SimulatorState; NodePath = $NodePath }
"$(New-PortReservation -StartPort $Port)"
Remove-Module PortReservation
Uninstall-PSResource PortReservation
"left $(@(Get-InstalledPSResource PortReservation -ErrorAction SilentlyContinue).Count)"
