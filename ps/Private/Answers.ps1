# Answers of the host: rows, fields between tabs (docs/host-protocol.md), which String.Split takes apart.

# How the objects are as text: values, and the names of members, which are the same in every language. Without the session of this module (GetScriptBlock), so that they run in whichever runspace asks.
$script:TextOf = @{
    Reservation                        = {
        $end = if ($this.NumberOfPorts -ne 1) { "-$($this.EndPort)" }
        $passing = if ($this.Kind -eq 'Exclusion' -and $this.Store -eq 'Active') { ', Active' }
        "$($this.Protocol) $($this.StartPort)$end ($($this.Kind)$passing)"
    }
    Block                              = {
        $ports = if ($null -eq $this.StartPort) { "(NumberOfPorts $($this.NumberOfPorts))" } elseif ($this.NumberOfPorts -eq 1) { "$($this.StartPort)" } else { "$($this.StartPort)-$($this.EndPort)" }
        $kind = if ($this.Kind) { " ($($this.Kind))" }
        "$($this.Protocol) $ports$kind"
    }
    'PortReservation.DynamicPortRange' = { "$($this.Protocol) $($this.StartPort)-$($this.EndPort) ($($this.AddressFamily))" }
    'PortReservation.DynamicRangeUse'  = {
        "$($this.Protocol) $($this.StartPort)-$($this.EndPort): PortsInUse $($this.PortsInUse), PortsHeld $($this.PortsHeld), PortsFree $($this.PortsFree), PercentUsed $($this.PercentUsed), Connections $($this.Connections)"
    }
    'PortReservation.DynamicRangeUser' = {
        $who = if ($null -eq $this.ProcessId) { '-' } else { "$($this.ProcessName) ($(@($this.ProcessId) + $this.Service -join ', '))" }
        "${who}: Ports $($this.Ports), Connections $($this.Connections)"
    }
    'PortReservation.HeldPorts'        = { "$($this.Protocol) $($this.Kind): Ports $($this.Ports), Blocks $($this.Blocks)" }
    'PortReservation.HealthFinding'    = { "$($this.Severity) $($this.Name): $($this.Text) $($this.Advice)" }
    'PortReservation.ReservationChange' = {
        $end = if ($this.NumberOfPorts -ne 1) { "-$($this.EndPort)" }
        "$($this.Protocol) $($this.StartPort)$end ($($this.Kind)$(if ($this.Kind -eq 'Exclusion' -and $this.Store -eq 'Active') { ', Active' }))"
    }
    'PortReservation.PortTest'         = { "$($this.Protocol) $($this.Port): $($this.Reason)" }
    'PortReservation.PortOwner'        = {
        $process = if ($null -ne $this.ProcessId) { "$($this.ProcessName) ($($this.ProcessId)" + $(if ($this.Service) { ": $($this.Service -join ', ')" }) + ') ' }
        $state = if ($this.State) { " $($this.State)" }
        "$process$($this.LocalAddress)$state"
    }
    Bind                               = { "$($this.Protocol) $($this.LocalEndPoint) ($($this.State))" }
}
foreach ($name in @($script:TextOf.Keys)) { $script:TextOf[$name] = [psscriptmethod]::new('ToString', $script:TextOf[$name].Ast.GetScriptBlock()) }

# One reservation object of each kind, to copy: copying takes a third of the time of creating one.
$script:ReservationTemplates = @{}
foreach ($kind in 'Persistent', 'Runtime', 'Exclusion', 'System') {
    $template = [pscustomobject]@{
        PSTypeName = if ($kind -eq 'Exclusion') { 'PortReservation.Exclusion' } else { "PortReservation.${kind}Reservation" }
        Protocol = 'Tcp'; StartPort = 0; EndPort = 0; NumberOfPorts = 0; Kind = $kind; Token = $null; AddressFamily = $null; OwningProcess = $null
        # Whether it survives a restart. Every kind has it, because Export-Csv takes the columns of its first object.
        Store = $null
    }
    $template.PSObject.TypeNames.Insert(1, 'PortReservation.Reservation')
    $template.PSObject.Methods.Add($script:TextOf['Reservation'])
    $script:ReservationTemplates[$kind] = $template
}

