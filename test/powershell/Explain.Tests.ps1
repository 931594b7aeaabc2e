# Test-PortReservation and Show-PortReservation.

Test 'Test-PortReservation has the properties of the contract, and says free' {
    $found = Test-PortReservation -Port 27000
    Assert-Equal @($found.PSObject.Properties.Name) @('Protocol', 'Port', 'CanBind', 'Reason', 'Block', 'OwningProcess', 'ProcessName', 'ProcessStartTime', 'Owners', 'InDynamicRange', 'BindError', 'Disagreement', 'Advice')
    Assert-Equal $found.PSTypeNames[0] 'PortReservation.PortTest'
    Assert-Equal "$($found.Protocol) $($found.Port) $($found.CanBind) $($found.Reason) $($found.InDynamicRange)" 'Tcp 27000 True Free False'
    foreach ($name in 'Block', 'OwningProcess', 'ProcessName', 'ProcessStartTime', 'BindError', 'Disagreement') { Assert-Equal $found.$name $null $name }
    Assert-True ($found.CanBind -is [bool] -and $found.InDynamicRange -is [bool] -and $found.Port -is [int]) 'the types'
    Assert-Equal "$found" 'Tcp 27000: Free'
    Assert-Equal "$(Test-PortReservation 27001 -Protocol udp)" 'Udp 27001: Free'
    Set-Knob set_dynamic_range 6 27000 1000
    Assert-Equal (Test-PortReservation 27000).InDynamicRange $true
}

Test 'a port in use has its process' {
    $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Any, 0)
    $listener.Start()
    try {
        $found = Test-PortReservation $listener.LocalEndpoint.Port
        Assert-Equal "$($found.CanBind) $($found.Reason) $($found.BindError)" 'False InUse WSAEADDRINUSE'
        Assert-True ($found.Advice.Length -gt 20) 'an advice'
        if ($null -eq $found.OwningProcess) { Skip 'this system does not tell the owner of a port' }
        Assert-Equal $found.OwningProcess $PID
        Assert-True ($found.OwningProcess -is [int] -and $found.ProcessName -is [string]) 'the types'
        Assert-Match $found.Advice "process $PID"
        Assert-True ($found.ProcessStartTime -is [datetime]) 'a date'
        $difference = [Math]::Abs(($found.ProcessStartTime - (Get-Process -Id $PID).StartTime).TotalSeconds)
        Assert-True ($difference -lt 5) "the start of the process, $difference s off"
    } finally {
        $listener.Stop()
    }
}

Test 'every reason is told, with the block' {
    $persistent = New-PortReservation -StartPort 27100 -NumberOfPorts 5
    $runtime = New-PortReservation -StartPort 27110 -NumberOfPorts 5 -Kind Runtime
    $exclusion = New-PortReservation -StartPort 27120 -NumberOfPorts 5 -Kind Exclusion
    Set-Knob add_system_block 6 27130 5 1
    Set-Knob add_hidden_holder 6 27140 5
    $found = @(27102, 27112, 27122, 27132, 27142 | Test-PortReservation)
    Assert-Equal @($found.Reason) @('PersistentReservation', 'RuntimeReservation', 'Exclusion', 'RuntimeReservation', 'HiddenHolder')
    Assert-Equal @($found.CanBind) @($false, $false, $true, $false, $false)
    Assert-Equal @($found[0..3] | ForEach-Object { "$($_.Block)" }) @("$persistent", "$runtime", "$exclusion", 'Tcp 27130-27134 (System)')
    Assert-Equal $found[0].Block.PSTypeNames[0] 'PortReservation.PersistentReservation'
    Assert-Equal $found[0].Block.Token $persistent.Token
    Assert-Match $found[3].Advice 'WinNAT'
}

Test 'what is piped in by property, and Quiet' {
    $null = New-PortReservation -StartPort 27200 -Protocol Udp
    $rows = [pscustomobject]@{ LocalPort = 27200; Protocol = 'Udp' }, [pscustomobject]@{ Port = 27200 }
    Assert-Equal @($rows | Test-PortReservation | ForEach-Object { "$_" }) @('Udp 27200: PersistentReservation', 'Tcp 27200: Free')
    Assert-Equal @($rows | Test-PortReservation -Quiet) @($false, $true)
    Assert-True ((Test-PortReservation 27200 -Quiet) -is [bool]) 'a boolean'
    Assert-Equal @((Test-PortReservation -Port 27210, 27211).Port) @(27210, 27211)
}

