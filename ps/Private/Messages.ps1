function Read-Message {
    # Loads the messages in the language of the session; English where a translation is missing.
    $ErrorActionPreference = 'Stop'
    $messages = Read-MessageFile 'en-US'
    # de-AT and de-CH use German too.
    $culture = switch ([System.Globalization.CultureInfo]::CurrentUICulture.TwoLetterISOLanguageName) {
        'de' { 'de-DE' }
        'fr' { 'fr-FR' }
        default { $null }
    }
    if ($culture) {
        $translated = Read-MessageFile $culture
        foreach ($key in $translated.Keys) { $messages[$key] = $translated[$key] }
    }
    $script:Session.Messages = $messages
}

function Read-MessageFile {
    # The hashtable in a file, read as data. Import-LocalizedData would load a PowerShell module by its name.
    param([string]$Culture)

    $tokens = $faults = $null
    $path = [System.IO.Path]::Combine($script:Session.Root, $Culture, 'Messages.psd1')
    $file = [System.Management.Automation.Language.Parser]::ParseFile($path, [ref]$tokens, [ref]$faults)
    $file.Find({ param($Node) $Node -is [System.Management.Automation.Language.HashtableAst] }, $false).SafeGetValue()
}

function Stop-Validation {
    # Ends a ValidateScript with a message that names the possible values; PowerShell's own would show the script.
    param([string]$Value, [string]$Allowed)

    # With the caller's SilentlyContinue, throw would do nothing.
    $ErrorActionPreference = 'Stop'
    throw (Get-Message ValueNotAllowed @($Value, $Allowed))
}

function Get-Message {
    # Formats a message of the module.
    param([string]$Name, [object[]]$Values = @())

    if ($null -eq $script:Session.Messages) { Read-Message }
    [string]::Format([cultureinfo]::InvariantCulture, $script:Session.Messages[$Name], $Values)
}