function Read-Answer {
    # The answers of a line, one after the other, to requests with these ids: of each value a pair of the index of its request
    # and the value; the value of an error is a hashtable. Lists are given item by item. Nothing if the line is no answer to them.
    param([string]$Line, [int]$Id, [int]$Count)

    $fields = $Line.Split([char]9)
    $cursor = @{ Fields = $fields; At = 0 }
    $items = [System.Collections.Generic.List[object]]::new($Count)
    $index = -1
    while ($cursor.At -lt $fields.Length) {
        $field = $fields[$cursor.At]
        $index++
        if ($field.Substring(1) -cne ($Id + $index)) { return }
        $cursor.At++
        if ($field[0] -eq 'e') {
            $native = $null
            if ($fields[$cursor.At + 3]) { $native = [int]$fields[$cursor.At + 3] }
            $items.Add(@($index, @{ Reason = $fields[$cursor.At]; Message = $fields[$cursor.At + 1]; Advice = $fields[$cursor.At + 2]; NativeCode = $native; NativeName = $fields[$cursor.At + 4] }))
            $cursor.At += 5
        } elseif ($fields[$cursor.At][0] -eq 'l') {
            $number = [int]$fields[$cursor.At++].Substring(1)
            if ($number -gt 0 -and $fields[$cursor.At] -ceq 'r') { foreach ($item in Read-Reservation $cursor $number) { $items.Add(@($index, $item)) } }
            else { for (; $number -gt 0; $number--) { $items.Add(@($index, (Read-Value $cursor))) } }
        } else {
            $items.Add(@($index, (Read-Value $cursor)))
        }
    }
    if ($index -eq $Count - 1) { , $items }
}

function Read-Reservation {
    # So many reservations. Written inline: a pipeline has thousands.
    param($Cursor, [int]$Count)

    $fields = $Cursor.Fields
    $at = $Cursor.At
    $known = $script:Session.Known
    $own = $script:Session.Reservations
    for ($index = 0; $index -lt $Count; $index++) {
        $reservation = $script:ReservationTemplates[$fields[$at + 1]].PSObject.Copy()
        $reservation.Protocol = $fields[$at + 2]
        $reservation.StartPort = $start = [int]$fields[$at + 3]
        $reservation.NumberOfPorts = $number = [int]$fields[$at + 4]
        $reservation.EndPort = $start + $number - 1
        if ($fields[$at + 5]) { $reservation.Token = [uint64]$fields[$at + 5] }
        if ($fields[$at + 6]) { $reservation.AddressFamily = $fields[$at + 6] }
        if ($fields[$at + 7]) { $reservation.OwningProcess = [int]$fields[$at + 7] }
        if ($fields[$at + 8]) { $reservation.Store = $fields[$at + 8] }
        if ($fields[$at + 9]) { $reservation.PSObject.Properties.Add([psnoteproperty]::new('Created', $fields[$at + 9] -eq '1')) }
        $at += 10
        $known[$start] = $reservation
        $own.Add($reservation, $null)
        $reservation
    }
    $Cursor.At = $at
}

function Read-Value {
    # The next value of a row, of its type.
    param($Cursor)

    $field = $Cursor.Fields[$Cursor.At]
    if ($field -ceq 'r') { return Read-Reservation $Cursor 1 }
    $Cursor.At++
    $text = $field.Substring(1)
    switch -CaseSensitive ($field[0]) {
        '-' { return $null }
        's' { return $text }
        'i' { return [int]$text }
        'b' { return $text -eq '1' }
        # As in Get-Process.
        't' { return [datetime]::Parse($text, [cultureinfo]::InvariantCulture, 'RoundtripKind').ToLocalTime() }
        'w' {
            $words = [string[]]::new([int]$text)
            [array]::Copy($Cursor.Fields, $Cursor.At, $words, 0, $words.Length)
            $Cursor.At += $words.Length
            return , $words
        }
        'l' {
            $list = [object[]]::new([int]$text)
            for ($index = 0; $index -lt $list.Length; $index++) { $list[$index] = Read-Value $Cursor }
            return , $list
        }
        'o' {
            $type = $Cursor.Fields[$Cursor.At++]
            $item = [psobject]::new()
            for ($left = [int]$text; $left -gt 0; $left--) {
                $name = $Cursor.Fields[$Cursor.At++]
                $item.PSObject.Properties.Add([psnoteproperty]::new($name, (Read-Value $Cursor)))
            }
            if ($type) { $item.PSObject.TypeNames.Insert(0, $type) }
            if ($script:TextOf.ContainsKey($type)) { $item.PSObject.Methods.Add($script:TextOf[$type]) }
            return $item
        }
    }
    throw "no field of an answer: $field"
}

function New-Block {
    # The requested block, as the target of an error.
    param([string[]]$Protocol, [int]$StartPort, [int]$NumberOfPorts, [string]$Kind)

    $block = [pscustomobject]@{
        PSTypeName    = 'PortReservation.Block'
        Protocol      = $Protocol -join ', '
        StartPort     = if ($StartPort -gt 0) { $StartPort } else { $null }
        EndPort       = if ($StartPort -gt 0) { $StartPort + $NumberOfPorts - 1 } else { $null }
        NumberOfPorts = $NumberOfPorts
        Kind          = if ($Kind) { $Kind } else { $null }
    }
    $block.PSObject.Methods.Add($script:TextOf['Block'])
    $block
}
