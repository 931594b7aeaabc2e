# An attribute for parameters that take whole numbers. PowerShell alone would round 8080.5, and read '25.000' as 25 and '1e4' as 10000.

# Its methods run in the caller's language mode, which a policy may restrict so that no method of .NET can be called. So functions of the
# module do the work.
class WholeNumber : System.Management.Automation.ArgumentTransformationAttribute {
    WholeNumber() {
        # While a JEA session is being made, parameters are looked at before the module's private functions can be called.
        try { Remove-OwnSession $this } catch [System.Management.Automation.CommandNotFoundException] {
            $field = [WholeNumber].GetField('__sessionState', [System.Reflection.BindingFlags]'Instance, NonPublic')
            if ($null -ne $field) { $field.SetValue($this, $null) }
        }
    }

    [object] Transform([System.Management.Automation.EngineIntrinsics]$EngineIntrinsics, [object]$InputData) {
        # PowerShell writes an error about the parameter, and would leave what is thrown here in $Error as well.
        trap { Hide-Failure $_; break }
        # The most usual value first, because the rest takes PowerShell a while to compile.
        if ($InputData -is [int] -and $InputData -ge 0) { return $InputData }
        return (ConvertTo-WholeNumber $InputData)['Value']
    }
}

function Remove-OwnSession {
    # PowerShell shares an attribute between all runspaces of a process, but runs its methods in the runspace that made it: others wait for
    # that one, for ever if it has ended. With the field cleared, a method runs in the caller's runspace.
    param($Attribute)

    foreach ($field in [System.Reflection.RuntimeReflectionExtensions]::GetRuntimeFields([WholeNumber])) { if ($field.Name -eq '__sessionState') { $field.SetValue($Attribute, $null) } }
}

function ConvertTo-WholeNumber {
    # Returns the value that PowerShell may convert, in a hashtable so that a list stays a list. Throws if it is not made of digits.
    param($InputData)

    # Empty text instead of $null or an empty list, which would be taken for a parameter that is not given.
    $values = if ($null -eq $InputData -or @($InputData).Count -eq 0) { @('') } else { @($InputData) }
    $texts = [System.Collections.Generic.List[string]]::new()
    $isText = $false
    foreach ($value in $values) {
        # As text, because PowerShell takes a character for its code ('5' for 53), and the value of a [ref] without any conversion.
        if ($value -is [ref]) { $value = $value.Value; $isText = $true }
        if ($value -is [psobject]) { $value = $value.PSObject.BaseObject }
        if ($value -is [char]) { $isText = $true }
        # Another object is left to PowerShell, which may convert it by a rule of its own.
        if ($value -isnot [string] -and $value -isnot [System.ValueType]) { return @{ Value = $InputData } }
        $text = [System.Convert]::ToString($value, [cultureinfo]::InvariantCulture)
        if ($text -cnotmatch '\A[0-9]{1,20}\z') { throw [System.Management.Automation.ArgumentTransformationMetadataException]::new((Get-FramedMessage NotDigits @($text))) }
        $texts.Add($text)
    }
    if (-not $isText) { return @{ Value = $InputData } }
    if ($texts.Count -eq 1) { return @{ Value = $texts[0] } }
    @{ Value = $texts.ToArray() }
}
