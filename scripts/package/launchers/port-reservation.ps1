# The command line, run by the node.exe of this package. It gets no variable of the session, which unelevated programs can set
# (NODE_OPTIONS, OPENSSL_CONF and more make node.exe load code), and no cmd.exe is started, for which they can set AutoRun commands.

$windowsFolder = [System.Environment]::GetFolderPath('Windows')
$node = [System.IO.Path]::Combine($PSScriptRoot, 'bin', $(if ($windowsFolder) { 'node.exe' } else { 'node' }))
if (-not [System.IO.File]::Exists($node)) {
    [System.Console]::Error.WriteLine('port-reservation: this package has no node.exe. Install the package that has one, or use the cmdlets.')
    exit 9
}
$program = [System.IO.Path]::Combine($PSScriptRoot, 'bin', 'port-reservation.cjs')
# PowerShell makes a list of tcp,udp, and would hand over two arguments.
$arguments = @(foreach ($argument in $args) { if ($argument -is [array]) { $argument -join ',' } else { $argument } })
# Windows PowerShell, and PowerShell 7 up to 7.2, leave out an argument that is empty, and escape nothing. They put quotation marks around one
# with a blank that stands behind an even number of them. Windows PowerShell counts those behind a backslash too: so there are always two.
if ($ExecutionContext.SessionState.PSVariable.GetValue('PSNativeCommandArgumentPassing') -in $null, 'Legacy') {
    $mark = if ($PSVersionTable.PSEdition -eq 'Desktop') { '""' } else { '\"' }
    $arguments = @(foreach ($argument in $arguments) {
            if ("$argument" -match '\A[^\s"]+\z') { "$argument" } else { '"' + ("$argument" -replace '(\\*)"', "`$1`$1$mark" -replace '(\\+)\z', '$1$1') + '"' }
        })
}
# PowerShell makes text of what is piped in by Out-String, which it looks for by its name, in modules of the user first. So it has its own
# before, also where modules are not loaded automatically.
if ($MyInvocation.ExpectingInput) {
    $module = [System.IO.Path]::Combine($PSHOME, 'Modules', 'Microsoft.PowerShell.Utility', 'Microsoft.PowerShell.Utility.psd1')
    Microsoft.PowerShell.Core\Import-Module -Name ([System.Management.Automation.WildcardPattern]::Escape($module)) -Verbose:$false -ErrorAction Ignore
}
# Windows PowerShell writes ASCII into a pipe, and ? for any other character.
$OutputEncoding = [System.Text.UTF8Encoding]::new($false)
$session = [System.Environment]::GetEnvironmentVariables()
# A variable may be called Keys.
$giveBack = { foreach ($name in $session.PSBase.Keys) { [System.Environment]::SetEnvironmentVariable($name, $session[$name]) } }
$piped = $input
$run = if ($MyInvocation.ExpectingInput) { { $piped | & $node $program @arguments } } else { { & $node $program @arguments } }
try {
    foreach ($name in $session.PSBase.Keys) { [System.Environment]::SetEnvironmentVariable($name, [NullString]::Value) }
    if ($windowsFolder) { foreach ($name in 'SystemRoot', 'windir') { [System.Environment]::SetEnvironmentVariable($name, $windowsFolder) } }
    # What is behind it in a pipeline runs beside node.exe, from its first line on, and needs PATH and the others. Behind a script that is no
    # line's (powershell.exe -File) stands but Out-Default, and node.exe shall have the console, or what is in its place.
    if ($MyInvocation.Line -and $MyInvocation.PipelinePosition -lt $MyInvocation.PipelineLength) {
        . $run | & { begin { $isFirst = $true } process { if ($isFirst) { . $giveBack; $isFirst = $false } $_ } }
    } else { . $run }
} finally {
    . $giveBack
}
exit $LASTEXITCODE
