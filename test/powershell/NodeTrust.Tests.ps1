# Which Node.js an elevated session runs: one that nobody but administrators can change.

BeforeDiscovery {
    $administrators = 'O:BAG:BAD:(A;;FA;;;BA)(A;;FA;;;SY)'
    $rights = @(
        @{ Title = 'administrators and the system'; Sddl = $administrators; Program = $null; Above = $null }
        @{ Title = 'the installer of Windows, as in Program Files'
            Sddl = 'O:S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464G:BAD:PAI(A;;FA;;;S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464)(A;;0x1301bf;;;SY)(A;;0x1301bf;;;BA)(A;;0x1200a9;;;BU)(A;OICIIO;GA;;;CO)'
            Program = $null; Above = $null }
        @{ Title = 'everybody, to read and run'; Sddl = "$administrators(A;;0x1200a9;;;BU)(A;;FR;;;WD)"; Program = $null; Above = $null }
        @{ Title = 'signed-in users, as a folder on drive C has it'; Sddl = "$administrators(A;ID;0x1301bf;;;AU)"; Program = 'S-1-5-11'; Above = 'S-1-5-11' }
        @{ Title = 'users to create, as the root of drive C has it'; Sddl = "$administrators(A;;LC;;;AU)(A;OICIIO;0x1301bf;;;AU)"; Program = 'S-1-5-11'; Above = $null }
        @{ Title = 'users to write'; Sddl = "$administrators(A;;DC;;;BU)"; Program = 'S-1-5-32-545'; Above = $null }
        @{ Title = 'users to delete what is in it'; Sddl = "$administrators(A;;DT;;;BU)"; Program = 'S-1-5-32-545'; Above = 'S-1-5-32-545' }
        @{ Title = 'users to delete it'; Sddl = "$administrators(A;;SD;;;BU)"; Program = 'S-1-5-32-545'; Above = 'S-1-5-32-545' }
        @{ Title = 'everybody to change the rights'; Sddl = "$administrators(A;;WD;;;WD)"; Program = 'S-1-1-0'; Above = 'S-1-1-0' }
        @{ Title = 'one account to take it'; Sddl = "$administrators(A;;WO;;;S-1-5-21-1-2-3-1001)"; Program = 'S-1-5-21-1-2-3-1001'; Above = 'S-1-5-21-1-2-3-1001' }
        @{ Title = 'everybody, by a generic right'; Sddl = "$administrators(A;;GA;;;WD)"; Program = 'S-1-1-0'; Above = 'S-1-1-0' }
        @{ Title = 'its owner, an ordinary account'; Sddl = 'O:S-1-5-21-1-2-3-1001G:BAD:(A;;FA;;;BA)'; Program = 'S-1-5-21-1-2-3-1001'; Above = 'S-1-5-21-1-2-3-1001' }
        @{ Title = 'the rights of an owner who is an administrator'; Sddl = "$administrators(A;;FA;;;OW)"; Program = $null; Above = $null }
        @{ Title = 'nobody who is denied'; Sddl = 'O:BAG:BAD:(D;;FA;;;WD)(A;;FA;;;BA)'; Program = $null; Above = $null }
        @{ Title = 'everybody, for want of a list'; Sddl = 'O:BAG:BA'; Program = 'S-1-1-0'; Above = 'S-1-1-0' }
        @{ Title = 'everybody, for want of an owner'; Sddl = 'D:(A;;FA;;;BA)'; Program = 'S-1-1-0'; Above = 'S-1-1-0' }
    )
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
}

Describe 'a Node.js outside of Program Files in an elevated session' {
    # Off Windows .NET has no security descriptors.
    It 'with rights for <Title>' -ForEach $rights {
        if (-not $IsOnWindows) { Set-ItResult -Skipped -Because 'rights are those of Windows'; return }
        $descriptor = [System.Security.AccessControl.RawSecurityDescriptor]::new($Sddl)
        $bytes = [byte[]]::new($descriptor.BinaryLength)
        $descriptor.GetBinaryForm($bytes, 0)
        $found = foreach ($isAbove in $false, $true) { "$(& (Get-Module PortReservation) { Get-OtherWriter $args[0] -Above:$args[1] } $bytes $isAbove)" }
        $found | Should -BeExactly "$Program", "$Above"
    }

    It 'is refused with the reason where its rights cannot be read' {
        $program = Join-Path (New-TestFolder) 'gone.exe'
        & (Get-Module PortReservation) { Get-NodeDoubt $args[0] 'C:\Program Files' } $program | Should -BeLike '*gone.exe (*could not be read*'
    }

    It 'is refused where a folder above is a link, also in Program Files' {
        $folder = New-TestFolder 'behind'
        $link = Join-Path (New-TestFolder) 'link'
        $null = New-Item -ItemType Directory -Path (Join-Path $folder 'nodejs')
        $program = [System.IO.Path]::Combine($link, 'nodejs', 'node.exe')
        $made = try { New-Item -ItemType SymbolicLink -Path $link -Target $folder } catch { $null }
        if (-not $made -or -not [System.IO.Directory]::Exists([System.IO.Path]::GetDirectoryName($program))) { Set-ItResult -Skipped -Because 'no symbolic link can be made here'; return }
        Set-Content -LiteralPath $program -Value ''
        $doubt = & (Get-Module PortReservation) { Get-NodeDoubt $args[0] $args[1] } $program ([System.IO.Path]::GetDirectoryName($link))
        $doubt | Should -BeLike "$link (a link*"
    }

    It 'is found by its installer''s entry in the registry, and is refused with who can change it' {
        # One that is installed decides what is found, and its entry is not ours to change.
        $installed = 'HKLM:\SOFTWARE\Node.js', "$([System.Environment]::GetFolderPath('ProgramFiles'))\nodejs"
        if (-not $IsOnWindows -or (Test-Path -LiteralPath $installed) -contains $true) {
            Set-ItResult -Skipped -Because 'it needs a Windows without a Node.js of its own'; return
        }
        $folder = New-TestFolder 'nodejs'
        $program = Join-Path $folder 'node.exe'
        Set-Content -LiteralPath $program -Value ''
        $machine = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
        $key = $machine.CreateSubKey('SOFTWARE\Node.js')
        try {
            $key.SetValue('InstallPath', $folder)
            $said = & (Get-Module PortReservation) {
                # As in a module without a Node.js of its own.
                function Get-ModuleFolder { }
                $given, $script:Session.NodePath = $script:Session.NodePath, $null
                try { Find-Node } catch { "$_" } finally { $script:Session.NodePath = $given }
            }
            $said | Should -BeLike "*$folder*(not used in an elevated session, because *"
        } finally {
            $key.Dispose()
            $machine.DeleteSubKeyTree('SOFTWARE\Node.js')
            $machine.Dispose()
        }
    }
}
