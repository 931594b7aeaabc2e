# Reads objects that are piped into a cmdlet, as far as only PowerShell can: names and plain values. What they mean, the host decides.

# The properties whose values are read, in small letters and without separators. src/block-files/members.ts knows all of these, and some
# whose values say nothing of a block. The value of any other property may be costly, or throw.
$script:Describing = 'localport', 'startport', 'endport', 'port', 'numberofports', 'count', 'ports', 'start', 'end', 'protocol', 'kind', 'store', 'addressfamily', 'owningprocess'

# The properties that are read of a reservation that this session made.
$script:OwnProperties = 'Protocol', 'StartPort', 'NumberOfPorts', 'Kind', 'Store', 'AddressFamily', 'OwningProcess'

function Test-OwnReservation {
    # Whether this session made the object. Its type name proves nothing, because a file can give any.
    param($InputObject)

    $mark = $null
    $null -ne $InputObject -and $script:Session['Reservations'].TryGetValue($InputObject, [ref]$mark)
}

function Read-Row {
    # Writes a piped object as JSON: its names, and those values that may describe a block. A dictionary is read by its keys, because its
    # property Count is no number of ports. One long function, because a call costs PowerShell as much as ten of these statements.
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
                # Throws if somebody has removed the property (strict mode): a default in its place would make it another block.
                $name = $entry
                $value = $InputObject.$name
            } elseif ($isDictionary) {
                $name = "$entry"
                $value = $InputObject[$entry]
            } else {
                $name = $entry.Name
                if ($entry -is [psnoteproperty]) { $value = $entry.Value } else {
                    # A property that the type has, and not only this object.
                    if ($entry -is [System.Management.Automation.PSProperty] -or -not $entry.IsInstance) {
                        if ($null -eq $isWritten) { $isWritten = Test-WrittenType $InputObject }
                        if (-not $isWritten) { $properties += ',' + (ConvertTo-RequestValue $name) }
                    }
                    # get_Value(), because .Value is $null where the getter throws. -in, because -match asks the culture whether I is i.
                    if (($name -replace '[\W_]') -in $script:Describing) { $value = $entry.get_Value() }
                }
            }
            $names += if ($name -cmatch $script:NotPlain) { ',' + (ConvertTo-RequestValue $name) } else { ",""$name""" }
            # Without the object that PowerShell may have around the value, whose ToString() could be anything. Not assigned from an if
            # statement, whose output would be enumerated: a list may be endless.
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
        # A property or a value threw. The host words the error, as for any other object that is no block.
        Hide-Failure $_
        '{"fault":' + (ConvertTo-RequestValue "$(ConvertTo-PlainValue $_.Exception.GetBaseException().Message)") + '}'
    }
}

function Test-WrittenType {
    # Whether the properties of an object's type were chosen to describe data: the columns of a table, the attributes of an XML element,
    # the properties of a PowerShell class.
    param([object]$InputObject)

    $base = $InputObject.PSObject.BaseObject
    ($base -isnot [System.Collections.IEnumerable] -and $base.GetType().Assembly.IsDynamic) -or @($InputObject.PSTypeNames -match '^System\.(Data\.DataRow(View)?|Xml\.XmlNode)$').Count -gt 0
}

function ConvertTo-PlainValue {
    # Returns a value as an int or as text, and a list as texts, so that nothing is rounded. What is too long for any valid value is cut
    # and ends with dots, which makes it invalid.
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
    # In quotation marks, because the ToString() of an object may return $null.
    $text = "$([System.Convert]::ToString($Value, [cultureinfo]::InvariantCulture))"
    if ($text.Length -gt 200) { $text.Substring(0, 200) + '...' } else { $text }
}

function Select-Parameter {
    # Writes the bound parameters with these names as members of a request, each after a comma. For those that are not given, the host
    # has the defaults.
    param($Bound, $Name)

    $members = foreach ($item in $Name) { if ($null -ne $Bound[$item]) { ",""$item"":" + (ConvertTo-RequestValue $Bound[$item]) } }
    -join $members
}
