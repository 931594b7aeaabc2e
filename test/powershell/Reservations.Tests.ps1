# New-, Get- and Remove-PortReservation.

$script:Columns = 'Protocol', 'StartPort', 'EndPort', 'NumberOfPorts', 'Kind', 'Token', 'AddressFamily', 'OwningProcess', 'Store'

Test 'New makes a persistent Tcp reservation and returns it with all properties' {
    $made = New-PortReservation -StartPort 5000 -NumberOfPorts 20
    Assert-Equal @($made.PSObject.Properties.Name) $script:Columns 'the properties'
    Assert-Equal @($made.PSTypeNames)[0..1] @('PortReservation.PersistentReservation', 'PortReservation.Reservation') 'the type names'
    Assert-Equal "$($made.Protocol) $($made.StartPort) $($made.EndPort) $($made.NumberOfPorts) $($made.Kind)" 'Tcp 5000 5019 20 Persistent'
    foreach ($name in 'StartPort', 'EndPort', 'NumberOfPorts') { Assert-True ($made.$name -is [int]) "$name is an int" }
    Assert-True ($made.Protocol -is [string] -and $made.Kind -is [string]) 'Protocol and Kind are strings'
    Assert-True ($made.Token -is [uint64] -and $made.Token -gt 0) 'Token is a uint64'
    Assert-Equal $made.AddressFamily $null
    Assert-Equal $made.OwningProcess $null
    Assert-Equal "$made" 'Tcp 5000-5019 (Persistent)'
}

Test 'defaults: Tcp, one port, Persistent; aliases and positions' {
    Assert-Equal "$(New-PortReservation -Port 5000)" 'Tcp 5000 (Persistent)'
    Assert-Equal "$(New-PortReservation 5100 3)" 'Tcp 5100-5102 (Persistent)'
    Assert-Equal "$(New-PortReservation -Port 5200 -Count 2 -Protocol udp)" 'Udp 5200-5201 (Persistent)'
    Remove-PortReservation 5100 3
    Remove-PortReservation -Port 5200 -Count 2 -Protocol Udp
    Assert-Equal "$(Get-PortReservation)" 'Tcp 5000 (Persistent)'
}

Test 'two reservations are two objects' {
    $first, $second = New-PortReservation -StartPort 5000 -Protocol Tcp, Udp
    $first | Add-Member -NotePropertyName Mine -NotePropertyValue 1
    $first.Protocol = 'x'
    $first.PSTypeNames.Insert(0, 'Mine')
    Assert-Equal $second.Protocol 'Udp'
    Assert-Equal @($second.PSObject.Properties.Name) $script:Columns
    Assert-Equal $second.PSTypeNames[0] 'PortReservation.PersistentReservation'
    Assert-Equal (New-PortReservation -StartPort 5001).PSTypeNames[0] 'PortReservation.PersistentReservation'
}

Test 'both protocols: two reservations, or none' {
    Assert-Equal @(New-PortReservation -StartPort 5000 -Protocol Tcp, Udp | ForEach-Object { "$_" }) @('Tcp 5000 (Persistent)', 'Udp 5000 (Persistent)')
    $null = New-PortReservation -StartPort 6001 -Protocol Udp
    $failure = Get-Failure { New-PortReservation -StartPort 6000 -NumberOfPorts 3 -Protocol Tcp, Udp }
    Assert-Failure $failure PortInUse ResourceBusy New-PortReservation 32 ERROR_SHARING_VIOLATION
    Assert-Equal @(Get-PortReservation -Port 6000).Count 0 'reservations of port 6000'
}

