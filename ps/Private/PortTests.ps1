# Tests of ports, and the dynamic range where Windows tells it without netsh.

function Send-PortTest {
    # Tests the waiting ports and outputs the results in order. A batch is a hashtable that the cmdlet makes: Ports, all of one
    # Protocol; Address, or empty; Ranges, the dynamic ranges read so far; Said, the warnings given so far; Quiet; Several.
    param($Call, $Batch)

    $ErrorActionPreference = 'Stop'
    if ($Batch.Ports.Count -eq 0) { return }
    $protocol = $Batch.Protocol
    $ports = $Batch.Ports.ToArray()
    $Batch.Ports.Clear()
    if (-not $Batch.Ranges.ContainsKey($protocol)) { $Batch.Ranges[$protocol] = Read-DynamicRange $protocol }
    $parameters = @{ protocol = $protocol; ports = $ports }
    if ($null -ne $Batch.Ranges[$protocol]) { $parameters.dynamicRange = $Batch.Ranges[$protocol] }
    if ($Batch.Address) { $parameters.localAddress = $Batch.Address }
    $targets = [System.Collections.Generic.List[object]]::new()
    foreach ($port in $ports) { $targets.Add(@($protocol, $port, 1)) }
    Add-Request $Call 'port.explain' $parameters $targets -Alone $true
    $Call.Done += $ports.Count - 1
    foreach ($answer in $Call.Keep) {
        Write-NotReadWarning $Call.Cmdlet $answer.NotRead $Batch.Said
        foreach ($test in $answer.Items) {
            if ($Batch.Quiet) { $test.CanBind; continue }
            # The table, as in PortReservation.Format.ps1xml.
            if ($Batch.Several) { $test.PSObject.TypeNames.Insert(0, 'PortReservation.PortTest#Several') }
            $test
        }
    }
    $Call.Keep.Clear()
}

function Read-DynamicRange {
    # The dynamic range from CIM (rule N8), as a parameter of a request; nothing if CIM has none: the host then asks netsh.
    param([string]$Protocol)

    # A simulator has a range of its own.
    if ($null -ne $script:Session.Simulator) { return }
    $ErrorActionPreference = 'Stop'
    try {
        Import-PowerShellModule 'CimCmdlets'
        $class = "MSFT_Net$($Protocol.ToUpperInvariant())Setting"
        Select-DynamicRange @(CimCmdlets\Get-CimInstance -Namespace 'root/StandardCimv2' -ClassName $class -OperationTimeoutSec 10 -Verbose:$false)
    } catch {
        # A damaged WMI repository must not make the test fail.
        Hide-Failure $_
    }
}

function Select-DynamicRange {
    # TCP has one setting per template, and only some have a range; netsh shows that of Internet.
    param([object[]]$Setting)

    $first = $null
    foreach ($item in $Setting) {
        $start = [int]$item.DynamicPortRangeStartPort
        $count = [int]$item.DynamicPortRangeNumberOfPorts
        if ($start -le 0 -or $count -le 0 -or $start + $count -gt 65536) { continue }
        $range = @{ startPort = $start; numberOfPorts = $count }
        if ($item.PSObject.Properties['SettingName'] -and $item.SettingName -eq 'Internet') { return $range }
        if ($null -eq $first) { $first = $range }
    }
    $first
}

function Import-PowerShellModule {
    # Loads one of PowerShell's own modules by its path: an elevated session must not load a module of this name from a folder
    # of the user, and a session may have turned automatic loading off.
    param([string]$Name)

    Import-Module -Name ([System.IO.Path]::Combine($PSHOME, 'Modules', $Name, "$Name.psd1")) -Verbose:$false
}
