# What needs no change, as nearly all text.
$script:NotPlainText = '[^\x20-\x7e]'

# Language -> folder of its messages.
$script:Cultures = @{ en = 'en-US'; de = 'de-DE'; fr = 'fr-FR' }

# Language -> its messages, read when the first is said.
$script:Messages = @{}

function Get-Language {
    # The language of the messages, for the host too: en, de or fr. What both say is in one language.
    if ($null -eq $script:Session['Language']) {
        # de-AT and de-CH use German too. In Windows PowerShell $PSUICulture keeps the language in which the session began.
        $language = [System.Globalization.CultureInfo]::CurrentUICulture.TwoLetterISOLanguageName
        $script:Session['Language'] = if ($null -ne $script:Cultures[$language]) { $language } else { 'en' }
    }
    $script:Session['Language']
}

function Read-MessageFile {
    # The hashtable in a file, read as data. Import-LocalizedData would load a PowerShell module by its name.
    param([string]$Culture)

    $tokens = $faults = $null
    $path = [System.IO.Path]::Combine($script:Session['Root'], $Culture, 'Messages.psd1')
    $file = [System.Management.Automation.Language.Parser]::ParseFile($path, [ref]$tokens, [ref]$faults)
    $file.Find({ param($Node) $Node -is [System.Management.Automation.Language.HashtableAst] }, $false).SafeGetValue()
}

function ConvertTo-PlainText {
    # Text from outside as one line for a console or a log: line breaks become a space, every other control or format character
    # U+FFFD. Otherwise it could move the cursor, turn the text around, or look like a line of its own. $null stays $null.
    param($Text)

    if ($null -eq $Text -or $Text -cnotmatch $script:NotPlainText) { return $Text }
    $line = [regex]::Replace($Text, '[\t-\r\u0085\u2028\u2029]+', ' ')
    # The last characters, of Unicode's tags, are pairs.
    [regex]::Replace($line, '[\p{Cc}\p{Cf}]|\uDB40[\uDC00-\uDC7F]', [string][char]0xFFFD)
}

function Get-ObjectText {
    # What somebody's object is called in a message: its own text may be long, or fail, and that of a list may have no end.
    param($InputObject)

    $isList = $InputObject -is [System.Collections.IEnumerable] -and $InputObject -isnot [string]
    try { $text = if ($isList) { $InputObject.PSTypeNames[0] } else { "$InputObject" } } catch {
        Hide-Failure $_
        $text = "$($InputObject.PSTypeNames[0])"
    }
    if ($text.Length -gt 200) { $text.Substring(0, 200) + '...' } else { $text }
}

function Stop-Validation {
    # Ends a ValidateScript with a message that names the possible values; PowerShell's own would show the script.
    param([string]$Value, [string]$Allowed)

    # With the caller's SilentlyContinue, throw would do nothing.
    $ErrorActionPreference = 'Stop'
    throw (Get-FramedMessage ValueNotAllowed @($Value, $Allowed))
}

function Get-Message {
    # Formats a message of the module. The values may be text from outside.
    param([string]$Name, [object[]]$Values = @(), [string]$Language = (Get-Language))

    if ($null -eq $script:Messages[$Language]) { $script:Messages[$Language] = Read-MessageFile $script:Cultures[$Language] }
    ConvertTo-PlainText ([string]::Format([cultureinfo]::InvariantCulture, $script:Messages[$Language][$Name], $Values))
}

function Get-FramedMessage {
    # A message that PowerShell puts into a sentence of its own, in the language of that: PowerShell 7 has English only.
    param([string]$Name, [object[]]$Values = @())

    Get-Message $Name $Values $(if ($PSVersionTable.PSEdition -eq 'Desktop') { Get-Language } else { 'en' })
}
