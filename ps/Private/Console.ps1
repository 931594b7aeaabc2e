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
    # The script of the caller, whose part of this line may begin on one above: the next frame after that of the invocation.
    $text = $caller = $null
    foreach ($frame in [runspace]::DefaultRunspace.Debugger.GetCallStack()) {
        if ($null -ne $caller) { $text = $frame.Position.StartScriptPosition.GetFullScript(); break }
        if ([object]::ReferenceEquals($frame.InvocationInfo, $Invocation)) { $caller = $frame }
    }
    $tokens = $failures = $null
    $script = [System.Management.Automation.Language.Parser]::ParseInput("$text", [ref]$tokens, [ref]$failures)
    $node = $script.Find({
            param($Candidate)
            $Candidate -is [System.Management.Automation.Language.CommandAst] -and $Candidate.Extent.StartLineNumber -eq $Invocation.ScriptLineNumber -and
            $Candidate.Extent.StartColumnNumber -eq $Invocation.OffsetInLine
        }, $true)
    # Outwards, as long as the output of each part is that of what it is in.
    for (; $null -ne $node; $node = $node.Parent) {
        $parent = $node.Parent
        $in = if ($null -ne $parent) { $parent.GetType().Name }
        $goesOn = if ($node -is [System.Management.Automation.Language.PipelineAst]) { $in -match '^(NamedBlock|StatementBlock|ReturnStatement|ParenExpression|PipelineChain)Ast$' }
        elseif ($node -is [System.Management.Automation.Language.CommandBaseAst]) {
            @($node.Redirections -match '^(1|\*)?>').Count -eq 0 -and ($in -ne 'PipelineAst' -or [object]::ReferenceEquals($node, $parent.PipelineElements[-1]))
        } elseif ($node -is [System.Management.Automation.Language.ScriptBlockExpressionAst]) { $true }
        elseif ($node -is [System.Management.Automation.Language.ExpressionAst]) { $in -eq 'CommandExpressionAst' }
        else { $node -isnot [System.Management.Automation.Language.AssignmentStatementAst] }
        if (-not $goesOn) { return $false }
    }
    $true
}
