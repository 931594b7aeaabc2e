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

function Write-OutputFile {
    # Writes a file as a whole or not at all: beside it first, and then in its place. What a link points to stays as it is,
    # and without Replace so does what somebody has put there meanwhile. Throws what .NET says.
    param([string]$File, [string]$Text, [bool]$Replace)

    $ErrorActionPreference = 'Stop'
    $bytes = [System.Text.Encoding]::UTF8.GetBytes($Text)
    $temporary = [System.IO.Path]::Combine([System.IO.Path]::GetDirectoryName($File), [System.IO.Path]::GetRandomFileName())
    $stream = [System.IO.File]::Open($temporary, 'CreateNew', 'Write')
    $done = $false
    try {
        try { $stream.Write($bytes, 0, $bytes.Length) } finally { $stream.Dispose() }
        $attributes = $null
        # Exists would look through a link that leads nowhere.
        if ($Replace) { try { $attributes = [System.IO.File]::GetAttributes($File) } catch { $null = $_ } }
        if ($null -ne $attributes -and -not ($attributes -band [System.IO.FileAttributes]::ReparsePoint)) {
            # A mere $null would be an empty name of a backup.
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
