# Reads what is piped into a cmdlet. The way in for everything that this session did not make itself: whatever leaves here is
# checked and of its type.

function Test-OwnReservation {
    # Whether this session made the object. Its type name says nothing: a file may carry any.
    param([object]$InputObject)

    $mark = $null
    $null -ne $InputObject -and $script:Session.Reservations.TryGetValue($InputObject, [ref]$mark)
}

# Member of an object or a row of a file, in lower case and without blanks and underscores -> what it is.
$script:Members = @{
    protocol = 'Protocol'; startport = 'StartPort'; start = 'StartPort'; port = 'StartPort'; localport = 'StartPort'
    endport = 'EndPort'; end = 'EndPort'; numberofports = 'NumberOfPorts'; count = 'NumberOfPorts'; kind = 'Kind'; store = 'Store'; addressfamily = 'AddressFamily'
    owningprocess = 'OwningProcess'
}
# Name of a member -> the same in lower case and without blanks and underscores. A pipeline has the same names again and again.
$script:PlainNames = [System.Collections.Generic.Dictionary[string, string]]::new()

function Read-Member {
    # The members of an object that describe a block, by their names. A dictionary is read by its keys: its own Count is not a
    # number of ports. Throws a message for one that is misspelt, because its default would be another block. OrPort: a bare
    # number, or text, is a port.
    param([object]$InputObject, [bool]$OrPort)

    $found = @{}
    $names = [System.Collections.Generic.List[string]]::new()
    $number = 0
    # Not of a custom object: its text has all of its members, and takes longest.
    if ($InputObject -is [string] -or ($InputObject.PSObject.BaseObject -isnot [System.Management.Automation.PSCustomObject] -and [int]::TryParse("$InputObject", [ref]$number))) {
        if (-not $OrPort) { throw (Get-Message NoStartPort @($InputObject)) }
        return @{ StartPort = $InputObject }
    }
    $isDictionary = $InputObject -is [System.Collections.IDictionary]
    $members = if ($isDictionary) { $InputObject.PSBase.Keys } else { $InputObject.PSObject.Properties }
    foreach ($entry in $members) {
        $name = if ($isDictionary) { "$entry" } else { $entry.Name }
        $names.Add($name)
        $plain = ''
        if (-not $script:PlainNames.TryGetValue($name, [ref]$plain)) {
            $plain = $name.Replace(' ', '').Replace('_', '').ToLowerInvariant()
            # A file may have any number of names.
            if ($script:PlainNames.Count -lt 1000) { $script:PlainNames[$name] = $plain }
        }
        if ($script:Members.ContainsKey($plain)) {
            # The Count of a collection or a group is not written by whoever describes a block.
            if ($plain -eq 'count' -and -not $isDictionary -and $entry.MemberType -ne 'NoteProperty') { continue }
            $member = $script:Members[$plain]
            $value = if ($isDictionary) { $InputObject[$entry] } else { $entry.Value }
            if ("$value" -eq '') { continue }
            if ($found.ContainsKey($member) -and "$($found[$member])" -ne "$value") {
                throw (Get-Message MemberTwice @($member, ($found[$member], $value -join ', ')))
            }
            $found[$member] = $value
            continue
        }
        # Other words for them, in what a person writes: an object of another module may have such a property.
        if ($plain -in 'type', 'proto' -and ($isDictionary -or $entry.MemberType -eq 'NoteProperty')) {
            throw (Get-Message MemberNotKnown @($name, $(if ($plain -eq 'type') { 'Kind' } else { 'Protocol' })))
        }
        foreach ($known in 'StartPort', 'EndPort', 'NumberOfPorts', 'Protocol', 'Kind', 'Store', 'AddressFamily') {
            if ($plain.TrimEnd('s') -eq $known.ToLowerInvariant().TrimEnd('s')) { throw (Get-Message MemberNotKnown @($name, $known)) }
        }
    }
    if (-not $found.ContainsKey('StartPort')) { throw (Get-Message NoStartPort @($names -join ', ')) }
    $found
}

function ConvertTo-PortNumber {
    # A whole number from 1 to 65535, written in digits only. Throws a message for anything else: PowerShell would round it.
    param([object]$Value, [string]$Name)

    $text = [System.Convert]::ToString($Value, [cultureinfo]::InvariantCulture)
    if ($text -cnotmatch '\A[0-9]{1,5}\z' -or [int]$text -lt 1 -or [int]$text -gt 65535) {
        throw (Get-Message NotAReservation @($Name, '1..65535', $text))
    }
    [int]$text
}

