function ConvertTo-PortTest {
    # What the host says about a port, as an object.
    param([object]$Data)

    $start = $Data.processStartTime
    # PowerShell 7 makes a date of the text by itself.
    if ($start -is [string]) { $start = [datetime]::Parse($start, [cultureinfo]::InvariantCulture, 'RoundtripKind') }
    [pscustomobject]@{
        PSTypeName       = 'PortReservation.PortTest'
        Protocol         = $script:ProtocolNames[$Data.protocol]
        Port             = [int]$Data.port
        CanBind          = [bool]$Data.canBind
        Reason           = [string]$Data.reason
        Block            = if ($null -ne $Data.block) { ConvertTo-Reservation $Data.block }
        OwningProcess    = if ($null -ne $Data.owningProcess) { [int]$Data.owningProcess }
        ProcessName      = $Data.processName
        # As Get-Process gives it.
        ProcessStartTime = if ($null -ne $start) { $start.ToLocalTime() }
        InDynamicRange   = [bool]$Data.inDynamicRange
        BindError        = $Data.bindError
        Disagreement     = $Data.disagreement
        Advice           = [string]$Data.advice
    }
}
