# What the console can show.

function Get-ConsoleWidth {
    # Columns of a line that surely does not wrap. A host without a screen has none, or fails to say.
    $width = 0
    try { $width = $Host.UI.RawUI.WindowSize.Width } catch { $null = $_ }
    if ($width -lt 2) { $width = 81 }
    $width - 1
}

function Test-ConsoleColor {
    # Whether to write escape sequences. Style: the session's $PSStyle, which Windows PowerShell does not have. Last: nothing
    # of the pipeline comes after the cmdlet.
    param([object]$Style, [bool]$Last)

    $rendering = if ($null -ne $Style -and $Style.PSObject.Properties['OutputRendering']) { "$($Style.OutputRendering)" }
    if ($rendering -eq 'PlainText' -or [System.Environment]::GetEnvironmentVariable('NO_COLOR')) { return $false }
    if ($rendering -eq 'Ansi') { return $true }
    $Last -and $Host.UI.SupportsVirtualTerminal -and -not [System.Console]::IsOutputRedirected
}
