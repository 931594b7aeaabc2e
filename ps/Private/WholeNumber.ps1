# For the parameters that are numbers of ports: PowerShell would round 8080.5, and read '25.000' as 25 and '1e4' as 10000.

class WholeNumber : System.Management.Automation.ArgumentTransformationAttribute {
    WholeNumber() {
        # PowerShell keeps the attribute for every runspace of the process, and runs its method in the one that made it: another
        # would wait for that one, for ever if it has ended. Without a session of its own it runs in the caller's.
        $field = [WholeNumber].GetField('__sessionState', [System.Reflection.BindingFlags]'Instance, NonPublic')
        if ($null -ne $field) { $field.SetValue($this, $null) }
    }

    [object] Transform([System.Management.Automation.EngineIntrinsics]$EngineIntrinsics, [object]$InputData) {
        # Nothing at all would be the same as no parameter.
        $values = if ($null -eq $InputData -or @($InputData).Count -eq 0) { @('') } else { @($InputData) }
        foreach ($value in $values) {
            if ($value -is [psobject]) { $value = $value.PSObject.BaseObject }
            # Any other object is left to PowerShell, which may find the number in a property of it.
            if ($value -isnot [string] -and $value -isnot [System.ValueType]) { return $InputData }
            $text = [System.Convert]::ToString($value, [cultureinfo]::InvariantCulture)
            if ($text -cnotmatch '\A[0-9]{1,20}\z') { throw [System.Management.Automation.ArgumentTransformationMetadataException]::new((Get-Message NotDigits @($text))) }
        }
        return $InputData
    }
}
