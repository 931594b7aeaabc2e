# What the console can show.

function Get-ConsoleWidth {
    # Columns of a line that surely does not wrap. A host without a screen has none, or fails to say.
    $width = 0
    try { $width = $Host.UI.RawUI.WindowSize.Width } catch { $null = $_ }
    if ($width -lt 2) { $width = 81 }
    $width - 1
}

function Test-ConsoleColor {
    # Whether to write escape sequences. Style: the session's $PSStyle, which Windows PowerShell does not have. ForScreen:
    # nobody but the console gets the output.
    param([object]$Style, [bool]$ForScreen)

    $rendering = if ($null -ne $Style -and $Style.PSObject.Properties['OutputRendering']) { "$($Style.OutputRendering)" }
    if ($rendering -eq 'PlainText' -or [System.Environment]::GetEnvironmentVariable('NO_COLOR')) { return $false }
    if ($rendering -eq 'Ansi') { return $true }
    $ForScreen -and $Host.UI.SupportsVirtualTerminal -and -not [System.Console]::IsOutputRedirected
}

function Test-ForScreen {
    # Whether the output of an invocation goes to the console, as far as its line tells: not on through a pipe, into a file or
    # into a variable. PowerShell itself tells a command of the pipe alone.
    param([System.Management.Automation.InvocationInfo]$Invocation)

    if ($Invocation.PipelinePosition -ne $Invocation.PipelineLength) { return $false }
    $tokens = $failures = $null
    $line = [System.Management.Automation.Language.Parser]::ParseInput($Invocation.Line, [ref]$tokens, [ref]$failures)
    $node = $line.Find({
            param($Candidate)
            $Candidate -is [System.Management.Automation.Language.CommandAst] -and $Candidate.Extent.StartOffset -eq $Invocation.OffsetInLine - 1
        }, $true)
    while ($null -ne $node) {
        if ($node -is [System.Management.Automation.Language.AssignmentStatementAst]) { return $false }
        if ($node -is [System.Management.Automation.Language.CommandBaseAst]) {
            foreach ($redirection in $node.Redirections) { if ("$($redirection.FromStream)" -in 'Output', 'All') { return $false } }
        }
        # What stands around it: "$map = @(Show-PortReservation)", "& { Show-PortReservation } > ports.txt".
        $node = $node.Parent
    }
    $true
}