Test 'a wildcard runtime reservation is of the system''s choice' {
    $made = New-PortReservation -Kind Runtime -NumberOfPorts 4
    Assert-Equal @($made.PSTypeNames)[0..1] @('PortReservation.RuntimeReservation', 'PortReservation.Reservation')
    Assert-True ($made.StartPort -ge 1024) 'a port of the dynamic range'
    Assert-Equal "$($made.NumberOfPorts) $($made.Kind) $($made.AddressFamily)" '4 Runtime InterNetwork'
    Assert-Equal $made.OwningProcess (Get-PortReservationHost).ProcessId
    Assert-True ($made.OwningProcess -is [int]) 'OwningProcess is an int'
    $sixth = New-PortReservation -Kind Runtime -StartPort 7000 -AddressFamily InterNetworkV6 -Protocol Udp
    Assert-Equal "$sixth $($sixth.AddressFamily)" 'Udp 7000 (Runtime) InterNetworkV6'
    Assert-Equal @(Get-PortReservation -Kind Runtime).Count 2
    $made, $sixth | Remove-PortReservation
    Assert-Equal @(Get-PortReservation).Count 0
}

Test 'IfNotExists returns the same reservation twice, and not another kind' {
    $first = New-PortReservation -StartPort 5000 -NumberOfPorts 2 -IfNotExists
    $second = New-PortReservation -StartPort 5000 -NumberOfPorts 2 -IfNotExists
    Assert-Equal $second.Token $first.Token
    Assert-Equal (Get-Failure { New-PortReservation -StartPort 5000 -NumberOfPorts 2 -Kind Runtime -IfNotExists }).FullyQualifiedErrorId 'PortInUse,New-PortReservation'
    Assert-Equal (Get-Failure { New-PortReservation -StartPort 5000 -NumberOfPorts 3 -IfNotExists }).FullyQualifiedErrorId 'PortInUse,New-PortReservation'
    $both = @(New-PortReservation -StartPort 5000 -NumberOfPorts 2 -IfNotExists -Protocol Tcp, Udp)
    Assert-Equal $both[0].Token $first.Token
    Assert-Equal "$($both[1])" 'Udp 5000-5001 (Persistent)'
}

Test 'WhatIf touches nothing and starts no host' {
    $null = New-PortReservation -StartPort 5000
    & (Get-Module PortReservation) { Stop-HostProcess }
    New-PortReservation -StartPort 5001 -WhatIf
    Remove-PortReservation -StartPort 5000 -WhatIf
    [pscustomobject]@{ StartPort = 5002 } | New-PortReservation -WhatIf
    Assert-Equal (Get-ModuleSession).Connection $null 'the connection'
    Assert-Equal "$(Get-PortReservation)" 'Tcp 5000 (Persistent)'
}

Test 'the preference variables of a calling script count' {
    & {
        $WhatIfPreference = $true
        New-PortReservation -StartPort 5001
        $WhatIfPreference = $false
        $ErrorActionPreference = 'SilentlyContinue'
        New-PortReservation -Kind System
        $ErrorActionPreference = 'Stop'
        Assert-Equal (Get-TerminatingFailure { New-PortReservation -Kind System }).FullyQualifiedErrorId 'InvalidParameter,New-PortReservation'
    }
    Assert-Equal @(Get-PortReservation).Count 0
}

Test 'Get lists every kind, of both protocols, in order' {
    $null = New-PortReservation -StartPort 5000 -NumberOfPorts 2 -Protocol Udp, Tcp
    $null = New-PortReservation -StartPort 6000 -Kind Runtime
    Set-Knob add_exclusion 6 7000 5 1
    Set-Knob add_system_block 6 8000 100 0
    Assert-Equal @(Get-PortReservation | ForEach-Object { "$_" }) @('Tcp 5000-5001 (Persistent)', 'Tcp 6000 (Runtime)', 'Tcp 7000-7004 (Exclusion)', 'Tcp 8000-8099 (System)', 'Udp 5000-5001 (Persistent)')
    Assert-Equal @(Get-PortReservation -Kind Exclusion, System | ForEach-Object { $_.PSTypeNames[0] }) @('PortReservation.Exclusion', 'PortReservation.SystemReservation')
    Assert-Equal (Get-PortReservation -Kind System).Token $null
    Assert-Equal @(Get-PortReservation -Protocol Udp).Count 1
    Assert-Equal "$(Get-PortReservation -Port 8050)" 'Tcp 8000-8099 (System)'
    Assert-Equal @(Get-PortReservation -Port 5001).Count 2
    Assert-Equal @(Get-PortReservation -Port 5001 -Protocol Tcp -Kind Persistent).Count 1
    Assert-Equal @(Get-PortReservation -Port 9000).Count 0
}

