function Test-Elevated {
    # Elevated on Windows: then nothing that an unelevated process of the same user can write may choose a program.
    if ([System.Environment]::OSVersion.Platform -ne 'Win32NT') { return $false }
    $identity = [System.Security.Principal.WindowsIdentity]::GetCurrent()
    try {
        [System.Security.Principal.WindowsPrincipal]::new($identity).IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
    } finally {
        $identity.Dispose()
    }
}

function Find-Node {
    # Absolute path of Node.js. Never from the current directory, and from the environment only where that is harmless.
    $ErrorActionPreference = 'Stop'
    $session = $script:Session
    if ($session.NodePath) {
        if ([System.IO.File]::Exists($session.NodePath)) { return $session.NodePath }
        throw (Get-Message NodePathNotFound @($session.NodePath))
    }

    $windows = [System.Environment]::OSVersion.Platform -eq 'Win32NT'
    $name = if ($windows) { 'node.exe' } else { 'node' }
    $candidates = [System.Collections.Generic.List[string]]::new()
    foreach ($folder in Get-ModuleFolder) { $candidates.Add([System.IO.Path]::Combine($folder, 'bin', $name)) }
    if ($windows) {
        foreach ($folder in Get-InstallFolder) { $candidates.Add([System.IO.Path]::Combine($folder, $name)) }
    }
    foreach ($candidate in $candidates) {
        if ([System.IO.Path]::IsPathRooted($candidate) -and [System.IO.File]::Exists($candidate)) { return $candidate }
    }

    if (-not $windows -or -not (Test-Elevated)) {
        $candidates.Add("PATH ($name)")
        foreach ($command in @(Get-Command -Name $name -CommandType Application -ErrorAction Ignore)) {
            if ([System.IO.Path]::IsPathRooted($command.Path)) { return $command.Path }
        }
    }
    throw (Get-Message NodeNotFound @($candidates -join '; '))
}

function Get-InstallFolder {
    # Where Node.js' installer puts it: written by administrators alone. A 32-bit PowerShell sees the registry and Program
    # Files of 32-bit programs, unless it asks for the others.
    $machine = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    try {
        foreach ($place in @('SOFTWARE\Node.js', 'InstallPath', ''), @('SOFTWARE\Microsoft\Windows\CurrentVersion', 'ProgramFilesDir', 'nodejs')) {
            $key = $machine.OpenSubKey($place[0])
            if ($null -eq $key) { continue }
            $folder = $key.GetValue($place[1])
            $key.Dispose()
            if ($folder) { [System.IO.Path]::Combine($folder, $place[2]) }
        }
    } finally {
        $machine.Dispose()
    }
}

function Get-ModuleFolder {
    # Where bin/ and dist/ can be: the folder of the manifest, which is above this one unless the release merged the files.
    $root = $script:Session.Root
    if ([System.IO.Path]::GetFileName($root) -eq 'ps') { [System.IO.Path]::GetDirectoryName($root) }
    $root
}

function Find-HostScript {
    # The release has the host in bin/, a clone in dist/.
    $ErrorActionPreference = 'Stop'
    $candidates = foreach ($folder in Get-ModuleFolder) {
        foreach ($place in 'bin', 'dist') { [System.IO.Path]::Combine($folder, $place, 'port-reservation-host.js') }
    }
    foreach ($candidate in $candidates) { if ([System.IO.File]::Exists($candidate)) { return $candidate } }
    throw (Get-Message HostScriptNotFound @($candidates -join '; '))
}

function ConvertTo-NativeArgument {
    # One command line from arguments, by the rules of CommandLineToArgvW: .NET Framework has no ArgumentList.
    param([string[]]$Arguments)

    $quoted = foreach ($argument in $Arguments) {
        if ($argument -ne '' -and $argument -notmatch '[\s"]') { $argument; continue }
        # Backslashes count double only before a quotation mark, the closing one included.
        '"' + ([regex]::Replace($argument, '(\\*)"', '$1$1\"') -replace '(\\+)\z', '$1$1') + '"'
    }
    $quoted -join ' '
}
