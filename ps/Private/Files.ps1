function Resolve-File {
    # The absolute path of a file, by the caller's current folder and drives; nothing if the path is not one of the file system.
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
