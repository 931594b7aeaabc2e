function Show-PortReservation {
    <#
    .SYNOPSIS
        Draws a map of all ports: reservations, exclusions, ports in use, the dynamic range.

    .DESCRIPTION
        Without -Path the map is text, as wide as the console. Each cell stands for a few ports and has a letter: a
        capital one when all ports of the cell are of that kind, a small one when a part of them is. A legend below counts
        the ports of each kind. Where the console can show them there are colours too. There are none where the line sends
        the map into a pipe, a file or a variable, the output of the whole session is redirected, $PSStyle.OutputRendering
        is PlainText, or there is an environment variable NO_COLOR. A function that draws the map has the console's
        colours wherever its own output goes: there write "Show-PortReservation | Out-String".

        With -Path the map is written to a file for a browser: a picture (.svg) or a page with the picture and a table of
        what it shows (.html). Drawing needs no administrator.

    .PARAMETER Protocol
        Tcp, Udp, or both, each with a map of its own. The default is both.

    .PARAMETER Path
        The file to write, named .svg or .html. A relative path means the current folder of this session.

    .PARAMETER Force
        Replaces the file when it is there already. Without it that is an error.

    .PARAMETER PassThru
        Returns the file that was written. Without it nothing is returned.

    .EXAMPLE
        Show-PortReservation -Protocol Tcp

        Draws the TCP ports in the console.

    .EXAMPLE
        Show-PortReservation -Path ports.html -Force -PassThru | Invoke-Item

        Writes a page with both maps, over the one of before, and opens it in the browser.

    .INPUTS
        None.

    .OUTPUTS
        System.String: the lines of the map. With -Path nothing, or with -PassThru System.IO.FileInfo.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        Get-PortReservation

    .LINK
        Test-PortReservation
    #>
    [CmdletBinding(DefaultParameterSetName = 'Text', SupportsShouldProcess, ConfirmImpact = 'Medium')]
    [OutputType([string], ParameterSetName = 'Text')]
    [OutputType([System.IO.FileInfo], ParameterSetName = 'File')]
    param(
        [ValidateSet('Tcp', 'Udp')]
        [string[]]$Protocol = @('Tcp', 'Udp'),

        [Parameter(ParameterSetName = 'File', Mandatory, Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string]$Path,

        [Parameter(ParameterSetName = 'File')]
        [switch]$Force,

        [Parameter(ParameterSetName = 'File')]
        [switch]$PassThru
    )

    if (-not $script:Session.Supported) { Write-PlatformError $PSCmdlet }
    # A module does not see the preferences of the script that calls it.
    if (-not $PSBoundParameters.ContainsKey('WhatIf')) { $WhatIfPreference = $PSCmdlet.SessionState.PSVariable.GetValue('WhatIfPreference') }
    if (-not $PSBoundParameters.ContainsKey('Confirm')) { $ConfirmPreference = $PSCmdlet.SessionState.PSVariable.GetValue('ConfirmPreference') }

    $request = '"method":"map.render","params":{"protocols":["' + (@(Select-Protocol $Protocol) -join '","').ToLowerInvariant() + '"]'
    $file = $null
    if ($PSCmdlet.ParameterSetName -eq 'File') {
        $file = Resolve-OutputFile $PSCmdlet $Path $Force
        if ($null -eq $file -or -not $PSCmdlet.ShouldProcess($file, (Get-Message MapAction))) { return }
        $format = if ([System.IO.Path]::GetExtension($file) -eq '.svg') { 'svg' } else { 'html' }
        $request += ',"format":"' + $format + '"}'
    } else {
        $style = $PSCmdlet.SessionState.PSVariable.GetValue('PSStyle')
        $color = Test-ConsoleColor $style (Test-ForScreen $MyInvocation)
        $request += ',"format":"text","width":' + (Get-ConsoleWidth) + ',"colour":' + "$color".ToLowerInvariant() + '}'
    }

    $answer = (Invoke-HostRequest $PSCmdlet ([System.Collections.Generic.List[string]]@($request)))[0]
    if ($null -eq $answer.PSObject.Properties['result']) {
        Write-HostError $PSCmdlet $answer.error $file
        return
    }
    if ($null -eq $file) {
        $answer.result.text.TrimEnd("`n").Split("`n")
        return
    }
    try {
        Write-OutputFile $file $answer.result.text $Force
    } catch {
        # What .NET says is wrapped once more by PowerShell.
        $cause = $_.Exception.GetBaseException()
        $reason = if ($cause -is [System.UnauthorizedAccessException]) { 'AccessDenied' } else { 'NativeError' }
        $message = Get-Message FileNotWritten @($file, $cause.Message)
        Write-ReservationError $PSCmdlet (New-ReservationError $reason $message (Get-Message FileNotWrittenAdvice) $Path)
        return
    }
    if ($PassThru) { Get-Item -LiteralPath $file -Force }
}
