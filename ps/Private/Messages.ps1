# What needs no change, as nearly all text.
$script:PlainText = [regex]::new('\A[\x20-\x7e]*\z', 'CultureInvariant')

# Language -> folder of its messages.
$script:Cultures = @{ en = 'en-US'; de = 'de-DE'; fr = 'fr-FR' }

function Read-Message {
    # Loads the messages in the language of the session; English where a translation is missing.
    $ErrorActionPreference = 'Stop'
    $messages = Read-MessageFile 'en-US'
    $language = Get-Language
    if ($language -ne 'en') {
        $translated = Read-MessageFile $script:Cultures[$language]
        foreach ($key in $translated.Keys) { $messages[$key] = $translated[$key] }
    }
    $script:Session.Messages = $messages
}

function Get-Language {
    # The language of the messages, for the host too: en, de or fr. What both say is in one language.
    if ($null -eq $script:Session.Language) {
        # de-AT and de-CH use German too.
        $language = [System.Globalization.CultureInfo]::CurrentUICulture.TwoLetterISOLanguageName
        $script:Session.Language = if ($script:Cultures.ContainsKey($language)) { $language } else { 'en' }
    }
    $script:Session.Language
}

function Read-MessageFile {
    # The hashtable in a file, read as data. Import-LocalizedData would load a PowerShell module by its name.
    param([string]$Culture)

    $tokens = $faults = $null
    $path = [System.IO.Path]::Combine($script:Session.Root, $Culture, 'Messages.psd1')
    $file = [System.Management.Automation.Language.Parser]::ParseFile($path, [ref]$tokens, [ref]$faults)
    $file.Find({ param($Node) $Node -is [System.Management.Automation.Language.HashtableAst] }, $false).SafeGetValue()
}

function ConvertTo-PlainText {
    # Text from outside as one line for a console or a log: line breaks become a space, every other control or format character
    # U+FFFD. Otherwise it could move the cursor, turn the text around, or look like a line of its own. $null stays $null.
    param($Text)

    if ($null -eq $Text -or $script:PlainText.IsMatch($Text)) { return $Text }
    $line = [regex]::Replace($Text, '[\t-\r\u0085\u2028\u2029]+', ' ')
    # The last characters, of Unicode's tags, are pairs.
    [regex]::Replace($line, '[\p{Cc}\p{Cf}]|\uDB40[\uDC00-\uDC7F]', [string][char]0xFFFD)
}

function Stop-Validation {
    # Ends a ValidateScript with a message that names the possible values; PowerShell's own would show the script.
    param([string]$Value, [string]$Allowed)

    # With the caller's SilentlyContinue, throw would do nothing.
    $ErrorActionPreference = 'Stop'
    throw (Get-Message ValueNotAllowed @($Value, $Allowed))
}

function Get-Message {
    # Formats a message of the module. The values may be text from outside.
    param([string]$Name, [object[]]$Values = @())

    if ($null -eq $script:Session.Messages) { Read-Message }
    ConvertTo-PlainText ([string]::Format([cultureinfo]::InvariantCulture, $script:Session.Messages[$Name], $Values))
}

function Get-ActionText {
    # What ShouldProcess says of an action, in the preferences of the cmdlet that calls this. Read only if it is shown.
    param([string]$Name)

    if (-not $WhatIfPreference -and $ConfirmPreference -in 'High', 'None' -and $VerbosePreference -eq 'SilentlyContinue') { $Name } else { Get-Message $Name }
}
