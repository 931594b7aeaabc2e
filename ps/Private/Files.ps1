function Resolve-OutputFile {
    # Absolute path of a file to write, from the caller's current folder and drives; $null after writing an error.
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

function Write-OutputFile {
    # Writes a file completely or not at all: a temporary file next to it, which then replaces it. The target of a link is
    # not changed; without Replace, neither is a file that was created meanwhile. Throws the .NET exception.
    param([string]$File, [string]$Text, [bool]$Replace)

    $ErrorActionPreference = 'Stop'
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($Text)
    $temporary = [System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($File), [System.IO.Path]::GetRandomFileName())
    $stream = [System.IO.File]::Open($temporary, 'CreateNew', 'Write')
    $done = $false
    try {
        try { $stream.Write($bytes, 0, $bytes.Length) } finally { $stream.Dispose() }
        $attributes = $null
        # Exists is false for a link without a target.
        if ($Replace) { try { $attributes = [System.IO.File]::GetAttributes($File) } catch { $null = $_ } }
        if ($null -ne $attributes -and -not ($attributes -band [System.IO.FileAttributes]::ReparsePoint)) {
            # A plain $null would be converted to an empty backup name.
            [System.IO.File]::Replace($temporary, $File, [System.Management.Automation.Language.NullString]::Value, $true)
        } else {
            if ($null -ne $attributes) { [System.IO.File]::Delete($File) }
            [System.IO.File]::Move($temporary, $File)
        }
        $done = $true
    } finally {
        if (-not $done) { try { [System.IO.File]::Delete($temporary) } catch { $null = $_ } }
    }
}
