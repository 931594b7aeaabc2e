# Answers of the host: rows, fields between tabs (docs/host-protocol.md), which String.Split takes apart.

# ToString() of each type of object. Only values and names of members, which are the same in every language. Add-Text detaches them
# from this module (Ast.GetScriptBlock), so that they run in whichever runspace asks.
$script:ReservationText = {
    $end = if ($this.NumberOfPorts -ne 1) { "-$($this.EndPort)" }
    $passing = if ($this.Kind -eq 'Exclusion' -and $this.Store -eq 'Active') { ', Active' }
    "$($this.Protocol) $($this.StartPort)$end ($($this.Kind)$passing)"
}
$script:TextOf = @{
    Reservation                         = $script:ReservationText
    'PortReservation.ReservationChange' = $script:ReservationText
    'PortReservation.Block'             = {
        $ports = if ($null -eq $this.StartPort) { "(NumberOfPorts $($this.NumberOfPorts))" } elseif ($this.NumberOfPorts -eq 1) { "$($this.StartPort)" } else { "$($this.StartPort)-$($this.EndPort)" }
        $kind = if ($this.Kind) { " ($($this.Kind))" }
        "$($this.Protocol) $ports$kind"
    }
    'PortReservation.DynamicPortRange'  = { "$($this.Protocol) $($this.StartPort)-$($this.EndPort) ($($this.AddressFamily))" }
    'PortReservation.DynamicRangeUse'   = {
        "$($this.Protocol) $($this.StartPort)-$($this.EndPort): PortsInUse $($this.PortsInUse), PortsHeld $($this.PortsHeld), PortsFree $($this.PortsFree), PercentUsed $($this.PercentUsed), Connections $($this.Connections)"
    }
    'PortReservation.DynamicRangeUser'  = {
        $who = if ($null -eq $this.ProcessId) { '-' } else { "$($this.ProcessName) ($(@($this.ProcessId) + $this.Service -join ', '))".TrimStart() }
        "${who}: Ports $($this.Ports), Connections $($this.Connections)"
    }
    'PortReservation.HeldPorts'         = { "$($this.Protocol) $($this.Kind): Ports $($this.Ports), Blocks $($this.Blocks)" }
    'PortReservation.HealthFinding'     = { "$($this.Severity) $($this.Name): $($this.Text) $($this.Advice)" }
    'PortReservation.PortTest'          = { "$($this.Protocol) $($this.Port): $($this.Reason)" }
    'PortReservation.PortOwner'         = {
        $process = if ($null -ne $this.ProcessId) { "$($this.ProcessName) ($($this.ProcessId)" + $(if ($this.Service) { ": $($this.Service -join ', ')" }) + ') ' }
        $state = if ($this.State) { " $($this.State)" }
        "$process$($this.LocalAddress)$state".TrimStart()
    }
    'PortReservation.AssociatedBind'    = { "$($this.Protocol) $($this.LocalEndPoint) ($($this.State))" }
}
# Kind -> a reservation to copy, which takes half as long as creating one. For the first one of a session copying would be slower,
# because PowerShell compiles it, so the first leaves only the text 'seen' here.
$script:ReservationTemplates = @{}

function Add-Text {
    # Gives an object its ToString(), if there is one of this name.
    param($InputObject, [string]$Name)

    $text = $script:TextOf[$Name]
    if ($text -is [scriptblock]) { $text = $script:TextOf[$Name] = [psscriptmethod]::new('ToString', $text.Ast.GetScriptBlock()) }
    if ($null -ne $text) { $InputObject.PSObject.Methods.Add($text) }
}

function New-Reservation {
    # A new reservation of this kind, whose values are still to be set.
    param([string]$Kind)

    $reservation = [pscustomobject]@{
        PSTypeName = if ($Kind -eq 'Exclusion') { 'PortReservation.Exclusion' } else { "PortReservation.${Kind}Reservation" }
        Protocol = 'Tcp'; StartPort = 0; EndPort = 0; NumberOfPorts = 0; Kind = $Kind; Token = $null; AddressFamily = $null; OwningProcess = $null
        # Whether it survives a restart. Every kind has this member, because Export-Csv takes its columns from the first object.
        Store = $null
    }
    $reservation.PSObject.TypeNames.Insert(1, 'PortReservation.Reservation')
    Add-Text $reservation 'Reservation'
    $reservation
}

function Read-Answer {
    # Reads a line of answers to Count requests, whose ids begin with Id. Returns a list of pairs: the index of the request, and a value.
    # An error, a warning or a Skip is a hashtable; a list in an answer becomes one pair for each item. Returns nothing if the line does
    # not answer these requests. NoOutput: reservations are left unread.
    param($Line, $Id, $Count, $NoOutput)

    try {
        $fields = $Line -split "`t"
        $cursor = @{ Fields = $fields; At = 0 }
        $items = @(for ($index = 0; $index -lt $Count; $index++) {
                $at = $cursor['At']
                if ($fields[$at] -ceq "e$($Id + $index)") {
                    , @($index, (Read-Failure $cursor))
                    continue
                }
                if ($fields[$at++] -cne "a$($Id + $index)") { return }
                $number = 1
                if ($fields[$at] -ceq 'l') {
                    $number = [int]$fields[$at + 1]
                    $at += 2
                }
                for (; $number -gt 0; $number--) {
                    if ($fields[$at] -ceq 'r') {
                        # Read-Reservation reads all of these together, each at its place.
                        , @($index, $null, $at)
                        $at += 10
                    } else {
                        $cursor['At'] = $at
                        , @($index, (Read-Value $cursor))
                        $at = $cursor['At']
                    }
                }
                $cursor['At'] = $at
            })
        if ($cursor['At'] -ne $fields.Count) { return }
        if (-not $NoOutput) { Read-Reservation $fields $items }
        , $items
    } catch {
        # A line that cannot be read is no answer. No error quotes it, because it may have control characters.
        Hide-Failure $_
    }
}

