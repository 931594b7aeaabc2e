# A character that ConvertTo-PlainText may have to replace; nearly all text has none.
$script:NotPlainText = '[^\x20-\x7e]'

# Language -> folder of its messages.
$script:Cultures = @{ en = 'en-US'; de = 'de-DE'; fr = 'fr-FR' }

# Language -> its messages, read when the first is said.
$script:Messages = @{}

function Get-Language {
    # The language of the module's messages and of the host's: en, de or fr.
    if ($null -eq $script:Session['Language']) {
        # By two letters, so that de-AT and de-CH are German too. Not $PSUICulture, which in Windows PowerShell does not follow a change.
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
    # The last alternative is Unicode's tag characters, which are surrogate pairs.
    [regex]::Replace($line, '[\p{Cc}\p{Cf}]|\uDB40[\uDC00-\uDC7F]', [string][char]0xFFFD)
}

function Get-ObjectText {
    # What a message calls a caller's object. Its own text may be long or throw; a list is called by its type, because it may be endless.
    param($InputObject)

    $isList = $InputObject -is [System.Collections.IEnumerable] -and $InputObject -isnot [string]
    try { $text = if ($isList) { $InputObject.PSTypeNames[0] } else { "$InputObject" } } catch {
        Hide-Failure $_
        $text = "$($InputObject.PSTypeNames[0])"
    }
    if ($text.Length -gt 200) { $text.Substring(0, 200) + '...' } else { $text }
}

function Stop-Validation {
    # Ends a ValidateScript with a message that names the possible values. PowerShell's own message would show the script.
    param([string]$Value, [string]$Allowed)

    # With the caller's SilentlyContinue, throw would do nothing.
    $ErrorActionPreference = 'Stop'
    throw (Get-FramedMessage ValueNotAllowed @($Value, $Allowed))
}

function Get-Message {
    # Formats a message of the module. The values may come from outside, so control characters are replaced.
    param([string]$Name, [object[]]$Values = @(), [string]$Language = (Get-Language))

    if ($null -eq $script:Messages[$Language]) { $script:Messages[$Language] = Read-MessageFile $script:Cultures[$Language] }
    ConvertTo-PlainText ([string]::Format([cultureinfo]::InvariantCulture, $script:Messages[$Language][$Name], $Values))
}

function Get-FramedMessage {
    # A message that PowerShell puts into a sentence of its own, so in the language of that: PowerShell 7 speaks only English.
    param([string]$Name, [object[]]$Values = @())

    Get-Message $Name $Values $(if ($PSVersionTable.PSEdition -eq 'Desktop') { Get-Language } else { 'en' })
}
