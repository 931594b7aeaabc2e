# What the console supports.

function Get-ConsoleSize {
    # The console's size as parameters of a map: the columns of a line that does not wrap, and the lines. Empty where there is no screen.
    $size = @{}
    try {
        $window = $Host.UI.RawUI.WindowSize
        if ($window.Width -gt 1) { $size['width'] = $window.Width - 1 }
        if ($window.Height -gt 0) { $size['height'] = $window.Height }
    } catch {
        Hide-Failure $_
    }
    $size
}

function Test-ConsoleColor {
    # Whether to write escape sequences. Style: the session's $PSStyle, which Windows PowerShell does not have. ForScreen: whether the
    # output goes to the console.
    param([object]$Style, [bool]$ForScreen)

    $rendering = if ($null -ne $Style -and $Style.PSObject.Properties['OutputRendering']) { "$($Style.OutputRendering)" }
    if ($rendering -eq 'PlainText' -or [System.Environment]::GetEnvironmentVariable('NO_COLOR')) { return $false }
    if ($rendering -eq 'Ansi') { return $true }
    $ForScreen -and $Host.UI.SupportsVirtualTerminal -and -not [System.Console]::IsOutputRedirected
}

function Test-ForScreen {
    # Whether the output of an invocation goes to the console, and not into a pipe, a file or a variable, as far as its command line shows.
    # PowerShell itself tells only of a pipe to a command.
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
        # Outwards, for "$map = @(Show-PortReservation)" and "& { Show-PortReservation } > ports.txt".
        $node = $node.Parent
    }
    $true
}