Test 'Get of exactly a block looks it up, and is ObjectNotFound otherwise' {
    $made = New-PortReservation -StartPort 5000 -NumberOfPorts 20
    Assert-Equal (Get-PortReservation -StartPort 5000 -NumberOfPorts 20).Token $made.Token
    Assert-Equal @(Get-PortReservation 5000 20 -Protocol Tcp).Count 1
    $failure = Get-Failure { Get-PortReservation -StartPort 5000 -NumberOfPorts 19 }
    Assert-Failure $failure ReservationNotFound ObjectNotFound Get-PortReservation 1168 ERROR_NOT_FOUND
    Assert-Equal "$($failure.TargetObject)" 'Tcp, Udp 5000-5018'
    # Of any kind was looked for, and of the one that was named.
    Assert-Match $failure.Exception.Message '^There is no block Tcp, Udp 5000-5018 in force\.'
    Assert-Match (Get-Failure { Get-PortReservation 5000 19 -Kind Persistent }).Exception.Message 'persistent'
    Assert-Equal (Get-Failure { Get-PortReservation 5000 20 -Protocol Udp }).TargetObject.Protocol 'Udp'
    Assert-Equal (Get-Failure { Get-PortReservation 5000 20 -Kind Runtime }).FullyQualifiedErrorId 'ReservationNotFound,Get-PortReservation'
    $both = @(Get-PortReservation 5000 20 -Protocol Tcp, Udp -ErrorAction Continue 2>&1)
    Assert-Equal "$($both[0]) / $($both[1].TargetObject.Protocol)" 'Tcp 5000-5019 (Persistent) / Udp'
    Set-Knob add_system_block 17 9000 2 0
    Assert-Equal "$(Get-PortReservation 9000 2 -Kind System)" 'Udp 9000-9001 (System)'
    Assert-Equal (Get-Failure { Get-PortReservation 9000 1 -Kind System }).FullyQualifiedErrorId 'ReservationNotFound,Get-PortReservation'
}

Test 'Get of exactly a block finds what has no token too' {
    $exclusion = New-PortReservation -StartPort 8080 -Kind Exclusion
    Set-Knob add_system_block 17 8080 1 0
    Set-Knob add_system_block 6 9000 10 0
    Assert-Equal @(Get-PortReservation -StartPort 8080 | ForEach-Object { "$_" }) @("$exclusion", 'Udp 8080 (System)')
    Assert-Equal "$(Get-PortReservation 8080 -Protocol Tcp, tcp)" "$exclusion"
    Assert-Equal "$(Get-PortReservation 9000 10)" 'Tcp 9000-9009 (System)'
    $persistent = New-PortReservation -StartPort 8090 -Protocol Udp
    $null = New-PortReservation -StartPort 8090 -Kind Exclusion
    Assert-Equal @(Get-PortReservation 8090 | ForEach-Object { "$_" } | Sort-Object) @('Tcp 8090 (Exclusion)', "$persistent")
    Assert-Equal (Get-Failure { Get-PortReservation 9000 9 }).FullyQualifiedErrorId 'ReservationNotFound,Get-PortReservation'
    Assert-Equal (Get-Failure { Get-PortReservation 8080 -Kind Persistent }).FullyQualifiedErrorId 'ReservationNotFound,Get-PortReservation'
}

Test 'a protocol that is named twice is one' {
    Assert-Equal @(New-PortReservation -StartPort 5000 -Protocol Tcp, tcp, Udp | ForEach-Object { "$_" }) @('Tcp 5000 (Persistent)', 'Udp 5000 (Persistent)')
    Assert-Equal @(Remove-PortReservation -StartPort 5000 -Protocol Udp, Udp, Tcp -PassThru | ForEach-Object { "$_" }) @('Udp 5000 (Persistent)', 'Tcp 5000 (Persistent)')
}

