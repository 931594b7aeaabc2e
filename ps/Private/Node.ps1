# Patterns of a path that depends on no current folder or drive.
$script:FullPath = if ([System.Environment]::OSVersion.Platform -eq 'Win32NT') { '?:[\/]*', '[\/][\/]*' } else { '/*' }

function Test-FullPath {
    # Whether a path is such a path. -like, because the first -match of a session would take a tenth of the import.
    param($Path)

    foreach ($pattern in $script:FullPath) { if ($Path -like $pattern) { return $true } }
    $false
}

function Test-Elevated {
    # Whether this is an elevated session on Windows, where nothing that an unelevated process can write may decide which program runs.
    if ([System.Environment]::OSVersion.Platform -ne 'Win32NT') { return $false }
    $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
    try {
        [System.Security.Principal.WindowsPrincipal]::new($identity).IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
    } finally {
        $identity.Dispose()
    }
}

function Find-Node {
    # Absolute path of Node.js. Never from the current folder, and from the environment only in an unelevated session.
    $ErrorActionPreference = 'Stop'
    $session = $script:Session
    $windows = [System.Environment]::OSVersion.Platform -eq 'Win32NT'
    $name = if ($windows) { 'node.exe' } else { 'node' }
    if ($session.NodePath) {
        # The program, or the folder that it is in.
        foreach ($path in $session.NodePath, [System.IO.Path]::Combine($session.NodePath, $name)) { if ([System.IO.File]::Exists($path)) { return $path } }
        throw (Get-Message NodePathNotFound @($session.NodePath))
    }

    $elevated = Test-Elevated
    $candidates = [System.Collections.Generic.List[string]]::new()
    foreach ($folder in Get-ModuleFolder) { $candidates.Add([System.IO.Path]::Combine($folder, 'bin', $name)) }
    if ($windows) {
        # Where the installer of Node.js has put it, and where it usually does.
        $programFiles = Get-MachineValue 'SOFTWARE\Microsoft\Windows\CurrentVersion' 'ProgramFilesDir'
        foreach ($folder in (Get-MachineValue 'SOFTWARE\Node.js' 'InstallPath'), "$programFiles\nodejs") {
            if (-not $folder) { continue }
            $candidate = [System.IO.Path]::Combine($folder, $name)
            $doubt = if ($elevated -and [System.IO.File]::Exists($candidate)) { Get-NodeDoubt $candidate $programFiles }
            $candidates.Add($(if ($doubt) { $doubt } else { $candidate }))
        }
    }
    foreach ($candidate in $candidates) {
        # Exists first: it takes any text, while the other methods of .NET Framework throw if a character cannot be in a path, as a doubt
        # may have one. Below, paths are compared and joined as text for the same reason.
        if ([System.IO.File]::Exists($candidate) -and [System.IO.Path]::IsPathRooted($candidate)) { return $candidate }
    }

    if (-not $elevated) {
        $candidates.Add("PATH ($name)")
        # Not by Get-Command, which would also find it in the current folder if PATH has a relative one.
        foreach ($folder in "$([System.Environment]::GetEnvironmentVariable('PATH'))".Split([System.IO.Path]::PathSeparator)) {
            $folder = $folder.Trim('"')
            if (-not (Test-FullPath $folder)) { continue }
            $path = $folder.TrimEnd([System.IO.Path]::DirectorySeparatorChar) + [System.IO.Path]::DirectorySeparatorChar + $name
            if ([System.IO.File]::Exists($path)) { return $path }
        }
    }
    throw (Get-Message NodeNotFound @($candidates -join '; '))
}

function Get-MachineValue {
    # A value of HKEY_LOCAL_MACHINE. A 32-bit PowerShell sees that of 32-bit programs unless it asks for the 64-bit one.
    param([string]$Key, [string]$Name)

    $machine = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    try {
        $opened = $machine.OpenSubKey($Key)
        if ($null -eq $opened) { return }
        $opened.GetValue($Name)
        $opened.Dispose()
    } finally {
        $machine.Dispose()
    }
}

function Get-ModuleFolder {
    # The folders that may contain bin/ and dist/: in a clone, also the folder of the manifest, above this one.
    $root = $script:Session['Root']
    if ([System.IO.Path]::GetFileName($root) -eq 'ps') { [System.IO.Path]::GetDirectoryName($root) }
    $root
}

function Find-HostScript {
    # The host is in bin/ in the release, and in dist/ in a clone.
    $ErrorActionPreference = 'Stop'
    $candidates = foreach ($folder in Get-ModuleFolder) {
        foreach ($place in 'bin', 'dist') { [System.IO.Path]::Combine($folder, $place, 'port-reservation-host.cjs') }
    }
    foreach ($candidate in $candidates) { if ([System.IO.File]::Exists($candidate)) { return $candidate } }
    throw (Get-Message HostScriptNotFound @($candidates -join '; '))
}

function ConvertTo-NativeArgument {
    # Quotes arguments as CommandLineToArgvW parses them: .NET Framework has no ArgumentList.
    param([string[]]$Arguments)

    $quoted = foreach ($argument in $Arguments) {
        if ($argument -ne '' -and $argument -notlike "*[ `t`r`n""]*") { $argument; continue }
        # Backslashes are doubled only before a quotation mark, including the closing one.
        '"' + ([regex]::Replace($argument, '(\\*)"', '$1$1\"') -replace '(\\+)\z', '$1$1') + '"'
    }
    $quoted -join ' '
}
