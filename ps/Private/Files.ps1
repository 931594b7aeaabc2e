function Resolve-OutputFile {
    # Absolute path of a file to write, by the user's current folder and drives; $null after an error was written.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Path, [bool]$Replace)

    $ErrorActionPreference = 'Stop'
    $provider = $null
    $drive = $null
    try {
        $file = $Cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path, [ref]$provider, [ref]$drive)
    } catch {
        $file = $null
    }
    if ($null -eq $file -or $provider.Name -ne 'FileSystem') {
        $message = Get-Message PathNotFile @($Path)
        $advice = Get-Message PathAdvice
    } elseif ([System.IO.Directory]::Exists($file) -or [System.IO.Path]::GetExtension($file) -notin '.svg', '.html', '.htm') {
        $message = Get-Message PathExtension @($Path)
        $advice = Get-Message PathAdvice
    } elseif (-not $Replace -and [System.IO.File]::Exists($file)) {
        $message = Get-Message FileExists @($file)
        $advice = Get-Message FileExistsAdvice
    } else {
        return $file
    }
    Write-ReservationError $Cmdlet (New-ReservationError 'InvalidParameter' $message $advice $Path)
}
