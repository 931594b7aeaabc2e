# Without netsh: what the other sources know is output, with a warning that names what is not.

function Import-WithoutNetsh {
    # The simulator's library in a folder without its netsh.
    $library = Join-Path (New-TestFolder) (Split-Path $Simulator -Leaf)
    Copy-Item $Simulator $library
    $options = $script:TestOptions.Clone()
    $options.Simulator = $library
    Import-TestModule -Options $options
}

function Get-Warned {
    # The output of a script block, and the texts of its warnings.
    param([scriptblock]$Body)
    $found = @(& $Body 3>&1)
    @{
        Objects  = @($found | Where-Object { $_ -isnot [System.Management.Automation.WarningRecord] })
        Warnings = @($found | Where-Object { $_ -is [System.Management.Automation.WarningRecord] } | ForEach-Object Message)
    }
}

$blocks = '^Incomplete: Tcp reservations, exclusions and blocks of other programs could not be read: ENOENT: .*netsh(\.exe)? does not exist'
$range = '^Incomplete: the dynamic range of Tcp could not be read: ENOENT: '

Test 'without netsh, the list has the reservations of this session, and a warning' {
    Import-WithoutNetsh
    try {
        $made = New-PortReservation 28100 -Kind Runtime
        $found = Get-Warned { Get-PortReservation -Protocol Tcp }
        Assert-Equal "$($found.Objects)" "$made"
        Assert-Equal $found.Warnings.Count 1 'the number of warnings'
        Assert-Match $found.Warnings[0] $blocks
        # By its block too: what is not found may be in the list that was not read.
        $found = Get-Warned { Get-PortReservation 28110 -Kind Exclusion -Protocol Tcp -ErrorAction SilentlyContinue }
        Assert-Match $found.Warnings[0] $blocks
    } finally { Import-TestModule }
}

Test 'without netsh, ports are tested, and the warning is given once' {
    Import-WithoutNetsh
    try {
        $found = Get-Warned { 28120..28124 | Test-PortReservation }
        Assert-Equal @($found.Objects | ForEach-Object CanBind) @($true, $true, $true, $true, $true)
        Assert-Equal $found.Objects[0].InDynamicRange $null 'InDynamicRange'
        Assert-Equal $found.Warnings.Count 2 'the number of warnings'
        Assert-Match ($found.Warnings -join "`n") "(?m)$blocks"
        Assert-Match ($found.Warnings -join "`n") "(?m)$range"
        Assert-Equal (Test-PortReservation 28120 -Quiet -WarningAction SilentlyContinue) $true
    } finally { Import-TestModule }
}

Test 'without netsh, the map is drawn, and a warning preference is obeyed' {
    Import-WithoutNetsh
    try {
        $found = Get-Warned { Show-PortReservation -Protocol Tcp }
        Assert-Match ($found.Objects -join "`n") 'TCP ports'
        Assert-Equal $found.Warnings.Count 2 'the number of warnings'
        $WarningPreference = 'SilentlyContinue'
        Assert-Equal (Get-Warned { Show-PortReservation -Protocol Tcp }).Warnings.Count 0 'the number of warnings'
    } finally { Import-TestModule }
}

Test 'without netsh, an exclusion is an error that says so' {
    Import-WithoutNetsh
    try {
        $failure = Get-Failure { New-PortReservation 28130 -Kind Exclusion }
        Assert-Failure $failure 'NotSupported' 'NotImplemented' 'New-PortReservation' $null $null
        Assert-Match $failure.Exception.Message 'netsh(\.exe)? does not exist'
    } finally { Import-TestModule }
}