Test 'Get looks up what is piped in' {
    $null = New-PortReservation -StartPort 5000 -NumberOfPorts 2
    $rows = [pscustomobject]@{ StartPort = 5000; NumberOfPorts = 2; Protocol = 'Tcp' }, [pscustomobject]@{ StartPort = 5010; NumberOfPorts = 2; Protocol = 'Tcp' }
    $found = @($rows | Get-PortReservation -ErrorAction Continue 2>&1)
    Assert-Equal "$($found[0]) / $($found[1].FullyQualifiedErrorId)" 'Tcp 5000-5001 (Persistent) / ReservationNotFound,Get-PortReservation'
}

Test 'Remove takes objects, rows and blocks, is silent, and PassThru returns' {
    $made = New-PortReservation -StartPort 5000 -NumberOfPorts 2 -Protocol Tcp, Udp
    Assert-Equal @($made[0] | Remove-PortReservation).Count 0
    $passed = [pscustomobject]@{ Protocol = 'Udp'; StartPort = '5000'; NumberOfPorts = '2' } | Remove-PortReservation -PassThru
    Assert-Equal "$passed $($passed.Token)" "$($made[1]) $($made[1].Token)"
    $null = New-PortReservation -StartPort 5000 -NumberOfPorts 2 -Protocol Tcp, Udp
    Assert-Equal @(Remove-PortReservation 5000 2 -Protocol Tcp, Udp -PassThru).Count 2
    Assert-Equal @(Get-PortReservation).Count 0
}

Test 'Remove of a part of a block removes nothing' {
    $null = New-PortReservation -StartPort 5000 -NumberOfPorts 20
    $failure = Get-Failure { Remove-PortReservation -StartPort 5000 -NumberOfPorts 10 }
    Assert-Failure $failure ReservationNotFound ObjectNotFound Remove-PortReservation 1168 ERROR_NOT_FOUND
    Assert-Equal "$($failure.TargetObject)" 'Tcp 5000-5009 (Persistent)'
    Assert-Equal @(Get-PortReservation).Count 1
}

Test 'Remove refuses blocks of other programs and things that are no blocks' {
    Set-Knob add_system_block 6 8000 10 0
    $failure = Get-Failure { Get-PortReservation -Kind System | Remove-PortReservation }
    Assert-Failure $failure InvalidParameter InvalidArgument Remove-PortReservation $null $null
    Assert-Equal "$($failure.TargetObject)" 'Tcp 8000-8009 (System)'
    Assert-Match $failure.Exception.Message 'System'
    foreach ($thing in 5, 'text', [pscustomobject]@{ NumberOfPorts = 5 }, [pscustomobject]@{ StartPort = 5; NumberOfPorts = 1; Protocol = 'Sctp' }, [pscustomobject]@{ StartPort = 70000; NumberOfPorts = 1; Protocol = 'Tcp' }) {
        Assert-Equal (Get-Failure { $thing | Remove-PortReservation }).FullyQualifiedErrorId 'InvalidParameter,Remove-PortReservation' "$thing"
    }
}

