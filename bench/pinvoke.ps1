# The peer of the cmdlets: what one writes today, Add-Type with P/Invoke, against the same simulator.
param([string]$Library, [string]$State)

Add-Type -TypeDefinition @"
using System.Runtime.InteropServices;
public static class PortApi {
    [DllImport(@"$Library")] public static extern uint portsim_open([MarshalAs(UnmanagedType.LPUTF8Str)] string path);
    [DllImport(@"$Library")] public static extern uint CreatePersistentTcpPortReservation(ushort start, ushort count, out ulong token);
    [DllImport(@"$Library")] public static extern uint DeletePersistentTcpPortReservation(ushort start, ushort count);
}
"@
if ([PortApi]::portsim_open($State) -ne 0) { throw 'portsim_open failed' }

function New-PInvokeReservation {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory, ValueFromPipelineByPropertyName)][ValidateRange(1, 65535)][int]$StartPort,
        [Parameter(ValueFromPipelineByPropertyName)][ValidateRange(1, 65535)][int]$NumberOfPorts = 1
    )
    process {
        $token = [uint64]0
        # Network byte order.
        $start = [uint16](($StartPort -shr 8) -bor (($StartPort -band 255) -shl 8))
        $code = [PortApi]::CreatePersistentTcpPortReservation($start, $NumberOfPorts, [ref]$token)
        if ($code -ne 0) { throw [System.ComponentModel.Win32Exception]::new([int]$code) }
        [pscustomobject]@{
            PSTypeName    = 'PInvoke.Reservation'
            Protocol      = 'Tcp'
            StartPort     = $StartPort
            EndPort       = $StartPort + $NumberOfPorts - 1
            NumberOfPorts = $NumberOfPorts
            Kind          = 'Persistent'
            Token         = $token
            AddressFamily = $null
            OwningProcess = $null
        }
    }
}