function Resolve-Reservation {
    # The block that an object describes: a reservation of this session, a row of a file, a hashtable, what another session
    # sent. Throws a message if it is not valid. Only an object of this session has the current token (rule P2).
    # Protocol and Kind: the values of an object that does not name them. OrPort: a bare number is the block of that port.
    param([object]$InputObject, [string[]]$Protocol = 'Tcp', [string]$Kind = 'Persistent', [switch]$OrPort)

    $ErrorActionPreference = 'Stop'
    $own = Test-OwnReservation $InputObject
    if ($own) { $values = @{ Protocol = $InputObject.Protocol; StartPort = $InputObject.StartPort; NumberOfPorts = $InputObject.NumberOfPorts; Kind = $InputObject.Kind; Store = $InputObject.Store; AddressFamily = $InputObject.AddressFamily; OwningProcess = $InputObject.OwningProcess } }
    else { $values = Read-Member $InputObject $OrPort }
    $start = ConvertTo-PortNumber $values.StartPort 'StartPort'
    # The defaults of New-PortReservation.
    $count = 1
    if ($null -ne $values['NumberOfPorts']) { $count = ConvertTo-PortNumber $values.NumberOfPorts 'NumberOfPorts' }
    if ($null -ne $values['EndPort']) {
        $end = ConvertTo-PortNumber $values.EndPort 'EndPort'
        if ($null -eq $values['NumberOfPorts']) { $count = $end - $start + 1 }
        if ($end -lt $start -or $count -ne $end - $start + 1) { throw (Get-Message EndPortContradicts @($end, $start, $count)) }
    }
    $names = $Protocol
    if ($null -ne $values['Protocol']) {
        $names = @(foreach ($name in @($values.Protocol) -split ',') {
                if ($name.Trim() -notin 'Tcp', 'Udp') { throw (Get-Message NotAReservation @('Protocol', 'Tcp, Udp', $name)) }
                $name.Trim()
            })
    } elseif (Test-UdpEndpoint $InputObject) { $names = @('Udp') }
    $owner = 0
    if ($null -ne $values['OwningProcess'] -and -not [int]::TryParse("$($values['OwningProcess'])", [ref]$owner)) { $owner = 0 }
    [pscustomobject]@{
        Protocol      = @(Select-Protocol $names)
        StartPort     = $start
        NumberOfPorts = $count
        # Not even a call for what an object does not have.
        Kind          = if ($null -eq $values['Kind']) { $Kind } else { Select-Value $values['Kind'] 'Kind' @('Persistent', 'Runtime', 'Exclusion', 'System') $Kind }
        Store         = if ($null -eq $values['Store']) { '' } else { Select-Value $values['Store'] 'Store' @('Persistent', 'Active') '' }
        AddressFamily = if ($null -eq $values['AddressFamily']) { '' } else { Select-Value $values['AddressFamily'] 'AddressFamily' @('InterNetwork', 'InterNetworkV6') '' }
        # What identifies a runtime reservation of this session, in whatever form it comes back.
        OwningProcess = $owner
        Token         = if ($own -and $null -ne $InputObject.Token) { [uint64]$InputObject.Token } else { $null }
    }
}

function Select-Value {
    # One of the values, in its normal case. IPv4 and IPv6 are the host's names of the address families.
    param([object]$Value, [string]$Name, [string[]]$Allowed, [string]$Default)

    if ("$Value" -eq '') { return $Default }
    foreach ($candidate in $Allowed) { if ("$Value" -eq $candidate) { return $candidate } }
    if ($Name -eq 'AddressFamily' -and "$Value" -in 'IPv4', 'IPv6') { return ('InterNetwork', 'InterNetworkV6')["$Value" -eq 'IPv6'] }
    throw (Get-Message NotAReservation @($Name, ($Allowed -join ', '), "$Value"))
}

function Test-UdpEndpoint {
    # Whether this is an object of Get-NetUDPEndpoint, which does not name its protocol.
    param([object]$InputObject)

    "$($InputObject.PSTypeNames)" -match 'MSFT_NetUDPEndpoint'
}

function Resolve-DynamicPortRange {
    # The range that an object describes. Throws a message if it does not name its protocol, or is a block of another kind:
    # nothing here has a default.
    param([object]$InputObject)

    $ErrorActionPreference = 'Stop'
    $range = Resolve-Reservation $InputObject @() ''
    if ($range.Kind) { throw (Get-Message RangeIsBlock @($range.Kind)) }
    if ($range.Protocol.Count -eq 0) { throw (Get-Message NotAReservation @('Protocol', 'Tcp, Udp', '')) }
    $range
}