Test 'many ports are answered in their order, of both protocols, with what is wrong for each' {
    $null = New-PortReservation -StartPort 27250 -NumberOfPorts 40
    $ports = 27230..27329
    $found = @($ports | Test-PortReservation)
    Assert-Equal @($found.Port) @($ports)
    Assert-Equal @($found | Where-Object { -not $_.CanBind } | ForEach-Object Port) @(27250..27289)
    $rows = foreach ($port in 27248..27252) { foreach ($name in 'Udp', 'Tcp') { [pscustomobject]@{ Port = $port; Protocol = $name } } }
    Assert-Equal @($rows | Test-PortReservation | ForEach-Object { "$($_.Protocol) $($_.Port)" }) @($rows | ForEach-Object { "$($_.Protocol) $($_.Port)" })
    Assert-Equal @($ports | Test-PortReservation | Select-Object -First 3 | ForEach-Object Port) @(27230..27232)
    Set-Knob fail_next 'GetExtendedTcpTable' 8
    $said = @()
    $found = @(27230, 27231 | Test-PortReservation -ErrorVariable said -ErrorAction SilentlyContinue)
    Assert-Equal "$($said.Count) $($found.Count)" '1 1' 'errors and answers'
    Assert-Equal $said[0].TargetObject.StartPort 27230
}

Test 'the dynamic range is read from what CIM gives, template Internet first' {
    $answers = & (Get-Module PortReservation) {
        function New-Setting($Name, $Start, $Count) { [pscustomobject]@{ SettingName = $Name; DynamicPortRangeStartPort = [uint16]$Start; DynamicPortRangeNumberOfPorts = [uint16]$Count } }
        Select-DynamicRange @((New-Setting Automatic 0 0), (New-Setting Datacenter 49152 16384), (New-Setting Internet 1024 13977))
        Select-DynamicRange @((New-Setting Automatic 0 0), (New-Setting Datacenter 49152 16384), (New-Setting Internet 65000 13977))
        Select-DynamicRange @([pscustomobject]@{ DynamicPortRangeStartPort = [uint16]10000; DynamicPortRangeNumberOfPorts = [uint16]500 })
        Select-DynamicRange @()
        Read-DynamicRange 'Tcp'
    }
    Assert-Equal $answers @(',"dynamicRange":{"startPort":1024,"numberOfPorts":13977}', ',"dynamicRange":{"startPort":49152,"numberOfPorts":16384}',
        ',"dynamicRange":{"startPort":10000,"numberOfPorts":500}', '', '')
}

Test 'Test-PortReservation shows a list, without what is empty' {
    $null = New-PortReservation -StartPort 27300 -NumberOfPorts 2
    $text = Test-PortReservation 27300 | Out-String -Width 120
    Assert-Match $text '(?m)^Reason\s+: PersistentReservation\r?$'
    Assert-Match $text '(?m)^Block\s+: Tcp 27300-27301 \(Persistent\)\r?$'
    Assert-Match $text '(?m)^BindError\s+: WSAEACCES'
    Assert-True ($text -notmatch 'OwningProcess|Disagreement') 'no empty lines'
}

Test 'dates of both PowerShells become the same' {
    $both = & (Get-Module PortReservation) {
        $data = @{ protocol = 'tcp'; port = 1; canBind = $true; reason = 'Free'; block = $null; owningProcess = 5; processName = 'x'; inDynamicRange = $false; bindError = $null; disagreement = $null; advice = 'x' }
        foreach ($start in '2026-01-02T03:04:05.678Z', [datetime]::new(2026, 1, 2, 3, 4, 5, 678, [System.DateTimeKind]::Utc)) {
            (ConvertTo-PortTest ([pscustomobject]($data + @{ processStartTime = $start }))).ProcessStartTime
        }
    }
    Assert-Equal "$($both[0].ToUniversalTime().ToString('o')) $($both[0].Kind)" '2026-01-02T03:04:05.6780000Z Local'
    Assert-Equal $both[1].ToString('o') $both[0].ToString('o')
}

Test 'Show-PortReservation draws text, line by line and without escapes where it is piped on' {
    $null = New-PortReservation -StartPort 1 -NumberOfPorts 64
    $lines = @(Show-PortReservation)
    Assert-Equal @($lines | Where-Object { $_ -match '^(TCP|UDP) ports' }).Count 2 'the maps'
    Assert-Equal @($lines | Where-Object { $_ -match "[`n`r]" -or $_ -match [char]27 }).Count 0 'lines with breaks or escapes'
    Assert-True (@($lines | Where-Object { $_ -match 'ersistent.*: 64' }).Count -eq 1) 'the count of the legend'
    Assert-Match (Show-PortReservation -Protocol Udp | Out-String) '^UDP ports'
    Assert-True ((Show-PortReservation -Protocol Udp, Udp | Out-String) -notmatch 'TCP') 'one protocol'
}

Test 'colors: where the screen has them, or $PSStyle says so' {
    # The tests' own output is redirected, and may be without colors by the user's wish.
    $wish = [System.Environment]::GetEnvironmentVariable('NO_COLOR')
    [System.Environment]::SetEnvironmentVariable('NO_COLOR', $null)
    try {
        $answers = foreach ($case in @('Ansi', $false), @('PlainText', $true), @('Host', $true), @('Host', $false), @($null, $true)) {
            $style = if ($case[0]) { [pscustomobject]@{ OutputRendering = $case[0] } }
            & (Get-Module PortReservation) { Test-ConsoleColor @args } $style $case[1]
        }
    } finally {
        [System.Environment]::SetEnvironmentVariable('NO_COLOR', $wish)
    }
    Assert-Equal $answers @($true, $false, $false, $false, $false)
}

