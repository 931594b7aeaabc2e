# Signs the files whose paths come on stdin, one a line. Ends with 1 at the first that is not signed.
[CmdletBinding()]
param(
    [Parameter(Mandatory)][string]$Certificate,
    [string]$SecretFile,
    [string]$Timestamp
)
$ErrorActionPreference = 'Stop'
$password = if ($SecretFile) { (Get-Content -Raw -LiteralPath $SecretFile).Trim() } else { '' }
$own = New-Object System.Security.Cryptography.X509Certificates.X509Certificate2 $Certificate, $password
$options = @{ Certificate = $own; HashAlgorithm = 'SHA256'; IncludeChain = 'All' }
if ($Timestamp) { $options.TimestampServer = $Timestamp }
# Not by $input: a script with such parameters takes nothing from a pipeline, and would sign nothing.
$list = [System.IO.StreamReader]::new([System.Console]::OpenStandardInput(), [System.Text.UTF8Encoding]::new($false)).ReadToEnd()
foreach ($path in $list -split '\r?\n' -ne '') {
    $signature = Set-AuthenticodeSignature -LiteralPath $path @options
    # The chain of a test's certificate is trusted by nobody; it is signed all the same.
    if ($null -eq $signature.SignerCertificate) { throw "$($path): $($signature.StatusMessage)" }
}
