# Whether an installed Node.js may run in an elevated session: only if nobody but administrators can replace it.

function Get-NodeDoubt {
    # Why an existing program is not trusted, as text that begins with its path; nothing if it is trusted. Below Program Files only links
    # are looked for, because Windows itself guards that folder.
    param([string]$Program, [string]$ProgramFiles)

    try { Find-OtherWriter $Program $ProgramFiles } catch { Hide-Failure $_; Get-Message NodeUnreadable @($Program, $_.Exception.Message) }
}

function Find-OtherWriter {
    # As Get-NodeDoubt, but throws if the rights cannot be read.
    param([string]$Program, [string]$ProgramFiles)

    # Without . and .., so that the path that is compared is the one that is opened.
    $Program = [System.IO.Path]::GetFullPath($Program)
    $folder = [System.IO.Path]::GetDirectoryName($Program)
    $isGuarded = $ProgramFiles -and $folder.StartsWith($ProgramFiles + [System.IO.Path]::DirectorySeparatorChar, [System.StringComparison]::OrdinalIgnoreCase)
    for ($path = $Program; $path; $path = [System.IO.Path]::GetDirectoryName($path)) {
        # Version managers link from here to a folder that an ordinary user can write to.
        if (([System.IO.File]::GetAttributes($path) -band [System.IO.FileAttributes]::ReparsePoint) -ne 0) { return Get-Message NodeLink @($path) }
        if ($isGuarded) { continue }
        $sections = [System.Security.AccessControl.AccessControlSections]'Owner, Access'
        $security = if ($path -eq $Program) { [System.Security.AccessControl.FileSecurity]::new($path, $sections) }
        else { [System.Security.AccessControl.DirectorySecurity]::new($path, $sections) }
        $sid = Get-OtherWriter $security.GetSecurityDescriptorBinaryForm() -Above:($path -notin $Program, $folder)
        if ($null -eq $sid) { continue }
        $account = try { $sid.Translate([System.Security.Principal.NTAccount]).Value } catch { Hide-Failure $_; $sid.Value }
        return Get-Message NodeWritable @($path, $account)
    }
}

function Get-OtherWriter {
    # The SID of the first who is no administrator and may change this program or folder or, with Above, may replace what is in this
    # folder; $null if nobody may.
    param([byte[]]$SecurityDescriptor, [switch]$Above)

    # DELETE, WRITE_DAC, WRITE_OWNER, GENERIC_ALL, GENERIC_WRITE, and for a folder FILE_DELETE_CHILD.
    $rights = 0x10000 -bor 0x40000 -bor 0x80000 -bor 0x10000000 -bor 0x40000000 -bor 0x40
    # FILE_WRITE_DATA and FILE_APPEND_DATA: to write to the program, or to put a DLL or a folder beside it.
    if (-not $Above) { $rights = $rights -bor 0x2 -bor 0x4 }
    $descriptor = [System.Security.AccessControl.RawSecurityDescriptor]::new($SecurityDescriptor, 0)
    # SYSTEM, Administrators, TrustedInstaller.
    $trusted = 'S-1-5-18', 'S-1-5-32-544', 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464'
    $everyone = 'S-1-1-0'
    # The owner may always change the access list. Without a list, everybody has every right.
    if ($null -eq $descriptor.Owner -or $null -eq $descriptor.DiscretionaryAcl) { return [System.Security.Principal.SecurityIdentifier]::new($everyone) }
    if ($descriptor.Owner.Value -notin $trusted) { return $descriptor.Owner }
    foreach ($entry in $descriptor.DiscretionaryAcl) {
        # A conditional entry counts as well, because the condition may hold.
        if ($entry -isnot [System.Security.AccessControl.QualifiedAce] -or $entry.AceQualifier -ne 'AccessAllowed') { continue }
        # An entry that is only for what is below does not count. [int], because Windows PowerShell has no -band for flags of 8 bits.
        if (([int]$entry.AceFlags -band [System.Security.AccessControl.AceFlags]::InheritOnly) -ne 0) { continue }
        # S-1-3-4, OWNER RIGHTS, is the owner, who was looked at above.
        if (($entry.AccessMask -band $rights) -ne 0 -and $entry.SecurityIdentifier.Value -notin ($trusted + 'S-1-3-4')) { return $entry.SecurityIdentifier }
    }
}
