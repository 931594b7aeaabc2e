# How objects look in the console, and how their members complete.

function Get-Completion {
    # What Tab offers at the end of a line.
    param([string]$Line)
    @((TabExpansion2 $Line $Line.Length).CompletionMatches | ForEach-Object CompletionText)
}

function Get-View {
    # The lines that a console of 80 columns shows, without colors.
    param([object[]]$InputObject)
    $text = $InputObject | Out-String -Width 80
    @($text -replace "$([char]27)\[[\d;]*m" -split '\r?\n' | Where-Object { $_.Trim() } | ForEach-Object { $_.TrimEnd() })
}

Test 'several ports are tested into a table, one port into a list with the advice' {
    $null = New-PortReservation -StartPort 29000 -NumberOfPorts 2
    Set-Knob set_process 5000 'C:\Program Files\A service\service.exe'
    Set-Knob add_endpoint 6 '0.0.0.0' 29002 2 5000
    foreach ($several in @(Test-PortReservation 29000, 29002, 29003), @(29000, 29002, 29003 | Test-PortReservation)) {
        $lines = Get-View $several
        Assert-Equal $lines.Count 5 'the number of lines'
        Assert-Match $lines[0] '^Protocol\s+Port\s+CanBind\s+Reason\s+Block\s+Process$'
        Assert-Match $lines[2] '^Tcp\s+29000 False\s+PersistentReservation\s+29000-29001$'
        Assert-Match $lines[3] '^Tcp\s+29002 False\s+InUse\s+service\.exe \(5000\)$'
        Assert-Match $lines[4] '^Tcp\s+29003 True\s+Free$'
        Assert-Equal @($lines | Where-Object { $_.Length -gt 80 }).Count 0 'lines that are too long'
        Assert-True ($several[0].PSTypeNames -contains 'PortReservation.PortTest') 'the type'
        Assert-Equal "$($several[0])" 'Tcp 29000: PersistentReservation'
        Assert-Equal @((Get-View ($several | Format-List)) -match '^Advice\s+:').Count 3 'the advice in lists'
    }
    $one = Test-PortReservation 29000
    Assert-Equal @((Get-View $one) -match '^Advice\s+:').Count 1 'the advice in the list'
    Assert-Equal (Get-View ($one | Format-Table))[0] (Get-View (Test-PortReservation 29000, 29001))[0] 'Format-Table'
    Assert-Equal @(Test-PortReservation 29000, 29003 -Quiet) @($false, $true) '-Quiet'
}

Test 'the reservations of every kind fit into 80 columns' {
    $null = New-PortReservation -StartPort 29000 -NumberOfPorts 2
    $null = New-PortReservation -Kind Exclusion -StartPort 29010 -Store Active
    $null = New-PortReservation -Kind Runtime -NumberOfPorts 2
    Set-Knob add_system_block 6 29020 100 1
    $all = @(Get-PortReservation -Protocol Tcp)
    Assert-Equal @($all.Kind | Sort-Object) @('Exclusion', 'Persistent', 'Runtime', 'System')
    $lines = Get-View $all
    Assert-True ($lines.Count -ge 6) 'there are lines'
    Assert-Equal @($lines | Where-Object { $_.Length -gt 80 }).Count 0 'lines that are too long'
}

Test 'the members of what each cmdlet gives complete after the pipe, before any cmdlet has run' {
    $types = @{}
    foreach ($command in (Get-Command -Module PortReservation)) {
        foreach ($type in @($command.OutputType.Name) -match '^PortReservation\.\w+$') { $types[$type] = $command.Name }
    }
    Assert-True ($types.Count -ge 4) "the types: $($types.Keys)"
    $known = @{
        'PortReservation.Reservation' = 'StartPort'; 'PortReservation.PortTest' = 'CanBind'; 'PortReservation.AssociatedBind' = 'LocalEndPoint'; 'PortReservation.Host' = 'IsElevated'
    }
    foreach ($type in $types.Keys) {
        foreach ($next in 'Where-Object ', 'Sort-Object ', 'Select-Object -Property ', 'ForEach-Object { $_.') {
            $offered = Get-Completion "$($types[$type]) | $next"
            Assert-True ($offered.Count -ge 4) "the members of $type after $next, which are '$offered'"
            if ($known.ContainsKey($type)) { Assert-True ($offered -contains $known[$type]) "$($known[$type]) of $type after $next" }
        }
    }
    Assert-Equal (Get-Completion 'Get-PortReservation | Where-Object Sta') @('StartPort')
}

Test 'the members that complete are those that the objects have, in name and number' {
    $made = New-PortReservation -StartPort 29000 -NumberOfPorts 2
    $tested = Test-PortReservation 29002
    $bind = $made | Invoke-AssociatedBind
    try {
        foreach ($item in $made, $tested, $bind, (Get-PortReservationHost)) {
            $type = @($item.PSTypeNames | Where-Object { Get-TypeData "$_#Members" })
            Assert-Equal $type.Count 1 "the types of $item"
            Assert-Equal @((Get-TypeData "$type#Members").Members.Keys | Sort-Object) @($item.PSObject.Properties.Name | Sort-Object) $type
        }
    } finally {
        $bind.Dispose()
    }
}
