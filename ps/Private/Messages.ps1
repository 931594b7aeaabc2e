function Read-Message {
    # Loads the messages in the language of the session. English fills the gaps of a translation.
    $ErrorActionPreference = 'Stop'
    # It takes the folder for a pattern.
    $folder = [System.Management.Automation.WildcardPattern]::Escape($script:Session.Root)
    $messages = Import-LocalizedData -BaseDirectory $folder -FileName 'Messages.psd1' -UICulture 'en-US'
    # de-AT and de-CH read German as well.
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

function Get-Message {
    # A message of the module, filled in.
    param([string]$Name, [object[]]$Values = @())

    if ($null -eq $script:Session.Messages) { Read-Message }
    [string]::Format([cultureinfo]::InvariantCulture, $script:Session.Messages[$Name], $Values)
}