function Read-Failure {
    # Reads the error at the cursor.
    param($Cursor)

    $null, $reason, $message, $advice, $code, $name, $action = $Cursor['Fields'][$Cursor['At']..($Cursor['At'] + 6)]
    $Cursor['At'] += 7
    @{
        Reason = $reason; Message = $message; Advice = $advice; NativeCode = $(if ($code) { [long]$code }); NativeName = $name
        Action = $action; Target = Read-Value $Cursor
    }
}

function Read-Reservation {
    # Makes the reservation of each item that has a place instead of a value. One loop without calls, because a pipeline has thousands.
    param($Fields, $Items)

    $known = $script:Session['Known']
    $own = $script:Session['Reservations']
    $templates = $script:ReservationTemplates
    foreach ($item in $Items) {
        if ($item.Length -eq 2) { continue }
        $at = $item[2]
        $kind = $fields[$at + 1]
        $template = $templates[$kind]
        if ($null -eq $template) {
            $reservation = New-Reservation $kind
            $templates[$kind] = 'seen'
        } else {
            if ($template -is [string]) { $template = $templates[$kind] = New-Reservation $kind }
            $reservation = $template.PSObject.Copy()
        }
        $reservation.Protocol = $fields[$at + 2]
        $reservation.StartPort = $start = $fields[$at + 3] -as [int]
        $reservation.NumberOfPorts = $number = $fields[$at + 4] -as [int]
        $reservation.EndPort = $start + $number - 1
        if ($fields[$at + 5]) { $reservation.Token = $fields[$at + 5] -as [uint64] }
        if ($fields[$at + 6]) { $reservation.AddressFamily = $fields[$at + 6] }
        if ($fields[$at + 7]) { $reservation.OwningProcess = [int]$fields[$at + 7] }
        if ($fields[$at + 8]) { $reservation.Store = $fields[$at + 8] }
        if ($fields[$at + 9]) { $reservation.PSObject.Properties.Add([psnoteproperty]::new('Created', $fields[$at + 9] -eq '1')) }
        $known[$start] = $reservation
        $own.Add($reservation, $null)
        $item[1] = $reservation
    }
}

function Read-Value {
    # Reads the value at the cursor: the first field is its type.
    param($Cursor)

    $fields = $Cursor['Fields']
    $at = $Cursor['At']
    if ($fields[$at] -ceq 'r') {
        $Cursor['At'] = $at + 10
        $item = @(0, $null, $at)
        Read-Reservation $fields (, $item)
        return $item[1]
    }
    if ($fields[$at] -ceq 'e') { return Read-Failure $Cursor }
    if ($fields[$at] -ceq '-') { $Cursor['At'] = $at + 1; return $null }
    $text = $fields[$at + 1]
    $Cursor['At'] = $at + 2
    switch -CaseSensitive ($fields[$at]) {
        's' { return $text }
        'i' {
            $number = $text -as [int]
            # An error code of Windows may have all 32 bits.
            if ($null -eq $number) { return [long]$text }
            return $number
        }
        'b' { return $text -eq '1' }
        'u' { return [uint64]$text }
        # A warning, and the sign that there are more objects. Hashtables, as errors are, so that nothing takes them for objects.
        'n' { return @{ Warning = $text } }
        'm' { return @{ Skip = [int]$text } }
        # Local time, as Get-Process has it.
        't' { return [datetime]::Parse($text, [cultureinfo]::InvariantCulture, 'RoundtripKind').ToLocalTime() }
        'w' {
            $Cursor['At'] += [int]$text
            return , [string[]]$fields[($at + 2)..($Cursor['At'] - 1)]
        }
        'l' {
            $list = [object[]]::new([int]$text)
            for ($index = 0; $index -lt $list.Length; $index++) { $list[$index] = Read-Value $Cursor }
            return , $list
        }
        'o' {
            $type = $fields[$at + 2]
            $Cursor['At'] = $at + 3
            $members = [ordered]@{}
            for ($left = [int]$text; $left -gt 0; $left--) {
                $name = $fields[$Cursor['At']++]
                $members[$name] = Read-Value $Cursor
            }
            $item = [pscustomobject]$members
            if ($type) {
                $names = -split $type
                foreach ($name in $names) { $item.PSObject.TypeNames.Insert(0, $name) }
                Add-Text $item $names[0]
            }
            return $item
        }
    }
    throw "no field of an answer: $($fields[$at])"
}
