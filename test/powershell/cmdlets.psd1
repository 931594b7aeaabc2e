# The cmdlets and their parameters: type, aliases, and parameter sets. Scripts rely on them.
@{
    'Close-AssociatedBind'    = @(
        'All: switch, aliases , sets All'
        'InputObject: psobject[], aliases Bind, sets InputObject'
        'LocalPort: int[], aliases , sets LocalPort'
        'Protocol: string[], aliases , sets LocalPort'
    )
    'Get-DynamicPortRange'    = @(
        'Protocol: string[], aliases , sets __AllParameterSets'
    )
    'Get-PortReservation'     = @(
        'InputObject: psobject, aliases , sets InputObject'
        'Kind: string[], aliases , sets __AllParameterSets'
        'NumberOfPorts: int, aliases Count, sets Block'
        'Port: int[], aliases , sets List'
        'Protocol: string[], aliases , sets __AllParameterSets'
        'StartPort: int[], aliases , sets Block'
        'Store: string, aliases , sets List'
    )
    'Get-PortReservationHost' = @()
    'Invoke-AssociatedBind'   = @(
        'AddressFamily: string, aliases , sets __AllParameterSets'
        'AsSocket: switch, aliases , sets __AllParameterSets'
        'Backlog: int, aliases , sets __AllParameterSets'
        'Count: int, aliases , sets __AllParameterSets'
        'Listen: switch, aliases , sets __AllParameterSets'
        'LocalAddress: string, aliases , sets __AllParameterSets'
        'NumberOfPorts: int, aliases , sets Block'
        'Port: int, aliases , sets __AllParameterSets'
        'Protocol: string, aliases , sets Block Token'
        'Reservation: psobject, aliases , sets Reservation'
        'ScriptBlock: scriptblock, aliases , sets __AllParameterSets'
        'StartPort: int, aliases , sets Block'
        'TimeoutSec: int, aliases , sets __AllParameterSets'
        'Token: uint64, aliases , sets Token'
    )
    'Measure-PortReservation' = @()
    'New-PortReservation'     = @(
        'AddressFamily: string, aliases , sets __AllParameterSets'
        'From: int, aliases , sets __AllParameterSets'
        'IfNotExists: switch, aliases , sets __AllParameterSets'
        'InputObject: psobject, aliases , sets __AllParameterSets'
        'Kind: string, aliases , sets __AllParameterSets'
        'NumberOfPorts: int, aliases Count, sets __AllParameterSets'
        'Protocol: string[], aliases , sets __AllParameterSets'
        'RestartWinNat: switch, aliases , sets __AllParameterSets'
        'StartPort: int[], aliases Port, sets __AllParameterSets'
        'Store: string, aliases , sets __AllParameterSets'
    )
    'Remove-PortReservation'  = @(
        'IfExists: switch, aliases , sets __AllParameterSets'
        'InputObject: psobject, aliases , sets InputObject'
        'Kind: string, aliases , sets Block'
        'NumberOfPorts: int, aliases Count, sets Block'
        'PassThru: switch, aliases , sets __AllParameterSets'
        'Protocol: string[], aliases , sets Block'
        'StartPort: int[], aliases Port, sets Block'
        'Store: string, aliases , sets __AllParameterSets'
    )
    'Set-DynamicPortRange'    = @(
        'InputObject: psobject, aliases , sets InputObject'
        'NumberOfPorts: int, aliases , sets Range'
        'PassThru: switch, aliases , sets __AllParameterSets'
        'Protocol: string[], aliases , sets Range'
        'StartPort: int, aliases , sets Range'
    )
    'Show-PortReservation'    = @(
        'Force: switch, aliases , sets File'
        'PassThru: switch, aliases , sets File'
        'Path: string, aliases , sets File'
        'Protocol: string[], aliases , sets __AllParameterSets'
    )
    'Sync-PortReservation'    = @(
        'InputObject: psobject, aliases , sets InputObject'
        'Path: string, aliases , sets Path'
        'PreviousPath: string, aliases , sets __AllParameterSets'
        'Purge: switch, aliases , sets __AllParameterSets'
        'RestartWinNat: switch, aliases , sets __AllParameterSets'
        'Within: string[], aliases , sets __AllParameterSets'
    )
    'Test-PortReservation'    = @(
        'InputObject: psobject, aliases , sets InputObject'
        'LocalAddress: string, aliases , sets __AllParameterSets'
        'Port: int[], aliases LocalPort, sets Port'
        'Protocol: string, aliases , sets __AllParameterSets'
        'Quiet: switch, aliases , sets __AllParameterSets'
    )
}
