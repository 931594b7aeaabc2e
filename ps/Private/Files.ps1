function Resolve-File {
    # Absolute path of a file, from the caller's current folder and drives; $null if it is none.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Path)

    $provider = $null
    $drive = $null
    try {
        $file = $Cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path, [ref]$provider, [ref]$drive)
        if ($provider.Name -eq 'FileSystem') { $file }
    } catch {
        Hide-Failure $_
    }
}
