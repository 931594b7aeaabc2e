# Reads what is piped into a cmdlet, as far as only PowerShell can: names and plain values. The host says what they mean.

# Properties that are read, without what may be between their letters: any other may cost, or fail. The host knows them all (members.ts).
$script:Describing = 'localport', 'startport', 'endport', 'port', 'numberofports', 'count', 'ports', 'start', 'end', 'protocol', 'kind', 'store', 'addressfamily', 'owningprocess'

# Those of a reservation that this session made.
$script:OwnProperties = 'Protocol', 'StartPort', 'NumberOfPorts', 'Kind', 'Store', 'AddressFamily', 'OwningProcess'

function Test-OwnReservation {
    # Whether this session made the object. Its type name says nothing: a file may carry any.
    param($InputObject)

    $mark = $null
    $null -ne $InputObject -and $script:Session['Reservations'].TryGetValue($InputObject, [ref]$mark)
}

function Read-Row {
    # What was piped in, as a parameter of a request, in JSON. A dictionary is read by its keys: its own Count is not a number of ports.
    # Written inline, because a call of a function costs as much as ten of these statements.
    param($InputObject)

    if ($null -eq $InputObject) { return '{"names":[],"values":[]}' }
    try {
        $base = $InputObject.PSObject.BaseObject
        if ($base -is [int]) { return "{""value"":$base}" }
        if ($base -is [System.IConvertible] -or $base -is [System.ValueType]) { return '{"value":' + (ConvertTo-RequestValue (ConvertTo-PlainValue $base)) + '}' }
        $isDictionary = $base -is [System.Collections.IDictionary]
        $mark = $isWritten = $null
        $isOwn = $script:Session['Reservations'].TryGetValue($InputObject, [ref]$mark)
        $names = $values = $properties = ''
        foreach ($entry in $(if ($isOwn) { $script:OwnProperties } elseif ($isDictionary) { $InputObject.PSBase.Keys } else { $InputObject.PSObject.Properties })) {
            $value = $null
            if ($isOwn) {
                # One that it has lost is a fault, and no default: it would be another block.
                $name = $entry
                $value = $InputObject.$name
            } elseif ($isDictionary) {
                $name = "$entry"
                $value = $InputObject[$entry]
            } else {
                $name = $entry.Name
                if ($entry -is [psnoteproperty]) { $value = $entry.Value } else {
                    # One of the type, and not of this object alone.
                    if ($entry -is [System.Management.Automation.PSProperty] -or -not $entry.IsInstance) {
                        if ($null -eq $isWritten) { $isWritten = Test-WrittenType $InputObject }
                        if (-not $isWritten) { $properties += ',' + (ConvertTo-RequestValue $name) }
                    }
                    # By its method: where a property fails, PowerShell gives $null. By -in: -match asks the culture whether I is i.
                    if (($name -replace '[\W_]') -in $script:Describing) { $value = $entry.get_Value() }
                }
            }
            $names += if ($name -cmatch $script:NotPlain) { ',' + (ConvertTo-RequestValue $name) } else { ",""$name""" }
            # The text of a value in an object of PowerShell's may be its own. Not as the output of a statement: a list may have no end.
            $plain = $value
            if ($value -is [psobject]) { $plain = $value.PSObject.BaseObject }
            $values += if ($null -eq $plain) { ',null' }
            elseif ($plain -is [int]) { ",$plain" }
            elseif ($plain -is [string] -and $plain.Length -lt 200 -and $plain -cnotmatch $script:NotPlain) { ",""$plain""" }
            else { ',' + (ConvertTo-RequestValue (ConvertTo-PlainValue $value)) }
        }
        if ($names) { $names, $values = $names.Substring(1), $values.Substring(1) }
        $row = "{""names"":[$names],""values"":[$values]"
        if ($isDictionary) { return $row + '}' }
        if ($properties) { $row += ",""properties"":[$($properties.Substring(1))]" }
        if ($base -is [System.Collections.IEnumerable] -and -not $isWritten) { $row += ',"isList":true' }
        # Get-NetUDPEndpoint does not name its protocol.
        if ($InputObject.PSTypeNames -match 'MSFT_NetUDPEndpoint') { $row += ',"protocol":"udp"' }
        $row + '}'
    } catch {
        # A property or a value that fails: the host says so, as of any other object that is no block.
        Hide-Failure $_
        '{"fault":' + (ConvertTo-RequestValue "$(ConvertTo-PlainValue $_.Exception.GetBaseException().Message)") + '}'
    }
}

function Test-WrittenType {
    # Whether somebody has written the properties of an object's type to describe something: the columns of a table, the attributes
    # of an element, a class of PowerShell's.
    param([object]$InputObject)

    $base = $InputObject.PSObject.BaseObject
    ($base -isnot [System.Collections.IEnumerable] -and $base.GetType().Assembly.IsDynamic) -or @($InputObject.PSTypeNames -match '^System\.(Data\.DataRow(View)?|Xml\.XmlNode)$').Count -gt 0
}

function ConvertTo-PlainValue {
    # A value as a whole number or as text, several as texts, so that nothing is rounded. What is too long to describe a block ends
    # with dots, which no such value has.
    param($Value)

    if ($null -eq $Value -or $Value -is [int]) { return $Value }
    if ($Value -is [System.Collections.IEnumerable] -and $Value -isnot [string]) {
        $texts = [System.Collections.Generic.List[string]]::new()
        foreach ($item in $Value) {
            if ($texts.Count -eq 20) { $texts.Add('...'); break }
            $text = "$([System.Convert]::ToString($item, [cultureinfo]::InvariantCulture))"
            $texts.Add($(if ($text.Length -gt 200) { $text.Substring(0, 200) + '...' } else { $text }))
        }
        return , $texts.ToArray()
    }
    # Text of its own making may be none.
    $text = "$([System.Convert]::ToString($Value, [cultureinfo]::InvariantCulture))"
    if ($text.Length -gt 200) { $text.Substring(0, 200) + '...' } else { $text }
}

function Select-Parameter {
    # Those of the bound parameters of a cmdlet that the host is to have, by the same names, as members of a request, each after a comma.
    # It has the defaults of the others.
    param($Bound, $Name)

    $members = foreach ($item in $Name) { if ($null -ne $Bound[$item]) { ",""$item"":" + (ConvertTo-RequestValue $Bound[$item]) } }
    -join $members
}
