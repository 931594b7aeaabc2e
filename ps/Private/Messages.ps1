function Read-Message {
    # Loads the messages in the language of the session; English where a translation is missing.
    $ErrorActionPreference = 'Stop'
    # Import-LocalizedData treats the folder as a pattern.
    $folder = [System.Management.Automation.WildcardPattern]::Escape($script:Session.Root)
    $messages = Import-LocalizedData -BaseDirectory $folder -FileName 'Messages.psd1' -UICulture 'en-US'
    # de-AT and de-CH use German too.
    $culture = switch ([System.Globalization.CultureInfo]::CurrentUICulture.TwoLetterISOLanguageName) {
        'de' { 'de-DE' }
        'fr' { 'fr-FR' }
        default { $null }
    }
    if ($culture) {
        $translated = Import-LocalizedData -BaseDirectory $folder -FileName 'Messages.psd1' -UICulture $culture
        foreach ($key in $translated.Keys) { $messages[$key] = $translated[$key] }
    }
    $script:Session.Messages = $messages
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