Test 'Export-Csv and Import-Csv round-trip' {
    $null = New-PortReservation -StartPort 5000 -NumberOfPorts 20 -Protocol Tcp, Udp
    $null = New-PortReservation -StartPort 6000 -NumberOfPorts 2 -Kind Runtime -AddressFamily InterNetworkV6
    $null = New-PortReservation -StartPort 7000 -NumberOfPorts 5 -Kind Exclusion
    Set-Knob add_system_block 6 8000 10 0
    $file = Join-Path (New-TestFolder) 'reservations.csv'
    $before = @(Get-PortReservation | ForEach-Object { "$_ $($_.AddressFamily)" })
    Get-PortReservation | Export-Csv -LiteralPath $file -NoTypeInformation
    Get-PortReservation -Kind Persistent, Runtime, Exclusion | Remove-PortReservation
    Assert-Equal @(Get-PortReservation).Count 1
    $again = @(Import-Csv -LiteralPath $file | New-PortReservation -ErrorAction SilentlyContinue -ErrorVariable failures)
    Assert-Equal $again.Count 4
    Assert-Equal @(Get-PortReservation | ForEach-Object { "$_ $($_.AddressFamily)" }) $before
    Assert-Equal "$($failures.FullyQualifiedErrorId)" 'InvalidParameter,New-PortReservation' 'the row of another program'
    Assert-Equal "$($failures[0].TargetObject)" 'Tcp 8000-8009 (System)'
    # Rows have no token of today, and are removed and bound all the same.
    Import-Csv -LiteralPath $file | Where-Object Kind -eq Persistent | Invoke-AssociatedBind | Close-AssociatedBind
    Import-Csv -LiteralPath $file | Where-Object Kind -eq Persistent | Remove-PortReservation
    Assert-Equal @(Get-PortReservation -Kind Persistent).Count 0
}

Test 'many piped items keep their order, and each failure is its own' {
    $null = New-PortReservation -StartPort 10500 -NumberOfPorts 1
    $null = New-PortReservation -StartPort 10777 -NumberOfPorts 1
    $items = 1..1000 | ForEach-Object { [pscustomobject]@{ StartPort = 10000 + $_; Protocol = 'Tcp' } }
    $out = @($items | New-PortReservation -ErrorAction Continue 2>&1)
    Assert-Equal $out.Count 1000
    $ports = foreach ($item in $out) { if ($item -is [System.Management.Automation.ErrorRecord]) { $item.TargetObject.StartPort } else { $item.StartPort } }
    Assert-Equal "$ports" "$(10001..11000)" 'the order'
    Assert-Equal @($out | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] } | ForEach-Object { $_.FullyQualifiedErrorId }) @('PortInUse,New-PortReservation', 'PortInUse,New-PortReservation')
    $items | Remove-PortReservation
    Assert-Equal @(Get-PortReservation).Count 0
}

Test 'the first piped item is out before the second is in' {
    $seen = [System.Collections.Generic.List[string]]::new()
    1..2 | ForEach-Object { $seen.Add("in $_"); [pscustomobject]@{ StartPort = 5000 + $_ } } | New-PortReservation | ForEach-Object { $seen.Add("out $_") }
    Assert-Equal $seen[0..1] @('in 1', 'out Tcp 5001 (Persistent)')
    $null = 1..1000 | ForEach-Object { [pscustomobject]@{ StartPort = 6000 + $_ } } | New-PortReservation | Select-Object -First 1
    Assert-Equal @(Get-PortReservation | Where-Object StartPort -gt 6000).Count 1 'the reservations made for Select-Object -First 1'
}

Test 'what is made and not given is removed again, and with IfNotExists it stays' {
    $rows = 1..50 | ForEach-Object { [pscustomobject]@{ StartPort = 6000 + $_ } }
    foreach ($kind in 'Persistent', 'Runtime') {
        $given = @($rows | New-PortReservation -Kind $kind | Select-Object -First 3 | ForEach-Object { "$_" })
        Assert-Equal $given @(1..3 | ForEach-Object { "Tcp 600$_ ($kind)" })
        Assert-Equal @(Get-PortReservation | ForEach-Object { "$_" }) $given 'what is reserved'
        Get-PortReservation | Remove-PortReservation
    }
    # An error in the middle of a batch, which ends the pipeline: the items after it had not been done one by one either.
    $null = New-PortReservation -StartPort 6003
    $null = Get-TerminatingFailure { $rows | New-PortReservation -ErrorAction Stop }
    Assert-Equal @(Get-PortReservation | ForEach-Object StartPort) @(6001, 6002, 6003)
    $older = New-PortReservation -StartPort 6004
    $null = $rows | New-PortReservation -IfNotExists | Select-Object -First 3
    Assert-Equal (Get-PortReservation -StartPort 6004).Token $older.Token
}

