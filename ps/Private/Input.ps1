# Reads what is piped into a cmdlet, as far as only PowerShell can: names and plain values. The host says what they mean.

# Properties that are read, without what may be between their letters: any other may cost, or fail. The host knows them all (members.ts).
$script:Describing = 'localport', 'startport', 'endport', 'port', 'numberofports', 'count', 'ports', 'start', 'end', 'protocol', 'kind', 'store', 'addressfamily', 'owningprocess'

function Test-OwnReservation {
    # Whether this session made the object. Its type name says nothing: a file may carry any.
    param([object]$InputObject)

    $mark = $null
    $null -ne $InputObject -and $script:Session['Reservations'].TryGetValue($InputObject, [ref]$mark)
}

function Read-Row {
    # What was piped in, as a parameter of a request. A dictionary is read by its keys: its own Count is not a number of ports. Nothing,
    # which a command without output gives, is $null here: written into an array it would be no element, and each value would be taken for
    # that of the name before.
    param([object]$InputObject)

    if ($null -eq $InputObject) { return @{ names = @(); values = @() } }
    try {
        if (Test-OwnReservation $InputObject) {
            return @{
                names  = 'Protocol', 'StartPort', 'NumberOfPorts', 'Kind', 'Store', 'AddressFamily', 'OwningProcess'
                values = @(foreach ($value in $InputObject.Protocol, $InputObject.StartPort, $InputObject.NumberOfPorts, $InputObject.Kind, $InputObject.Store, $InputObject.AddressFamily, $InputObject.OwningProcess) {
                        if ($null -eq $value) { $null } elseif ($value -is [int] -or $value -is [string]) { $value } else { , (ConvertTo-PlainValue $value) }
                    })
            }
        }
        $base = $InputObject.PSObject.BaseObject
        if ($base -is [System.IConvertible] -or $base -is [System.ValueType]) { return @{ value = ConvertTo-PlainValue $base } }
        $isDictionary = $base -is [System.Collections.IDictionary]
        $isWritten = $null
        $names = [System.Collections.Generic.List[string]]::new()
        $properties = [System.Collections.Generic.List[string]]::new()
        $values = @(foreach ($entry in $(if ($isDictionary) { $InputObject.PSBase.Keys } else { $InputObject.PSObject.Properties })) {
                $value = $null
                if ($isDictionary) {
                    $names.Add("$entry")
                    $value = $InputObject[$entry]
                } else {
                    $name = $entry.Name
                    $names.Add($name)
                    if ($entry -is [psnoteproperty]) { $value = $entry.Value } else {
                        # One of the type, and not of this object alone.
                        if ($entry -is [System.Management.Automation.PSProperty] -or -not $entry.IsInstance) {
                            if ($null -eq $isWritten) { $isWritten = Test-WrittenType $InputObject }
                            if (-not $isWritten) { $properties.Add($name) }
                        }
                        # By its method: where a property fails, PowerShell gives $null. By -in: -match asks the culture whether I is i.
                        if (($name -replace '[\W_]') -in $script:Describing) { $value = $entry.get_Value() }
                    }
                }
                if ($null -eq $value) { $null } elseif ($value -is [int] -or ($value -is [string] -and $value.Length -lt 200)) { $value } else { , (ConvertTo-PlainValue $value) }
            })
        $row = @{ names = $names.ToArray(); values = $values }
        if ($isDictionary) { return $row }
        if ($properties.Count -gt 0) { $row.properties = $properties.ToArray() }
        if ($base -is [System.Collections.IEnumerable] -and -not $isWritten) { $row.isList = $true }
        # Get-NetUDPEndpoint does not name its protocol.
        if ($InputObject.PSTypeNames -match 'MSFT_NetUDPEndpoint') { $row.protocol = 'udp' }
        $row
    } catch {
        # A property or a value that fails: the host says so, as of any other object that is no block.
        Hide-Failure $_
        @{ fault = "$(ConvertTo-PlainValue $_.Exception.GetBaseException().Message)" }
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
    # Those of the bound parameters of a cmdlet that the host is to have, by the same names. It has the defaults of the others.
    param([System.Collections.IDictionary]$Bound, [string[]]$Name)

    $selected = @{}
    foreach ($item in $Bound.Keys) {
        if ($item -notin $Name) { continue }
        $selected[$item] = $Bound[$item]
        if ($Bound[$item] -is [switch]) { $selected[$item] = [bool]$Bound[$item] }
    }
    $selected
}

function Read-Question {
    # What a request would be about, as ShouldProcess shows it. Nothing after an error, which is written after the objects before it.
    param($Call, [string]$Method, [hashtable]$Parameters, $Target)

    $connection = Connect-Host $Call['Cmdlet']
    $request = '"method":"' + $Method + '","params":' + (ConvertTo-RequestValue ($Parameters + @{ Ask = $true }))
    $answer = if ($request.Length -gt $script:BatchLimit) { New-LineFailure $request.Length } else { Invoke-Request $connection $request }
    if ($null -eq $answer) { $answer = New-LostFailure $connection 'HostEnded' }
    if ($answer -isnot [hashtable]) { return $answer }
    if ($Call['Requests'].Count -gt 0) { Send-Call $Call }
    Write-RequestError $Call['Cmdlet'] $answer @($Method, $request, $Target, $Parameters)
}
