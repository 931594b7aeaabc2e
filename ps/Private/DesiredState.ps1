# A list of blocks that the machine shall have: what Sync-PortReservation gives the host, and what becomes of its answer.

# All that data has: white space, comments, quoted text on one line and without a variable, @{ }, @( ), numbers, and the names of members
# and of $true, $false and $null. PowerShell's parser alone does more than read: at the keyword "configuration" it loads modules, which it
# finds by their names, also in folders of the user. A comment begins where no word can go on.
$script:DataOnly = '\A(?>[ \t\r\n]+|(?<![^ \t\r\n;,(){}])(?:#[^\r\n]*|<#.*?#>)|''[^''\r\n\u2018-\u201b]*''|"[^"$`\r\n\u201c-\u201e]*"|@[{(]|[{}()=;,]' +
'|-?(?![\w.]*configuration|using\b)[\w.]+(?=[ \t\r\n;,=(){}]|\z)|\$(?:true|false|null)\b)*\z'
# Bytes of a data file: as many as the host reads of another one.
$script:DataLimit = 16777216

function Resolve-BlockFile {
    # The parameters of a request for a file of blocks: the path of one that the host reads, or the content of a .psd1. Path and
    # Blocks: the names of the parameters. Throws a message.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$File, [string]$Path, [string]$Blocks)

    $ErrorActionPreference = 'Stop'
    $full = Resolve-File $Cmdlet $File
    if (-not $full) { throw (Get-Message PathNotFile @(Get-ObjectText $File)) }
    # By its text: .NET Framework throws at a path with a character that none can have.
    if ($full -notmatch '\.psd1\z') { return @{ $Path = $full } }
    $text = Read-DataText $full
    # As Import-PowerShellDataFile, which is of a module that would have to be found by its name.
    $tokens = $faults = $data = $null
    $script = [System.Management.Automation.Language.Parser]::ParseInput($text, $full, [ref]$tokens, [ref]$faults)
    if ($faults.Count -gt 0) { throw (Get-Message DataFileFault @($full, $faults[0].Extent.StartLineNumber, $faults[0].Message)) }
    # Nothing, where it nests deeper than PowerShell reads.
    $statements = @(if ($null -ne $script) { $script.EndBlock.Statements })
    # Nothing stands before it or behind it.
    if ($statements.Count -eq 1 -and $statements[0] -is [System.Management.Automation.Language.PipelineAst]) { $data = $statements[0].GetPureExpression() }
    if ($data -isnot [System.Management.Automation.Language.HashtableAst]) { throw (Get-Message DataFileFault @($full, 1, '@{ Blocks = @( ... ) }')) }
    try {
        $value = Read-DataValue $data
        # A script block, for example, is no value of a request.
        $null = ConvertTo-RequestValue $value
        @{ $Blocks = $value }
    } catch { Hide-Failure $_; throw (Get-Message DataFileCode @($full)) }
}

function Read-DataText {
    # The text of a data file; throws a message where it is none.
    param([string]$File)

    $ErrorActionPreference = 'Stop'
    # Nothing of what is too long: it may have gigabytes.
    try { $text = if ([System.IO.FileInfo]::new($File).Length -le $script:DataLimit) { [System.IO.File]::ReadAllText($File) } } catch {
        Hide-Failure $_
        throw (Get-Message DataFileFault @($File, 0, $_.Exception.GetBaseException().Message))
    }
    if ($null -eq $text -or -not [regex]::IsMatch($text, $script:DataOnly, 'IgnoreCase, Singleline, CultureInvariant')) { throw (Get-Message DataFileCode @($File)) }
    $text
}

function Read-DataValue {
    # The value of a part of a data file. Lists and tables are taken apart: PowerShell itself reads no more than 5,000 names and values at once.
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
    # What there is to do for a list, by the parameters of Sync-PortReservation: a file, or objects. Nothing after an error, which is
    # written; a list that cannot be read ends the cmdlet.
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
        # The names only where they are not those of the object before: a list of blocks is one line.
        $rows = foreach ($item in $InputObject) {
            $row = Read-Row $item
            # By characters: as words of a language, it takes a minute where the names are long.
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