Test 'the fast way of reading answers is taken' {
    # It depends on how exactly the host writes; any other answer would only be slow, which no other case would notice.
    $null = New-PortReservation -StartPort 5000 -Protocol Tcp, Udp
    $null = New-PortReservation -Kind Runtime -NumberOfPorts 3
    $taken = & (Get-Module PortReservation) {
        $requests = [System.Collections.Generic.List[string]]@('"method":"reservation.list","params":{}', '"method":"reservation.get","params":{"protocol":"tcp","startPort":5000,"numberOfPorts":1}')
        Invoke-HostRequest $null $requests 30000 $script:ReservationAnswer
    }
    Assert-True ($taken -is [System.Text.RegularExpressions.Match]) 'one match of the answer'
    $plain = & (Get-Module PortReservation) {
        $requests = [System.Collections.Generic.List[string]]@('"method":"reservation.list","params":{}')
        ConvertTo-Reservation (Invoke-HostRequest $null $requests)[0].result
    }
    $fast = Get-PortReservation
    Assert-Equal (ConvertTo-Json @($fast)) (ConvertTo-Json @($plain)) 'both ways'
    Assert-Equal @($fast | ForEach-Object { "$($_.PSTypeNames)" }) @($plain | ForEach-Object { "$($_.PSTypeNames)" })
}

Test 'every object has a store, and a round trip keeps it whatever the first row is' {
    $null = New-PortReservation -StartPort 5000 -NumberOfPorts 2
    $null = New-PortReservation -StartPort 5100 -Kind Runtime
    $null = New-PortReservation -StartPort 5200 -Kind Exclusion
    $null = New-PortReservation -StartPort 5300 -Kind Exclusion -Store Active
    Set-Knob add_system_block 6 5400 10 0
    Assert-Equal @(Get-PortReservation | ForEach-Object { "$($_.StartPort) $($_.Store)" }) @('5000 Persistent', '5100 Active', '5200 Persistent', '5300 Active', '5400 Active')
    foreach ($found in Get-PortReservation) { Assert-Equal @($found.PSObject.Properties.Name) $script:Columns "the properties of $found" }
    $before = @(Get-PortReservation -Kind Persistent, Runtime, Exclusion | ForEach-Object { "$_ $($_.Store)" })
    $file = Join-Path (New-TestFolder) 'stores.csv'
    foreach ($backward in $false, $true) {
        Get-PortReservation -Kind Persistent, Runtime, Exclusion | Sort-Object StartPort -Descending:$backward | Export-Csv -LiteralPath $file -NoTypeInformation
        Get-PortReservation -Kind Persistent, Runtime, Exclusion | Remove-PortReservation
        $null = Import-Csv -LiteralPath $file | New-PortReservation
        Assert-Equal @(Get-PortReservation -Kind Persistent, Runtime, Exclusion | ForEach-Object { "$_ $($_.Store)" }) $before "after a round trip, backward $backward"
    }
    # Objects, rows and parameters alike, of every kind.
    $before = @(Get-PortReservation -Kind Persistent, Runtime, Exclusion)
    $before | Remove-PortReservation
    Assert-Equal @($before | New-PortReservation | ForEach-Object { "$_" }) @($before | ForEach-Object { "$_" })
    Remove-PortReservation 5000 2 -Store Persistent
    Remove-PortReservation 5100 -Kind Runtime -Store Active
    Assert-Equal "$(New-PortReservation -StartPort 5000 -Store Persistent) $(New-PortReservation -StartPort 5100 -Kind Runtime -Store active)" 'Tcp 5000 (Persistent) Tcp 5100 (Runtime)'
    foreach ($case in { New-PortReservation -StartPort 5001 -Store Active }, { New-PortReservation -Kind Runtime -Store Persistent },
        { Remove-PortReservation 5000 -Store Active }, { Remove-PortReservation 5100 -Kind Runtime -Store Persistent },
        { [pscustomobject]@{ StartPort = 5001; Kind = 'Persistent'; Store = 'Active' } | New-PortReservation }) {
        $failure = Get-Failure $case
        Assert-Match $failure.FullyQualifiedErrorId '^InvalidParameter,' "$case"
        Assert-Match $failure.Exception.Message '-Store applies only to exclusions' "$case"
    }
    # Where netsh does not say.
    $unsaid = & (Get-Module PortReservation) {
        $item = '{"protocol":"udp","startPort":7,"endPort":7,"numberOfPorts":1,"kind":"system","token":null,"addressFamily":null,"owningProcess":null,"store":null}'
        ConvertFrom-ReservationMatch $script:ReservationAnswer.Match('{"jsonrpc":"2.0","id":1,"result":[' + $item + ']}')
        ConvertTo-Reservation (ConvertFrom-Json -InputObject $item)
    }
    foreach ($found in $unsaid) { Assert-Equal $found.Store $null "the store of $found" }
    Assert-Equal @($unsaid).Count 2
}

