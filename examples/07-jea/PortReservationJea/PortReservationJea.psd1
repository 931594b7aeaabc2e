# A module without commands: PowerShell finds role capabilities in the modules of the machine.
# Copy the folder to C:\Program Files\WindowsPowerShell\Modules.
@{
    ModuleVersion     = '1.0.0'
    GUID              = '5b0f4d0e-0b57-4c1e-9a55-6f0d7a1f2c00'
    Author            = 'PortReservation contributors'
    Description       = 'Roles for port reservations'
    FunctionsToExport = @()
    CmdletsToExport   = @()
    AliasesToExport   = @()
}
