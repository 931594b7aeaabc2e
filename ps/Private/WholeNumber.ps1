# For the parameters that are numbers of ports: PowerShell would round 8080.5, and read '25.000' as 25 and '1e4' as 10000.

# What its methods do is in functions: where a policy restricts the caller's language, they run in that, and may call no method of .NET.
class WholeNumber : System.Management.Automation.ArgumentTransformationAttribute {
    WholeNumber() {
        # While a session is made that shows only some commands (JEA), the parameters are looked at where no private function is seen yet.
        try { Remove-OwnSession $this } catch [System.Management.Automation.CommandNotFoundException] {
            $field = [WholeNumber].GetField('__sessionState', [System.Reflection.BindingFlags]'Instance, NonPublic')
            if ($null -ne $field) { $field.SetValue($this, $null) }
        }
    }

    [object] Transform([System.Management.Automation.EngineIntrinsics]$EngineIntrinsics, [object]$InputData) {
        # PowerShell would keep what is thrown here beside its own error about the parameter.
        trap { Hide-Failure $_; break }
        # What is typed most: the rest takes PowerShell a while to compile.
        if ($InputData -is [int] -and $InputData -ge 0) { return $InputData }
        return (ConvertTo-WholeNumber $InputData)['Value']
    }
}

function Remove-OwnSession {
    # PowerShell keeps an attribute for every runspace of the process, and runs its method in the one that made it: another would wait for
    # that one, for ever if it has ended. Without a session of its own it runs in the caller's.
    param($Attribute)

    foreach ($field in [System.Reflection.RuntimeReflectionExtensions]::GetRuntimeFields([WholeNumber])) { if ($field.Name -eq '__sessionState') { $field.SetValue($Attribute, $null) } }
}

function ConvertTo-WholeNumber {
    # The value of a parameter as PowerShell may take it, as a hashtable: a list stays one. Throws what is written otherwise.
    param($InputData)

    # Nothing at all would be the same as no parameter.
    $values = if ($null -eq $InputData -or @($InputData).Count -eq 0) { @('') } else { @($InputData) }
    $texts = [System.Collections.Generic.List[string]]::new()
    $isText = $false
    foreach ($value in $values) {
        # PowerShell takes a character for its code, '5' for 53, and the value of a reference as it is, whatever it is.
        if ($value -is [ref]) { $value = $value.Value; $isText = $true }
        if ($value -is [psobject]) { $value = $value.PSObject.BaseObject }
        if ($value -is [char]) { $isText = $true }
        # Any other object is left to PowerShell, which may find the number in a property of it.
        if ($value -isnot [string] -and $value -isnot [System.ValueType]) { return @{ Value = $InputData } }
        $text = [System.Convert]::ToString($value, [cultureinfo]::InvariantCulture)
        if ($text -cnotmatch '\A[0-9]{1,20}\z') { throw [System.Management.Automation.ArgumentTransformationMetadataException]::new((Get-FramedMessage NotDigits @($text))) }
        $texts.Add($text)
    }
    if (-not $isText) { return @{ Value = $InputData } }
    if ($texts.Count -eq 1) { return @{ Value = $texts[0] } }
    @{ Value = $texts.ToArray() }
}