Test 'what a line sends into a file, a variable or another command is not for the screen' {
    $file = Join-Path (New-TestFolder 'screen') 'out.txt'
    function Get-Answer { $answers.Add((& (Get-Module PortReservation) { Test-ForScreen @args } $MyInvocation)) }
    $answers = [System.Collections.Generic.List[bool]]::new()
    Get-Answer
    & { Get-Answer 2>$null }
    if ($true) { Get-Answer; $null = 1 }
    Assert-Equal @($answers) @($true, $true, $true) 'for the screen'
    $answers.Clear()
    Get-Answer > $file
    Get-Answer *> $file
    $null = Get-Answer
    $null = @(Get-Answer)
    & { Get-Answer } > $file
    Get-Answer | Out-Null
    Assert-Equal @($answers) @($false, $false, $false, $false, $false, $false) 'for something else'
}

Test 'Show-PortReservation writes files, and never over one unasked' {
    $folder = New-TestFolder ('a [b] ' + [char]0xe9)
    $null = New-PortReservation -StartPort 27400 -NumberOfPorts 5
    Push-Location -LiteralPath $folder
    try {
        Assert-Equal @(Show-PortReservation -Path ./ports.svg).Count 0
        $file = Show-PortReservation ports.html -PassThru
        Assert-True ($file -is [System.IO.FileInfo]) 'a FileInfo'
        Assert-Equal $file.FullName (Join-Path $folder 'ports.html')
        $bytes = [System.IO.File]::ReadAllBytes($file.FullName)
        Assert-True ($bytes.Length -gt 1000 -and $bytes[0] -eq 0x3c) 'no byte order mark'
        Assert-Match ([System.IO.File]::ReadAllText($file.FullName)) '^<!doctype html>'
        $svg = [xml][System.IO.File]::ReadAllText((Join-Path $folder 'ports.svg'))
        Assert-Equal $svg.DocumentElement.LocalName 'svg'
        [System.IO.File]::WriteAllText($file.FullName, 'mine')
        $failure = Get-Failure { Show-PortReservation ports.html }
        Assert-Failure $failure InvalidParameter InvalidArgument Show-PortReservation $null $null
        Assert-Match $failure.Exception.Message 'Force'
        Show-PortReservation ports.html -Force -WhatIf
        Assert-Equal ([System.IO.File]::ReadAllText($file.FullName)) 'mine'
        Show-PortReservation ports.html -Force
        Assert-True ($file.OpenText().ReadToEnd().Length -gt 1000) 'the new one'
        foreach ($path in 'ports.txt', 'ports', 'Env:/ports.svg', 'NoSuchDrive:/ports.svg') {
            Assert-Equal (Get-Failure { Show-PortReservation -Path $path }).FullyQualifiedErrorId 'InvalidParameter,Show-PortReservation' $path
        }
        $failure = Get-Failure { Show-PortReservation -Path no/such/folder/ports.svg }
        Assert-Failure $failure NativeError NotSpecified Show-PortReservation $null $null
        Assert-Equal $failure.TargetObject 'no/such/folder/ports.svg'
    } finally {
        Pop-Location
    }
}

Test 'Show-PortReservation replaces a link and not what it points to, and leaves nothing behind where it fails' {
    $folder = New-TestFolder 'links'
    $precious = Join-Path $folder 'precious.txt'
    [System.IO.File]::WriteAllText($precious, 'precious')
    foreach ($target in $precious, (Join-Path $folder 'nowhere.txt')) {
        $link = Join-Path $folder 'ports.svg'
        # Windows makes them for some accounts alone, and what Wine makes is no link to .NET.
        try {
            $null = New-Item -ItemType SymbolicLink -Path $link -Value $target
            $made = [System.IO.File]::GetAttributes($link) -band [System.IO.FileAttributes]::ReparsePoint
        } catch {
            $made = $false
        }
        if (-not $made) { Skip 'no symbolic link can be made here' }
        Assert-Equal @(Get-Failure { Show-PortReservation $link }).Count 1 'without -Force'
        Show-PortReservation $link -Force
        Assert-Equal ([System.IO.File]::ReadAllText($precious)) 'precious'
        Assert-True (-not ((Get-Item -LiteralPath $link).Attributes -band [System.IO.FileAttributes]::ReparsePoint)) 'a file in its place'
        Assert-Match ([System.IO.File]::ReadAllText($link)) '^<svg'
        Assert-Equal @(Get-ChildItem -LiteralPath $folder -Force | ForEach-Object Name | Sort-Object) @('ports.svg', 'precious.txt')
        [System.IO.File]::Delete($link)
    }
    # Its place is taken between the look and the writing.
    $failure = Get-TerminatingFailure { & (Get-Module PortReservation) { Write-OutputFile $args[0] 'new' $false } $precious }
    Assert-True ($failure.Exception.GetBaseException() -is [System.IO.IOException]) 'what .NET says'
    Assert-Equal @(Get-ChildItem -LiteralPath $folder -Force | ForEach-Object Name) @('precious.txt')
    Assert-Equal ([System.IO.File]::ReadAllText($precious)) 'precious'
}
