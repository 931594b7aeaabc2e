# The dynamic port ranges, as the host reads and changes them.

# Milliseconds for a change: netsh runs up to a dozen times, and each run has 20 seconds.
$script:RangeTimeout = 300000
$script:HostFamilies = @{ InterNetwork = 'IPv4'; InterNetworkV6 = 'IPv6' }

function ConvertTo-DynamicPortRange {
    # The host's range, as an object.
    param([object]$Data)

    [pscustomobject]@{
        PSTypeName    = 'PortReservation.DynamicPortRange'
        Protocol      = $script:ProtocolNames[$Data.protocol]
        AddressFamily = $script:FamilyNames[$Data.addressFamily]
        StartPort     = [int]$Data.startPort
        EndPort       = [int]$Data.endPort
        NumberOfPorts = [int]$Data.numberOfPorts
        IsDefault     = [bool]$Data.isDefault
    }
}

function Resolve-DynamicPortRange {
    # The range that an object describes. Throws a message if it does not name its protocol, or is a block of another kind:
    # nothing here has a default.
    param([object]$InputObject)

    $ErrorActionPreference = 'Stop'
    $range = Resolve-Reservation $InputObject @() ''
    if ($range.Kind) { throw (Get-Message RangeIsBlock @($range.Kind)) }
    if ($range.Protocol.Count -eq 0) { throw (Get-Message NotAReservation @('Protocol', 'Tcp, Udp', '')) }
    $range
}
