# Reads scripts and says of each .NET type and member that they name whether Windows PowerShell 5.1 has it. Prints JSON: [{ kind, name, file, line, faults }].
# Loader: the DLL of MetadataLoadContext. Assemblies, Automation: the reference assemblies of .NET Framework and of Windows PowerShell.
# Planted: one more script.
using namespace System.Management.Automation.Language
param([string]$Root, [string]$Loader, [string]$Assemblies, [string]$Automation, [string]$Planted)

Set-StrictMode -Version 1.0
$ErrorActionPreference = 'Stop'
. "$PSScriptRoot/types.ps1"

Add-Type -Path $Loader
$script:Framework = New-World (@($script:LoadedAtStart | ForEach-Object { Join-Path $Assemblies "$_.dll" }) + $Automation) (Get-ChildItem $Assemblies -Filter *.dll -Recurse).FullName 'mscorlib'
$runtime = [System.IO.Path]::GetDirectoryName([object].Assembly.Location)
$script:Newer = New-World ((Get-ChildItem $runtime -Filter System*.dll).FullName + [psobject].Assembly.Location) @() 'System.Private.CoreLib'

function Test-Guarded($Node, [string]$Edition) {
    # Whether only this edition comes here: by $PSVersionTable.PSEdition in an if around it, or in one before it that returns.
    $is = '^\(*\$PSVersionTable\.PSEdition -{0} ''Desktop''\)*$'
    $mine, $others = if ($Edition -eq 'Desktop') { 'eq', 'ne' } else { 'ne', 'eq' }
    for (; $Node.Parent; $Node = $Node.Parent) {
        if ($Node.Parent -is [IfStatementAst]) {
            foreach ($clause in $Node.Parent.Clauses) {
                if ($clause.Item2 -eq $Node -and $clause.Item1.Extent.Text -match ($is -f $mine)) { return $true }
                if ($Node.Parent.ElseClause -eq $Node -and $clause.Item1.Extent.Text -match ($is -f $others)) { return $true }
            }
        } elseif ($Node.Parent.PSObject.Properties['Statements']) {
            foreach ($statement in $Node.Parent.Statements) {
                if ($statement -eq $Node) { break }
                if ($statement -isnot [IfStatementAst] -or $statement.Clauses[0].Item1.Extent.Text -notmatch ($is -f $others)) { continue }
                if ($statement.Clauses[0].Item2.Statements[-1] -is [ReturnStatementAst]) { return $true }
            }
        }
    }
    $false
}

function Get-ScriptType($Name) {
    # The type that a script names; $null if there is none, or a class of the scripts themselves.
    if ($Name -is [ArrayTypeName]) {
        $element = Get-ScriptType $Name.ElementType
        return $(if ($element) { $element.MakeArrayType() })
    }
    if ($Name -is [GenericTypeName]) {
        $definition = Find-Type $script:Framework "$($Name.TypeName.FullName)``$($Name.GenericArguments.Count)"
        $arguments = @($Name.GenericArguments | ForEach-Object { Get-ScriptType $_ })
        return $(if ($definition -and $arguments -notcontains $null) { $definition.MakeGenericType($arguments) })
    }
    Find-Type $script:Framework $Name.FullName
}

function Get-ValueType($Node, [int]$Depth = 0) {
    # The type of an expression, as far as it is known from what is written; $null otherwise, and for types that say nothing.
    if ($Depth -gt 8 -or $null -eq $Node) { return }
    $type = switch ($Node.GetType().Name) {
        'StringConstantExpressionAst' { Find-Type $script:Framework 'string' }
        'ExpandableStringExpressionAst' { Find-Type $script:Framework 'string' }
        'ConstantExpressionAst' { Find-Type $script:Framework $Node.StaticType.FullName }
        'ArrayExpressionAst' { Find-Type $script:Framework 'array' }
        'HashtableAst' { Find-Type $script:Framework 'hashtable' }
        'ConvertExpressionAst' { Get-ScriptType $Node.Type.TypeName }
        'ParenExpressionAst' { Get-ValueType $Node.Pipeline ($Depth + 1) }
        'PipelineAst' { if ($Node.PipelineElements.Count -eq 1) { Get-ValueType $Node.PipelineElements[0] ($Depth + 1) } }
        'CommandExpressionAst' { Get-ValueType $Node.Expression ($Depth + 1) }
        'MemberExpressionAst' { Get-ResultType $Node ($Depth + 1) }
        'InvokeMemberExpressionAst' { Get-ResultType $Node ($Depth + 1) }
        'VariableExpressionAst' { Get-VariableType $Node ($Depth + 1) }
    }
    if ($type -and $type.FullName -notin $script:SayNothing) { $type }
}

