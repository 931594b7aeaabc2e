# Questions about ports. Those that arrive fast are asked together: the host then looks at netsh's lists once for all of them.

function Send-PortTest {
    # Asks about the ports that wait and gives the answers in their order. A batch is a hashtable that the cmdlet makes:
    # Ports, all of one Protocol; Ranges, the dynamic ranges asked so far; Quiet; Limit and Clock as those of a queue, and
    # what Show-Progress needs.
    param($Batch, $Cmdlet)

    $ErrorActionPreference = 'Stop'
    $protocol = $Batch.Protocol
    $ports = $Batch.Ports.ToArray()
    $Batch.Ports.Clear()
    if (-not $Batch.Ranges.ContainsKey($protocol)) { $Batch.Ranges[$protocol] = Read-DynamicRange $protocol }
    $requests = [System.Collections.Generic.List[string]]::new()
    $requests.Add('"method":"port.explain","params":{"protocol":"' + $protocol.ToLowerInvariant() + '","ports":[' +
        ($ports -join ',') + ']' + $Batch.Ranges[$protocol] + '}')
    $answer = (Invoke-HostRequest $Cmdlet $requests)[0]
    $result = $answer.PSObject.Properties['result']
    if ($null -eq $result) {
        foreach ($port in $ports) { Write-HostError $Cmdlet $answer.error (New-Block $protocol $port 1) }
    } else {
        foreach ($item in $result.Value) {
            if ($Batch.Quiet) { [bool]$item.canBind } else { ConvertTo-PortTest $item }
        }
    }
    $Batch.Limit = [Math]::Min($Batch.Limit * $script:QueueGrowth, $script:QueueLimit)
    $Batch.Done += $ports.Count
    if ($Batch.Began.ElapsedMilliseconds -gt $script:ProgressDelay) { Show-Progress $Batch $Cmdlet }
    $Batch.Clock.Restart()
}

function Read-DynamicRange {
    # The dynamic range as CIM tells it (rule N8), as a member of a request; empty where it does not: the host then asks netsh.
    param([string]$Protocol)

    # A simulator has a range of its own.
    if ($null -ne $script:Session.Simulator) { return '' }
    $ErrorActionPreference = 'Stop'
    try {
        # By its path: a module of this name in a folder of the user has no business in an elevated session.
        Import-Module -Name ([System.IO.Path]::Combine($PSHOME, 'Modules', 'CimCmdlets', 'CimCmdlets.psd1')) -Verbose:$false
        $class = "MSFT_Net$($Protocol.ToUpperInvariant())Setting"
        Select-DynamicRange @(CimCmdlets\Get-CimInstance -Namespace 'root/StandardCimv2' -ClassName $class -OperationTimeoutSec 10 -Verbose:$false)
    } catch {
        # A damaged WMI repository is no reason to fail.
        ''
    }
}

function Select-DynamicRange {
    # TCP has one setting for each template, and only some tell a range; Internet is the one that netsh shows.
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
