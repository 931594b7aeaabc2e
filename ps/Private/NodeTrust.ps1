# Whether a Node.js of this machine may run in an elevated session: only if nobody but administrators can put another in its place.

function Get-NodeDoubt {
    # Why an existing program is not trusted, as text that begins with a path; nothing if it is. Windows itself guards Program Files.
    param([string]$Program, [string]$ProgramFiles)

    try { Find-OtherWriter $Program $ProgramFiles } catch { Hide-Failure $_; Get-Message NodeUnreadable @($Program, $_.Exception.Message) }
}

function Find-OtherWriter {
    # As above, but throws where the rights cannot be read.
    param([string]$Program, [string]$ProgramFiles)

    # Without . and ..: what is compared is what is opened.
    $Program = [System.IO.Path]::GetFullPath($Program)
    $folder = [System.IO.Path]::GetDirectoryName($Program)
    $isGuarded = $ProgramFiles -and $folder.StartsWith($ProgramFiles + [System.IO.Path]::DirectorySeparatorChar, [System.StringComparison]::OrdinalIgnoreCase)
    for ($path = $Program; $path; $path = [System.IO.Path]::GetDirectoryName($path)) {
        # Older version managers make a link to a folder that their user can write to.
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
    # The SID of the first who is no administrator and may change a program or its folder, or replace what is in a folder above
    # them; $null if nobody may.
    param([byte[]]$SecurityDescriptor, [switch]$Above)

    # DELETE, WRITE_DAC, WRITE_OWNER, GENERIC_ALL, GENERIC_WRITE, and for a folder FILE_DELETE_CHILD.
    $rights = 0x10000 -bor 0x40000 -bor 0x80000 -bor 0x10000000 -bor 0x40000000 -bor 0x40
    # FILE_WRITE_DATA and FILE_APPEND_DATA: to write to the program, or to put a DLL or a folder beside it.
    if (-not $Above) { $rights = $rights -bor 0x2 -bor 0x4 }
    $descriptor = [System.Security.AccessControl.RawSecurityDescriptor]::new($SecurityDescriptor, 0)
    # SYSTEM, Administrators, TrustedInstaller.
    $trusted = 'S-1-5-18', 'S-1-5-32-544', 'S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464'
    $everyone = 'S-1-1-0'
    # The owner may change the list of rights; without a list, everybody has every right.
    if ($null -eq $descriptor.Owner -or $null -eq $descriptor.DiscretionaryAcl) { return [System.Security.Principal.SecurityIdentifier]::new($everyone) }
    if ($descriptor.Owner.Value -notin $trusted) { return $descriptor.Owner }
    foreach ($entry in $descriptor.DiscretionaryAcl) {
        # An entry that is only inherited says nothing about this object. One with a condition counts: nobody knows here whether it holds.
        if ($entry -isnot [System.Security.AccessControl.QualifiedAce] -or $entry.AceQualifier -ne 'AccessAllowed') { continue }
        # A number: Windows PowerShell cannot combine flags of 8 bits.
        if (([int]$entry.AceFlags -band [System.Security.AccessControl.AceFlags]::InheritOnly) -ne 0) { continue }
        # OWNER RIGHTS are those of the owner, who is known.
        if (($entry.AccessMask -band $rights) -ne 0 -and $entry.SecurityIdentifier.Value -notin ($trusted + 'S-1-3-4')) { return $entry.SecurityIdentifier }
    }
}