Test 'AddressFamily and Store may be empty, and say what else they may be' {
    $rows = [pscustomobject]@{ StartPort = 5000; AddressFamily = ''; Store = '' }, [pscustomobject]@{ StartPort = 5001; AddressFamily = $null; Store = $null }
    Assert-Equal @($rows | New-PortReservation).Count 2 'by property name'
    Assert-Equal "$(New-PortReservation -StartPort 5002 -AddressFamily '' -Store $null)" 'Tcp 5002 (Persistent)' 'directly'
    Assert-Match (Get-TerminatingFailure { New-PortReservation -AddressFamily foo }).Exception.Message '"foo" is not one of.*: InterNetwork, InterNetworkV6\.'
    Assert-Match (Get-TerminatingFailure { New-PortReservation -Store foo }).Exception.Message '"foo" is not one of.*: Persistent, Active\.'
    Assert-Match (Get-Failure { [pscustomobject]@{ StartPort = 5003; Store = 'foo' } | New-PortReservation }).Exception.Message 'Store must be one of Persistent, Active \(foo\)'
}

Test 'StartPort is completed from what the session has seen, without a host' {
    $null = New-PortReservation -StartPort 5123
    & (Get-Module PortReservation) { Stop-HostProcess }
    foreach ($line in 'Remove-PortReservation -StartPort 512', 'Get-PortReservation -StartPort 512', 'Invoke-AssociatedBind -StartPort 512') {
        $found = (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches
        Assert-Equal @($found.CompletionText) @('5123') $line
    }
    foreach ($case in @('AddressFamily', 'InterNetwork', 'InterNetworkV6'), @('Store', 'Persistent', 'Active')) {
        $line = "New-PortReservation -$($case[0]) "
        $found = (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches
        Assert-Equal @($found.CompletionText | Sort-Object) @($case[1..2] | Sort-Object) $line
    }
    Assert-Equal (Get-ModuleSession).Connection $null 'the connection'
}

Test 'tables have the columns an administrator looks for' {
    $null = New-PortReservation -StartPort 5000 -NumberOfPorts 20
    # In the console of 80 columns that a server has.
    $text = Get-PortReservation | Format-Table | Out-String -Width 79
    Assert-Match $text 'Protocol\s+StartPort\s+EndPort\s+Ports\s+Kind\s+Token\s+OwningProcess'
    Assert-Match $text '(?m)^Tcp\s+5000\s+5019\s+20\s+Persistent\s+\d+'
    # What the next restart takes away is told from what stays.
    $null = New-PortReservation -StartPort 5100 -Kind Exclusion
    $null = New-PortReservation -StartPort 5200 -Kind Exclusion -Store Active
    $text = Get-PortReservation -Kind Exclusion | Format-Table | Out-String -Width 79
    Assert-Match $text '(?m)^Tcp +5100 +5100 +1 Exclusion *\r?\nTcp +5200 +5200 +1 Exclusion *\r?\n +\(Active\) *\r?$'
    Assert-Equal "$(Get-PortReservation -Kind Exclusion)" 'Tcp 5100 (Exclusion) Tcp 5200 (Exclusion, Active)'
}
