# A list of blocks that the machine shall have: what Sync-PortReservation gives the host, and what becomes of its answer.

# A .psd1 file that has nothing but data: white space, comments, quoted text on one line without variables, @{ }, @( ), numbers, names of
# members, $true, $false and $null. It is checked before PowerShell's parser sees the file, because that does more than parse: at the
# keyword "configuration" it loads modules by their names, also from the user's folders. The lookbehind is for "#", which begins a
# comment only where it is not within a word.
$script:DataOnly = '\A(?>[ \t\r\n]+|(?<![^ \t\r\n;,(){}])(?:#[^\r\n]*|<#.*?#>)|''[^''\r\n\u2018-\u201b]*''|"[^"$`\r\n\u201c-\u201e]*"|@[{(]|[{}()=;,]' +
'|-?(?![\w.]*configuration|using\b)[\w.]+(?=[ \t\r\n;,=(){}]|\z)|\$(?:true|false|null)\b)*\z'
# Bytes that a .psd1 file may have: as many as the host reads of a file.
$script:DataLimit = 16777216

function Resolve-BlockFile {
    # The parameter that gives a file of blocks to the host, as a hashtable: the full path under the name Path, or, of a .psd1 file, which
    # the host does not read, the data under the name Blocks. Throws a message.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$File, [string]$Path, [string]$Blocks)

    $ErrorActionPreference = 'Stop'
    $full = Resolve-File $Cmdlet $File
    if (-not $full) { throw (Get-Message PathNotFile @(Get-ObjectText $File)) }
    # -match, because GetExtension of .NET Framework throws if a character cannot be in a path.
    if ($full -notmatch '\.psd1\z') { return @{ $Path = $full } }
    $text = Read-DataText $full
    # Not Import-PowerShellDataFile: its module would be found by its name, perhaps in a user's folder.
    $tokens = $faults = $data = $null
    $script = [System.Management.Automation.Language.Parser]::ParseInput($text, $full, [ref]$tokens, [ref]$faults)
    if ($faults.Count -gt 0) { throw (Get-Message DataFileFault @($full, $faults[0].Extent.StartLineNumber, $faults[0].Message)) }
    # $null, where the data is nested deeper than PowerShell's parser goes.
    $statements = @(if ($null -ne $script) { $script.EndBlock.Statements })
    # A single hashtable, with nothing before or after it.
    if ($statements.Count -eq 1 -and $statements[0] -is [System.Management.Automation.Language.PipelineAst]) { $data = $statements[0].GetPureExpression() }
    if ($data -isnot [System.Management.Automation.Language.HashtableAst]) { throw (Get-Message DataFileFault @($full, 1, '@{ Blocks = @( ... ) }')) }
    try {
        $value = Read-DataValue $data
        # Throws for what is no value of a request, such as a script block.
        $null = ConvertTo-RequestValue $value
        @{ $Blocks = $value }
    } catch { Hide-Failure $_; throw (Get-Message DataFileCode @($full)) }
}

function Read-DataText {
    # The text of a data file; throws a message where it is none.
    param([string]$File)

    $ErrorActionPreference = 'Stop'
    # The length first: the file may have gigabytes.
    try { $text = if ([System.IO.FileInfo]::new($File).Length -le $script:DataLimit) { [System.IO.File]::ReadAllText($File) } } catch {
        Hide-Failure $_
        throw (Get-Message DataFileFault @($File, 0, $_.Exception.GetBaseException().Message))
    }
    if ($null -eq $text -or -not [regex]::IsMatch($text, $script:DataOnly, 'IgnoreCase, Singleline, CultureInvariant')) { throw (Get-Message DataFileCode @($File)) }
    $text
}

function Read-DataValue {
    # The value of a node of a data file. Lists and hashtables are walked through here, because SafeGetValue of PowerShell reads at most
    # 5,000 names and values at once.
    param($Node)

    if ($Node -is [System.Management.Automation.Language.PipelineAst]) { $Node = $Node.GetPureExpression() }
    if ($Node -is [System.Management.Automation.Language.ParenExpressionAst]) { $value = Read-DataValue $Node.Pipeline; return , $value }
    if ($Node -is [System.Management.Automation.Language.ArrayExpressionAst]) {
        return , @(foreach ($statement in $Node.SubExpression.Statements) { $value = Read-DataValue $statement; $value })
    }
    if ($Node -is [System.Management.Automation.Language.ArrayLiteralAst]) { return , @(foreach ($element in $Node.Elements) { , (Read-DataValue $element) }) }
    if ($Node -isnot [System.Management.Automation.Language.HashtableAst]) { return , $Node.SafeGetValue() }
    $table = @{}
    foreach ($pair in $Node.KeyValuePairs) { $table[$pair.Item1.SafeGetValue()] = Read-DataValue $pair.Item2 }
    $table
}

function Get-ListPlan {
    # The plan for a list, which Options (bound parameters of Sync-PortReservation) name as a file, or InputObject has. Returns nothing
    # after an error, which it writes; a list that cannot be read ends the cmdlet.
    param($Call, [System.Collections.IDictionary]$Options, [object[]]$InputObject)

    try {
        $files = @{}
        if ($Options['Path']) { $files += Resolve-BlockFile $Call['Cmdlet'] $Options['Path'] 'path' 'blocks' }
        if ($Options['PreviousPath']) { $files += Resolve-BlockFile $Call['Cmdlet'] $Options['PreviousPath'] 'previousPath' 'previousBlocks' }
    } catch {
        Hide-Failure $_
        $Call['Cmdlet'].ThrowTerminatingError((New-ReservationError 'InvalidParameter' $_.Exception.Message (Get-Message SyncAdvice) $Options['Path']))
    }
    $members = Select-Parameter $files $files.Keys
    $target = $Options['Path']
    if (-not $Options['Path']) {
        $target = $InputObject
        $last = ''
        # All blocks go in one line. Names that are those of the object before are left out, so that the line does not get too long.
        $rows = foreach ($item in $InputObject) {
            $row = Read-Row $item
            # Ordinal, because comparing by the rules of a language takes a minute where the names are long.
            $at = $row.IndexOf('"values":', [System.StringComparison]::Ordinal)
            if ($at -lt 0) { $row; continue }
            $names = $row.Substring(0, $at)
            if ([string]::Equals($names, $last)) { '{' + $row.Substring($at) } else { $row }
            $last = $names
        }
        $members += ",""rows"":[$($rows -join ',')]"
    }
    $Call['Keep'] = [System.Collections.Generic.List[object]]::new()
    Add-Request $Call $null $target $null $members
    Complete-Call $Call
    $Call['Keep']
    $Call['Keep'] = $null
}
