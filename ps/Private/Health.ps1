# The state of the ports, from the host's data.

function ConvertTo-PortHealth {
    # The host's measurement, as an object. Members without a value are $null, also after the object was sent elsewhere.
    param([object]$Data)

    [pscustomobject]@{
        PSTypeName    = 'PortReservation.Health'
        IsHealthy     = @($Data.findings | Where-Object { $_.severity -ne 'Information' }).Count -eq 0
        DynamicRanges = [object[]]@(foreach ($range in $Data.dynamicRanges) { ConvertTo-DynamicRangeUse $range })
        HeldPorts     = [object[]]@(foreach ($held in $Data.heldPorts) {
                [pscustomobject]@{
                    PSTypeName = 'PortReservation.HeldPorts'
                    Protocol   = $script:ProtocolNames[$held.protocol]
                    Kind       = $script:KindNames[$held.kind]
                    Blocks     = [int]$held.blocks
                    Ports      = [int]$held.ports
                }
            })
        # As in Get-Service.
        WinNat        = if ($null -ne $Data.winNat) { $Data.winNat.Substring(0, 1).ToUpperInvariant() + $Data.winNat.Substring(1) } else { $null }
        GuestPorts    = [int]$Data.guestPorts
        Findings      = [object[]]@(foreach ($finding in $Data.findings) {
                [pscustomobject]@{
                    PSTypeName = 'PortReservation.HealthFinding'
                    Severity   = [string]$finding.severity
                    Name       = [string]$finding.name
                    Protocol   = if ($null -ne $finding.protocol) { $script:ProtocolNames[$finding.protocol] } else { $null }
                    Text       = [string]$finding.text
                    Advice     = [string]$finding.advice
                }
            })
    }
}

function ConvertTo-DynamicRangeUse {
    # How much of one dynamic range is used, and by whom.
    param([object]$Data)

    [pscustomobject]@{
        PSTypeName    = 'PortReservation.DynamicRangeUse'
        Protocol      = $script:ProtocolNames[$Data.protocol]
        StartPort     = [int]$Data.startPort
        EndPort       = [int]$Data.endPort
        NumberOfPorts = [int]$Data.numberOfPorts
        IsDefault     = [bool]$Data.isDefault
        Ranges        = [object[]]@(foreach ($range in $Data.ranges) { ConvertTo-DynamicPortRange $range })
        PortsInUse    = [int]$Data.portsInUse
        PortsHeld     = [int]$Data.portsHeld
        PortsFree     = [int]$Data.portsFree
        PercentUsed   = [int]$Data.percentUsed
        Connections   = [int]$Data.connections
        TimeWait      = [int]$Data.timeWait
        Processes     = [object[]]@(foreach ($user in $Data.processes) {
                [pscustomobject]@{
                    PSTypeName  = 'PortReservation.DynamicRangeUser'
                    ProcessId   = if ($null -ne $user.processId) { [int]$user.processId } else { $null }
                    ProcessName = $user.processName
                    Service     = [string[]]@($user.services)
                    Ports       = [int]$user.ports
                    Connections = [int]$user.connections
                }
            })
    }
}
