# The types of a .NET, read from its assemblies without running them, and what they have.

# What Windows PowerShell 5.1 has loaded when it starts, beside itself. A type of another one needs Add-Type -AssemblyName.
$script:LoadedAtStart = 'mscorlib', 'System', 'System.Core', 'System.Configuration', 'System.Data', 'System.DirectoryServices', 'System.Management', 'System.Numerics', 'System.Transactions', 'System.Xml'
# PowerShell 7 has these short names of types that .NET Framework has too.
$script:NewerNames = 'short', 'ushort', 'uint', 'ulong', 'ordered'
# Objects of these may have any members.
$script:SayNothing = 'System.Object', 'System.Void', 'System.Management.Automation.PSObject', 'System.Management.Automation.PSReference', 'System.Management.Automation.PSCustomObject', 'System.Management.Automation.Language.Ast'
$script:TakeAnyKey = $script:SayNothing + 'System.Collections.Hashtable', 'System.Collections.IDictionary'
$script:ShortNames = [psobject].Assembly.GetType('System.Management.Automation.TypeAccelerators')::Get

function New-World([string[]]$Named, [string[]]$Around, [string]$Core) {
    # Named: assemblies whose types scripts may name. Around: those that these need.
    $context = [System.Reflection.MetadataLoadContext]::new([System.Reflection.PathAssemblyResolver]::new([string[]]@($Named + $Around | Select-Object -Unique)), $Core)
    $types = @{}
    foreach ($file in $Named) {
        foreach ($type in $context.LoadFromAssemblyPath($file).GetExportedTypes()) { $types[$type.FullName] = $type }
    }
    @{ Types = $types; Names = $null }
}

function Find-Type($World, [string]$Name) {
    # As PowerShell finds it: by a short name, its own, or without System.; an attribute also without Attribute.
    if ($Name -in $script:NewerNames) { return }
    $short = $null
    if ($script:ShortNames.TryGetValue($Name, [ref]$short)) { $Name = $short.FullName }
    foreach ($full in $Name, "System.$Name", "${Name}Attribute", "System.${Name}Attribute") { if ($World.Types.ContainsKey($full)) { return $World.Types[$full] } }
}

function Find-Counterpart($World, $Type) {
    # The same type in another .NET, with the same arguments.
    if ($Type.IsArray) { return $World.Types['System.Array'] }
    if (-not $Type.IsConstructedGenericType) { return $World.Types["$($Type.FullName)"] }
    $definition = $World.Types[$Type.GetGenericTypeDefinition().FullName]
    $arguments = @($Type.GetGenericArguments() | ForEach-Object { Find-Counterpart $World $_ })
    if ($definition -and $arguments -notcontains $null) { $definition.MakeGenericType($arguments) }
}

function Get-Candidate($Type, [string]$Name, [int]$Count, [bool]$Static) {
    # The members of a type that a use may mean. Count: of its arguments, -1 without brackets.
    if ($Static -and $Name -eq 'new') {
        if ($Count -eq 0 -and $Type.IsValueType) { return $Type }
        return $Type.GetConstructors() | Where-Object { Test-Count $_ $Count }
    }
    $flags = [System.Reflection.BindingFlags]$(if ($Static) { 'Public, Static, FlattenHierarchy, IgnoreCase' } else { 'Public, Instance, IgnoreCase' })
    $bases = if ($Type.IsInterface) { $Type.GetInterfaces() }
    foreach ($one in @($Type) + $bases) { if ($one) { $one.GetMember($Name, $flags) | Where-Object { Test-Count $_ $Count } } }
}

function Test-Count($Member, [int]$Count) {
    if ($Member -isnot [System.Reflection.MethodBase]) { return $Count -eq -1 -and $Member -isnot [System.Reflection.EventInfo] }
    if ($Count -eq -1) { return $true }
    $parameters = $Member.GetParameters()
    if ($Count -gt $parameters.Count) { return (Test-List $Member) }
    @($parameters | Where-Object { -not $_.IsOptional }).Count - [int](Test-List $Member) -le $Count
}

function Test-List($Method) {
    # Whether the last parameter takes any number of arguments.
    $last = $Method.GetParameters() | Select-Object -Last 1
    $null -ne $last -and @($last.GetCustomAttributesData() | Where-Object { $_.AttributeType.Name -eq 'ParamArrayAttribute' }).Count -gt 0
}

function Get-ParameterType($Method, [int]$Index) {
    # The type that an argument may have; each one of a list has that of its elements.
    if ($Method -isnot [System.Reflection.MethodBase]) { return }
    $parameters = @($Method.GetParameters())
    if ($Index -ge $parameters.Count - 1 -and (Test-List $Method)) { return $parameters[-1].ParameterType.GetElementType() }
    $parameters[$Index].ParameterType
}

function Test-Exact($Methods, [string[]]$Given) {
    # Whether an overload takes arguments of just these types.
    foreach ($method in $Methods) {
        $wanted = @(for ($index = 0; $index -lt $Given.Count; $index++) { "$((Get-ParameterType $method $index).FullName)" })
        if (($wanted -join ' ') -eq ($Given -join ' ')) { return $true }
    }
    $false
}

function Find-EnumFault($Type, [string]$Words) {
    $missing = @($Words -split ',' | ForEach-Object Trim | Where-Object { $_ -notin $Type.GetEnumNames() })
    if ($missing.Count -gt 0) { "$($Type.FullName) has no $($missing -join ', ')" }
}

function Test-Name($World, [string]$Name, [int]$Count) {
    # Whether a type has an instance member of this name. Of PowerShell 7 only those types are asked that .NET Framework has too: an object of
    # another one comes from something that is a fault itself.
    if ($null -eq $World.Names) {
        $World.Names = @{}
        foreach ($type in $script:Framework.Types.Keys) {
            if ($null -eq $World.Types[$type]) { continue }
            foreach ($member in $World.Types[$type].GetMembers([System.Reflection.BindingFlags]'Public, Instance, DeclaredOnly')) {
                if ($null -eq $World.Names[$member.Name]) { $World.Names[$member.Name] = [System.Collections.Generic.List[object]]::new() }
                $World.Names[$member.Name].Add($member)
            }
        }
    }
    foreach ($member in $World.Names[$Name]) { if (Test-Count $member $Count) { return $true } }
    $false
}
