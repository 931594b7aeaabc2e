# The types of the output, for completion. A manifest of its own, because loading the same types twice is an error, and a session
# may load two copies of the module. In a clone, Get-Help also finds about_ files beside it: it looks next to the manifests of
# loaded modules, and the clone's is one folder above.
@{
    ModuleVersion     = '0.1.0'
    TypesToProcess    = @('PortReservation.Types.ps1xml')
    FunctionsToExport = @()
    CmdletsToExport   = @()
    VariablesToExport = @()
    AliasesToExport   = @()
}
