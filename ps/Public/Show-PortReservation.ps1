function Show-PortReservation {
    <#
    .SYNOPSIS
        Draws a map of all ports: reservations, exclusions, ports in use, the dynamic range.

    .DESCRIPTION
        Without -Path, the map is text that fits the console. Each cell stands
        for some ports and has a letter: upper case if all ports of the cell
        are of that kind, lower case if only some are. A legend below counts
        the ports of each kind. The map is in color if the console supports
        it. It is not in color if the command line sends it to a pipe, a file
        or a variable, if the output of the whole session is redirected, if
        $PSStyle.OutputRendering is PlainText, or if the environment variable
        NO_COLOR is set. In a function whose output is redirected, write
        "Show-PortReservation | Out-String" to get a map without colors.

        With -Path, the map is written to a file for a browser: a picture
        (.svg), or a page (.html) with a summary, the picture and a table,
        which also reads well on a phone and on paper. Drawing needs no
        administrator. The words are in the language of the session: English,
        German or French.

    .PARAMETER Protocol
        Tcp, Udp, or both, each as a separate map. The default is both.

    .PARAMETER Path
        The file to write, ending in .svg or .html. A relative path starts at
        the current folder of this session.

    .PARAMETER Force
        Replaces an existing file. Without it, an existing file is an error.

    .PARAMETER PassThru
        Returns the file that was written. By default, nothing is returned.

    .EXAMPLE
        Show-PortReservation -Protocol Tcp

        Draws the TCP ports in the console.

    .EXAMPLE
        Show-PortReservation -Path ports.html -Force -PassThru | Invoke-Item

        Writes a page with both maps, replacing an older one, and opens it in
        the browser.

    .INPUTS
        None.

    .OUTPUTS
        System.String: the lines of the map. With -Path, none; with -PassThru,
        System.IO.FileInfo.

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
        [ValidateSet('Tcp', 'Udp')] [string[]]$Protocol = @('Tcp', 'Udp'),

        [Parameter(ParameterSetName = 'File', Mandatory, Position = 0)] [ValidateNotNullOrEmpty()] [string]$Path,

        [Parameter(ParameterSetName = 'File')] [switch]$Force,

        [Parameter(ParameterSetName = 'File')] [switch]$PassThru
    )

    $null, $WhatIfPreference, $ConfirmPreference = Get-CallerPreference $PSCmdlet
    $file = $null
    if ($PSCmdlet.ParameterSetName -eq 'File') {
        $file = Resolve-File $PSCmdlet $Path
        if (-not $file) {
            $failure = New-ReservationError 'InvalidParameter' (Get-Message PathNotFile @(Get-ObjectText $Path)) (Get-Message PathAdvice) $Path
            return Write-ReservationError $PSCmdlet $failure
        }
        $own = @{ path = $file }
    } else {
        $forScreen = Test-ForScreen $MyInvocation
        $own = Get-ConsoleSize
        if (-not $forScreen -or [System.Console]::IsOutputRedirected) { $own.Remove('height') }
        $own['format'] = 'text'
        $own['color'] = Test-ConsoleColor $PSCmdlet.SessionState.PSVariable.GetValue('PSStyle') $forScreen
    }
    $call = New-Call $PSCmdlet 'map.render' $PSBoundParameters @('Protocol', 'Force') $(if ($file) { 'MapAction' })
    if ($file) { $call['Keep'] = [System.Collections.Generic.List[object]]::new() }
    Add-Request $call $null $Path $null (Select-Parameter $own $own.Keys)
    if ($PassThru -and $call['Keep'].Count -gt 0) { [System.IO.FileInfo]::new($file) }
}
