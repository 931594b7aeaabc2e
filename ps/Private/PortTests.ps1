# Tests of ports. Ports that arrive quickly are tested together: the host then reads netsh's lists only once.

function Send-PortTest {
    # Tests the waiting ports and outputs the results in order. A batch is a hashtable that the cmdlet makes: Ports, all of one
    # Protocol; Address, a member of the request or empty; Ranges, the dynamic ranges read so far; Said, the warnings given so
    # far; Quiet; Several; Limit and Clock as in a queue, and what Show-Progress needs.
    param($Batch, $Cmdlet)

    $ErrorActionPreference = 'Stop'
    $protocol = $Batch.Protocol
    $ports = $Batch.Ports.ToArray()
    $Batch.Ports.Clear()
    if (-not $Batch.Ranges.ContainsKey($protocol)) { $Batch.Ranges[$protocol] = Read-DynamicRange $protocol }
    $requests = [System.Collections.Generic.List[string]]::new()
    $requests.Add('"method":"port.explain","params":{"protocol":"' + $protocol.ToLowerInvariant() + '","ports":[' +
        ($ports -join ',') + ']' + $Batch.Ranges[$protocol] + $Batch.Address + '}')
    $answer = (Invoke-HostRequest $Cmdlet $requests $script:DefaultTimeout $null $Batch)[0]
    $result = $answer.PSObject.Properties['result']
    if ($null -eq $result) {
        foreach ($port in $ports) { Write-HostError $Cmdlet $answer.error (New-Block $protocol $port 1) }
    } else {
        foreach ($item in $result.Value) {
            Write-NotReadWarning $Cmdlet $item.notRead $Batch.Said
            if ($Batch.Quiet) { [bool]$item.canBind; continue }
            $test = ConvertTo-PortTest $item
            # The table, as in PortReservation.Format.ps1xml.
            if ($Batch.Several) { $test.PSObject.TypeNames.Insert(0, 'PortReservation.PortTest#Several') }
            $test
        }
    }
    $Batch.Limit = [Math]::Min($Batch.Limit * $script:QueueGrowth, $script:QueueLimit)
    $Batch.Done += $ports.Count
    if ($Batch.Began.ElapsedMilliseconds -gt $script:ProgressDelay) { Show-Progress $Batch $Cmdlet }
    $Batch.Clock.Restart()
}

function Read-DynamicRange {
    # The dynamic range from CIM (rule N8), as a member of a request; empty if CIM has none: the host then asks netsh.
    param([string]$Protocol)

    # A simulator has a range of its own.
    if ($null -ne $script:Session.Simulator) { return '' }
    $ErrorActionPreference = 'Stop'
    try {
        Import-PowerShellModule 'CimCmdlets'
        $class = "MSFT_Net$($Protocol.ToUpperInvariant())Setting"
        Select-DynamicRange @(CimCmdlets\Get-CimInstance -Namespace 'root/StandardCimv2' -ClassName $class -OperationTimeoutSec 10 -Verbose:$false)
    } catch {
        # A damaged WMI repository must not make the test fail.
        ''
    }
}

function Select-DynamicRange {
    # TCP has one setting per template, and only some have a range; netsh shows that of Internet.
    param([object[]]$Setting)

    foreach ($item in @($Setting | Sort-Object { $_.PSObject.Properties['SettingName'] -and $_.SettingName -eq 'Internet' } -Descending)) {
        $start = [int]$item.DynamicPortRangeStartPort
        $count = [int]$item.DynamicPortRangeNumberOfPorts
        if ($start -gt 0 -and $count -gt 0 -and $start + $count -le 65536) {
            return ',"dynamicRange":{"startPort":' + $start + ',"numberOfPorts":' + $count + '}'
        }
    }
    ''
}

function ConvertTo-PortTest {
    # The host's result for a port, as an object. A member without a value is $null, also after the object was sent elsewhere.
    param([object]$Data)

    [pscustomobject]@{
        PSTypeName       = 'PortReservation.PortTest'
        Protocol         = $script:ProtocolNames[$Data.protocol]
        Port             = [int]$Data.port
        LocalAddress     = $Data.localAddress
        CanBind          = [bool]$Data.canBind
        Reason           = [string]$Data.reason
        Block            = if ($null -ne $Data.block) { ConvertTo-Reservation $Data.block } else { $null }
        OwningProcess    = if ($null -ne $Data.owningProcess) { [int]$Data.owningProcess } else { $null }
        ProcessName      = ConvertTo-PlainText $Data.processName
        ProcessStartTime = ConvertTo-LocalTime $Data.processStartTime
        Owners           = [object[]]@(foreach ($owner in $Data.owners) { ConvertTo-PortOwner $owner })
        InDynamicRange   = if ($null -ne $Data.inDynamicRange) { [bool]$Data.inDynamicRange } else { $null }
        BindError        = $Data.bindError
        Disagreement     = ConvertTo-PlainText $Data.disagreement
        Advice           = [string](ConvertTo-PlainText $Data.advice)
    }
}

function ConvertTo-PortOwner {
    # A process that has the port at one address, with the names of the services that it hosts.
    param([object]$Data)

    [pscustomobject]@{
        PSTypeName    = 'PortReservation.PortOwner'
        Protocol      = $script:ProtocolNames[$Data.protocol]
        LocalAddress  = [string]$Data.localAddress
        AddressFamily = $script:FamilyNames[$Data.addressFamily]
        State         = $Data.state
        ProcessId     = if ($null -ne $Data.processId) { [int]$Data.processId } else { $null }
        ProcessName   = ConvertTo-PlainText $Data.processName
        Path          = ConvertTo-PlainText $Data.path
        StartTime     = ConvertTo-LocalTime $Data.startTime
        Service       = [string[]]@(foreach ($name in $Data.services) { ConvertTo-PlainText $name })
    }
}

function ConvertTo-LocalTime {
    # A time of the host as a local one, as in Get-Process; $null for $null. PowerShell 7 has already converted the text to a date.
    param([object]$Time)

    if ($Time -is [string]) { $Time = [datetime]::Parse($Time, [cultureinfo]::InvariantCulture, 'RoundtripKind') }
    if ($null -ne $Time) { $Time.ToLocalTime() } else { $null }
}
