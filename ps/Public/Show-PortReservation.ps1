function Show-PortReservation {
    <#
    .SYNOPSIS
        Draws a map of all ports: reservations, exclusions, ports in use, the dynamic range.

    .DESCRIPTION
        Without -Path, the map is text that fits the console. Each cell stands for some ports and has a letter: upper case
        if all ports of the cell are of that kind, lower case if only some are. A legend below counts the ports of each
        kind. The map is in color if the console supports it. It is not in color if the command line sends it to a
        pipe, a file or a variable, if the output of the whole session is redirected, if $PSStyle.OutputRendering is
        PlainText, or if the environment variable NO_COLOR is set. In a function whose output is redirected, write
        "Show-PortReservation | Out-String" to get a map without colors.

        With -Path, the map is written to a file for a browser: a picture (.svg), or a page (.html) with a
        summary, the picture and a table, which also reads well on a phone and on paper. Drawing needs no administrator. The
        words are in the language of the session: English, German or French.

    .PARAMETER Protocol
        Tcp, Udp, or both, each as a separate map. The default is both.

    .PARAMETER Path
        The file to write, ending in .svg or .html. A relative path starts at the current folder of this session.

    .PARAMETER Force
        Replaces an existing file. Without it, an existing file is an error.

    .PARAMETER PassThru
        Returns the file that was written. By default, nothing is returned.

    .EXAMPLE
        Show-PortReservation -Protocol Tcp

        Draws the TCP ports in the console.

    .EXAMPLE
        Show-PortReservation -Path ports.html -Force -PassThru | Invoke-Item

        Writes a page with both maps, replacing an older one, and opens it in the browser.

    .INPUTS
        None.

    .OUTPUTS
        System.String: the lines of the map. With -Path, none; with -PassThru, System.IO.FileInfo.

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

    $null, $WhatIfPreference, $ConfirmPreference = Get-CallerPreference $PSCmdlet

    $parameters = @{ protocols = @(Select-Protocol $Protocol) }
    $file = $null
    if ($PSCmdlet.ParameterSetName -eq 'File') {
        $file = Resolve-OutputFile $PSCmdlet $Path $Force
        if ($null -eq $file -or -not $PSCmdlet.ShouldProcess($file, (Get-ActionText MapAction))) { return }
        $parameters.format = if ([System.IO.Path]::GetExtension($file) -eq '.svg') { 'svg' } else { 'html' }
    } else {
        $forScreen = Test-ForScreen $MyInvocation
        $parameters.format = 'text'
        $parameters.width = Get-ConsoleWidth
        $parameters.color = Test-ConsoleColor $PSCmdlet.SessionState.PSVariable.GetValue('PSStyle') $forScreen
        $height = if ($forScreen -and -not [System.Console]::IsOutputRedirected) { Get-ConsoleHeight } else { 0 }
        if ($height -gt 0) { $parameters.height = $height }
    }

    $call = New-Call $PSCmdlet
    $call.Keep = [System.Collections.Generic.List[object]]::new()
    Add-Request $call 'map.render' $parameters $file
    if ($call.Keep.Count -eq 0) { return }
    $map = $call.Keep[0]
    Write-NotReadWarning $PSCmdlet $map.NotRead
    if ($null -eq $file) { return $map.Items }
    try {
        Write-OutputFile $file (($map.Items -join "`n") + "`n") $Force
    } catch {
        Hide-Failure $_
        # PowerShell wraps the .NET exception.
        $cause = $_.Exception.GetBaseException()
        $reason = if ($cause -is [System.UnauthorizedAccessException]) { 'AccessDenied' } else { 'NativeError' }
        $message = Get-Message FileNotWritten @($file, $cause.Message)
        Write-ReservationError $PSCmdlet (New-ReservationError $reason $message (Get-Message FileNotWrittenAdvice) $Path)
        return
    }
    if ($PassThru) { [System.IO.FileInfo]::new($file) }
}
