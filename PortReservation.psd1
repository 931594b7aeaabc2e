@{
    RootModule             = 'ps/PortReservation.psm1'
    ModuleVersion          = '0.1.0'
    GUID                   = '7f0c3f5e-6a0e-4a52-9d6e-2b1c8e4f9a31'
    Author                 = 'PortReservation contributors'
    CompanyName            = 'PortReservation contributors'
    Copyright              = '(c) PortReservation contributors. MIT licence.'
    Description            = 'Reserves TCP and UDP ports on Windows, permanently or until the session ends, and binds sockets from the reserved blocks.'
    PowerShellVersion      = '5.1'
    CompatiblePSEditions   = @('Desktop', 'Core')
    DotNetFrameworkVersion = '4.7.2'
    FormatsToProcess       = @('ps/PortReservation.Format.ps1xml')
    FunctionsToExport      = @(
        'Close-AssociatedBind'
        'Get-DynamicPortRange'
        'Get-PortReservation'
        'Get-PortReservationHost'
        'Invoke-AssociatedBind'
        'Measure-PortReservation'
        'New-PortReservation'
        'Remove-PortReservation'
        'Set-DynamicPortRange'
        'Show-PortReservation'
        'Sync-PortReservation'
        'Test-PortReservation'
    )
    # AliasesToExport is left out, though there are none: PowerShell 7 lists no DSC resource of a module that names all its commands.
    DscResourcesToExport   = @('PortReservationList')
    CmdletsToExport        = @()
    VariablesToExport      = @()
    PrivateData            = @{
        PSData = @{
            Tags         = @(
                'PSEdition_Desktop', 'PSEdition_Core', 'Windows', 'Network', 'TCP', 'UDP', 'Port', 'PortReservation',
                'Winsock', 'WinNAT', 'HyperV', 'Docker', 'WSL'
            )
            LicenseUri   = 'https://github.com/port-reservation/port-reservation/blob/main/LICENSE'
            ProjectUri   = 'https://github.com/port-reservation/port-reservation'
            ReleaseNotes = 'https://github.com/port-reservation/port-reservation/blob/main/CHANGELOG.md'
        }
    }
}