function Get-ResultType($Node, [int]$Depth) {
    $type = if ($Node.Static) { Get-ScriptType $Node.Expression.TypeName } else { Get-ValueType $Node.Expression $Depth }
    if (-not $type -or $Node.Member -isnot [StringConstantExpressionAst]) { return }
    if ($Node.Static -and $Node.Member.Value -eq 'new') { return $type }
    $results = @(Get-Candidate $type $Node.Member.Value (Get-ArgumentCount $Node) $Node.Static | ForEach-Object {
            switch ($_) {
                { $_ -is [System.Reflection.MethodInfo] } { $_.ReturnType }
                { $_ -is [System.Reflection.PropertyInfo] } { $_.PropertyType }
                { $_ -is [System.Reflection.FieldInfo] } { $_.FieldType }
            }
        } | Select-Object -Unique)
    if ($results.Count -eq 1 -and -not $results[0].IsGenericParameter) { $results[0] }
}

function Get-VariableType($Node, [int]$Depth) {
    # That of a variable of a function, kept: a variable is asked for at each of its uses, and may be a part of what is assigned to it.
    $scope = $Node
    while ($scope.Parent -and $scope -isnot [FunctionDefinitionAst] -and $scope -isnot [FunctionMemberAst]) { $scope = $scope.Parent }
    $path = $Node.VariablePath.UserPath
    if ($path -in '_', 'this') { return }
    $key = "$($scope.Extent.File) $($scope.Extent.StartOffset) $path"
    if (-not $script:Variables.ContainsKey($key)) {
        $script:Variables[$key] = $null
        $script:Variables[$key] = Find-VariableType $scope $path $Depth
    }
    $script:Variables[$key]
}

function Find-VariableType($Scope, [string]$Path, [int]$Depth) {
    # By the type of a parameter, or by all that is assigned to it.
    $types = @()
    foreach ($use in $Scope.FindAll({ param($Candidate) $Candidate -is [VariableExpressionAst] -and $Candidate.VariablePath.UserPath -eq $Path }, $true)) {
        $parent = $use.Parent
        if ($parent -is [ParameterAst]) {
            $constraint = @($parent.Attributes | Where-Object { $_ -is [TypeConstraintAst] })
            if (-not $constraint) { return }
            $types += Get-ScriptType $constraint[0].TypeName
        } elseif ($parent -is [AssignmentStatementAst] -and $parent.Left -eq $use) {
            if ($parent.Right.Extent.Text -ne '$null') { $types += , (Get-ValueType $parent.Right $Depth) }
        } elseif ($parent -is [ConvertExpressionAst] -or ($parent -is [ForEachStatementAst] -and $parent.Variable -eq $use)) { return }
        elseif ($parent -is [ArrayLiteralAst] -and $parent.Parent -is [AssignmentStatementAst] -and $parent.Parent.Left -eq $parent) { return }
    }
    $types = @($types | Select-Object -Unique)
    if ($types.Count -eq 1) { $types[0] }
}

function Get-ArgumentCount($Node) {
    # -1 for a property.
    if ($Node -isnot [InvokeMemberExpressionAst]) { return -1 }
    if ($null -eq $Node.Arguments) { 0 } else { $Node.Arguments.Count }
}

function Find-MemberFault($Node) {
    # What is wrong with the use of a member.
    $name = $Node.Member.Value
    $count = Get-ArgumentCount $Node
    $type = if ($Node.Static) { Get-ScriptType $Node.Expression.TypeName } else { Get-ValueType $Node.Expression }
    $said = if ($count -ge 0) { "$name with $count arguments" } else { $name }
    # The scripts run in PowerShell 7 in other tests: what neither of them has is a member of an object of PowerShell's own.
    if ($type) {
        $found = @(Get-Candidate $type $name $count $Node.Static)
        $other = Find-Counterpart $script:Newer $type
        $others = @(if ($other) { Get-Candidate $other $name $count $Node.Static })
        if ($found.Count -eq 0 -and ($Node.Static -or $others.Count -gt 0 -or (Test-Guarded $Node 'Desktop'))) { return "$($type.FullName) has no $said" }
        if ($found.Count -gt 0) { return Find-ArgumentFault $Node $found $others }
    }
    if (-not $Node.Static -and -not (Test-Name $script:Framework $name $count) -and (Test-Name $script:Newer $name $count)) { "no type has $said" }
}

function Find-ArgumentFault($Node, $Found, $Others) {
    # What is wrong with its arguments: a word that no enumeration has, or that PowerShell 7 takes another overload than Windows PowerShell.
    if ($Node -isnot [InvokeMemberExpressionAst] -or -not $Node.Arguments) { return }
    for ($index = 0; $index -lt $Node.Arguments.Count; $index++) {
        $words = $Node.Arguments[$index]
        $types = @(foreach ($method in $Found) { Get-ParameterType $method $index })
        if ($words -is [StringConstantExpressionAst] -and $types.Count -gt 0 -and @($types | Where-Object { -not $_.IsEnum }).Count -eq 0) {
            if (@($types | Where-Object { -not (Find-EnumFault $_ $words.Value) }).Count -eq 0) { return Find-EnumFault $types[0] $words.Value }
        }
    }
    # A text of one character is as good as the character.
    $given = @(foreach ($argument in $Node.Arguments) { if ($argument.Extent.Text -match '\A([''"]).\1\z') { 'System.Char' } else { "$((Get-ValueType $argument).FullName)" } })
    if ($given -notcontains '' -and (Test-Exact $Others $given) -and -not (Test-Exact $Found $given)) {
        "$($Found[0].DeclaringType.FullName) has no $($Node.Member.Value)($($given -join ', ')), and PowerShell takes another one"
    }
}

