# Makes a catalog of all files of a folder, which sign.ps1 signs: Test-FileCatalog then finds what was changed, added or removed.
[CmdletBinding()]
param(
    [Parameter(Mandatory)][string]$Folder,
    [Parameter(Mandatory)][string]$Catalog
)
$ErrorActionPreference = 'Stop'
# Version 2: SHA-256.
$null = New-FileCatalog -Path $Folder -CatalogFilePath $Catalog -CatalogVersion 2.0
if (-not (Test-Path -LiteralPath $Catalog)) { throw "there is no $Catalog" }
