# For the BeforeAll of each file of tests, dot-sourced: what its tests may use, and that no error goes unseen.
Set-StrictMode -Version 3.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
# Loaded once in a run, and so with one system for all files.
Import-Module (Join-Path $PSScriptRoot 'helpers.psm1')

function Get-BlockText {
    # The blocks in force that outlive the session, as text.
    Get-PortReservation -Kind Persistent, Exclusion | ForEach-Object { "$_" }
}