function Read-Use($Node) {
    # The uses in one place of a script, each with its fault, if there is one.
    $use = {
        param($Kind, $Name, $Fault)
        $faults = @(if ($Fault -and -not (Test-Guarded $Node 'Core')) { $Fault })
        [pscustomobject]@{ kind = $Kind; name = $Name; file = $Node.Extent.File; line = $Node.Extent.StartLineNumber; faults = $faults }
    }
    if ($Node -is [MemberExpressionAst] -and $Node.Member -is [StringConstantExpressionAst]) {
        # A type that is not there is told once, where it is named.
        if ($Node.Static -and ($Node.Expression -isnot [TypeExpressionAst] -or -not (Get-ScriptType $Node.Expression.TypeName))) { return }
        & $use 'member' $Node.Member.Value (Find-MemberFault $Node)
    } elseif ($Node -is [TypeExpressionAst] -or $Node -is [AttributeBaseAst]) {
        $name = $Node.TypeName.FullName
        $isOrdered = $name -eq 'ordered' -and $Node.Parent -is [ConvertExpressionAst]
        $isOwn = ($name -replace '^.*\.|\[\]$') -in $script:OwnClasses
        & $use 'type' $name $(if (-not $isOrdered -and -not $isOwn -and -not (Get-ScriptType $Node.TypeName)) { 'there is no such type' })
    } elseif ($Node -is [ConvertExpressionAst]) {
        $type = Get-ScriptType $Node.Type.TypeName
        if ($type -and $type.IsEnum -and $Node.Child -is [StringConstantExpressionAst]) { & $use 'value' $type.FullName (Find-EnumFault $type $Node.Child.Value) }
        if ($type -and $Node.Child -is [HashtableAst] -and $type.FullName -notin $script:TakeAnyKey) {
            foreach ($pair in $Node.Child.KeyValuePairs) {
                $name = $pair.Item1.Extent.Text
                & $use 'member' $name $(if (-not (Get-Candidate $type $name -1 $false)) { "$($type.FullName) has no $name" })
            }
        }
    } elseif ($Node -is [BinaryExpressionAst] -and $Node.Operator -in 'Band', 'Bor', 'Bxor') {
        # It takes the result, a number of 32 bits, for a value of the enumeration on the left.
        $type = Get-ValueType $Node.Left
        if (-not $type) { $type = Get-ValueType $Node.Right }
        $isNarrow = $type -and $type.IsEnum -and $type.GetEnumUnderlyingType().Name -in 'Byte', 'SByte', 'Int16', 'UInt16'
        & $use 'operator' "-$($Node.Operator)" $(if ($isNarrow) { "Windows PowerShell cannot combine values of $($type.FullName), which are no numbers of 32 bits" })
    } elseif ($Node -is [CommandAst] -and $Node.GetCommandName() -eq 'New-Object') {
        $name = @($Node.CommandElements | Select-Object -Skip 1 | Where-Object { $_ -is [StringConstantExpressionAst] })[0]
        if ($name) { & $use 'type' $name.Value $(if (-not (Find-Type $script:Framework $name.Value)) { 'there is no such type' }) }
    }
}

$folders = 'ps', 'examples', 'bench', 'scripts/package', 'test/powershell', 'test/windows'
$files = @($folders | ForEach-Object { Get-ChildItem (Join-Path $Root $_) -Recurse -Include *.ps1, *.psm1, *.psrc }) + (Get-Item $Planted)
$scripts = foreach ($file in $files) {
    $tokens = $faults = $null
    [Parser]::ParseFile($file.FullName, [ref]$tokens, [ref]$faults)
}
# Classes of PowerShell, and those of Add-Type.
$script:OwnClasses = @($scripts | ForEach-Object { [regex]::Matches($_.Extent.Text, '\b(?:class|struct) (\w+)') } | ForEach-Object { $_.Groups[1].Value })
$script:Variables = @{}
$uses = $scripts | ForEach-Object { $_.FindAll({ $true }, $true) } | ForEach-Object { Read-Use $_ }
$uses | ForEach-Object { $_.file = [System.IO.Path]::GetRelativePath($Root, $_.file).Replace('\', '/') }
ConvertTo-Json @($uses) -Compress -Depth 3
