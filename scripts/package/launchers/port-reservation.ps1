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
# Windows PowerShell, and PowerShell 7 up to 7.2, leave out an argument that is empty, and do not escape quotation marks.
if ($ExecutionContext.SessionState.PSVariable.GetValue('PSNativeCommandArgumentPassing') -in $null, 'Legacy') {
    $arguments = @(foreach ($argument in $arguments) { if ("$argument" -eq '') { '""' } else { "$argument" -replace '(\\*)"', '$1$1\"' } })
}
$session = [System.Environment]::GetEnvironmentVariables()
try {
    # A variable may be called Keys.
    foreach ($name in $session.PSBase.Keys) { [System.Environment]::SetEnvironmentVariable($name, [NullString]::Value) }
    if ($windowsFolder) { foreach ($name in 'SystemRoot', 'windir') { [System.Environment]::SetEnvironmentVariable($name, $windowsFolder) } }
    if ($MyInvocation.ExpectingInput) { $input | & $node $program @arguments } else { & $node $program @arguments }
} finally {
    foreach ($name in $session.PSBase.Keys) { [System.Environment]::SetEnvironmentVariable($name, $session[$name]) }
}
exit $LASTEXITCODE
