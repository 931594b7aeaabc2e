# Sync-PortReservation.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
    $folder = New-TestFolder
    $file = Join-Path $folder 'ports.json'
    function Set-List($Blocks) { [System.IO.File]::WriteAllText($file, (ConvertTo-Json @($Blocks))) }
    function Get-Text($Changes) { foreach ($change in $Changes) { "$($change.Change)$(if ($change.Changed) { '!' }) $change" } }
}

Describe 'Sync-PortReservation' {
    BeforeEach {
        Reset-Simulator -KeepHost
        # What tells that the host goes on.
        $socket = $null
    }
    AfterEach {
        if ($null -ne $socket) {
            $socket | Close-AssociatedBind
            Get-PortReservation -Kind Runtime | Remove-PortReservation
        }
    }

    It 'makes what is missing, then nothing, then what drifted, with one object for each block' {
        Set-List @{ startPort = 5000; numberOfPorts = 5 }, @{ protocol = 'udp'; startPort = 5000; kind = 'exclusion'; store = 'active' }, @{ startPort = 5010 }
        $made = @(Sync-PortReservation $file)
        Get-Text $made | Should -BeExactly 'Create! Tcp 5000-5004 (Persistent)', 'Create! Udp 5000 (Exclusion, Active)', 'Create! Tcp 5010 (Persistent)'
        $made[0].PSTypeNames[0] | Should -BeExactly 'PortReservation.ReservationChange'
        $made[0].PSObject.Properties.Name | Should -BeExactly 'Protocol', 'StartPort', 'EndPort', 'NumberOfPorts', 'Kind', 'Token', 'AddressFamily', 'OwningProcess', 'Store', 'Change', 'Changed', 'Reason'
        $made[0].Token | Should -BeExactly (Get-PortReservation -StartPort 5000 -NumberOfPorts 5).Token
        $made[0].Token | Should -BeOfType [uint64]
        Get-Text (Sync-PortReservation $file) | Should -BeExactly 'None Tcp 5000-5004 (Persistent)', 'None Udp 5000 (Exclusion, Active)', 'None Tcp 5010 (Persistent)'
        $made[2] | Remove-PortReservation
        Get-Text (Sync-PortReservation $file | Where-Object Changed) | Should -BeExactly 'Create! Tcp 5010 (Persistent)'
        $made | Out-String -Width 120 | Should -Match '(?m)^Change +Changed Protocol StartPort EndPort Kind +Reason\s*$'
    }

    It '-WhatIf says what would be done of what is not yet so, and changes nothing' {
        $null = New-PortReservation 5000 5
        $null = New-PortReservation 5020
        $rows = @{ StartPort = 5000; NumberOfPorts = 5 }, @{ StartPort = 5010 }
        $said = @(Invoke-Shell "$(Get-ImportLine) `$changes = @{ StartPort = 5000; NumberOfPorts = 5 }, @{ StartPort = 5010 } | Sync-PortReservation -Purge -Within '5000-5099' -WhatIf; `$changes | ForEach-Object { `"`$(`$_.Change) `$(`$_.Changed)`" }")
        @($said -match '^What if').Count | Should -Be 2
        "$($said -match '5010')" | Should -Match 'Create port reservation'
        "$($said -match '5020')" | Should -Match 'Remove port reservation'
        $said -notmatch '^What if' | Should -BeExactly 'None False', 'Create False', 'Remove False'
        Get-BlockText | Should -BeExactly 'Tcp 5000-5004 (Persistent)', 'Tcp 5020 (Persistent)'
        Get-Text ($rows | Sync-PortReservation -Purge -Within 'tcp:5000-5099' -Confirm:$false) | Should -BeExactly 'None Tcp 5000-5004 (Persistent)', 'Create! Tcp 5010 (Persistent)', 'Remove! Tcp 5020 (Persistent)'
        Get-BlockText | Should -BeExactly 'Tcp 5000-5004 (Persistent)', 'Tcp 5010 (Persistent)'
    }

    It 'a conflict is an object and an error that names the holder, and the rest is done' {
        Set-Knob add_system_block 6 5003 1 0
        Set-List @{ startPort = 5000; numberOfPorts = 5 }, @{ startPort = 5010 }
        $changes = @(Sync-PortReservation $file -ErrorAction SilentlyContinue -ErrorVariable failures)
        Get-Text $changes | Should -BeExactly 'Conflict Tcp 5000-5004 (Persistent)', 'Create! Tcp 5010 (Persistent)'
        $changes[0].Reason | Should -Match '^Port 5003 is in the system block tcp 5003'
        $failures[0] | Should -BeCmdletError -ErrorId 'PortInUse,Sync-PortReservation' -Category ResourceBusy
        $failures[0].TargetObject | Should -Be $changes[0]
        Set-Knob set_elevated 0
        $failures = $null
        Get-Text (Sync-PortReservation -InputObject @{ StartPort = 5020 } -ErrorAction SilentlyContinue -ErrorVariable failures) | Should -BeExactly 'Create Tcp 5020 (Persistent)'
        $failures[0] | Should -BeCmdletError -ErrorId 'AccessDenied,Sync-PortReservation' -Category PermissionDenied -NativeErrorCode 5 -NativeErrorName ERROR_ACCESS_DENIED
        Get-BlockText | Should -BeExactly 'Tcp 5010 (Persistent)'
    }

    It 'reads a table and a data file, and purges what the file before named' {
        $table = Join-Path $folder 'ports.csv'
        [System.IO.File]::WriteAllText($table, "StartPort;Count;Kind`r`n5000;2;Persistent`r`n5010;1;Exclusion`r`n")
        Get-Text (Sync-PortReservation $table) | Should -BeExactly 'Create! Tcp 5000-5001 (Persistent)', 'Create! Tcp 5010 (Exclusion)'
        $data = Join-Path $folder 'ports.psd1'
        # Names of any case, as in PowerShell.
        [System.IO.File]::WriteAllText($data, "@{ blocks = @( @{ STARTPORT = 5000; numberofports = 2 } ) }")
        Get-Text (Sync-PortReservation -Path $data -Purge -PreviousPath $table) | Should -BeExactly 'None Tcp 5000-5001 (Persistent)', 'Remove! Tcp 5010 (Exclusion)'
    }

    It 'a bad list changes nothing and ends with one error: <Name>' -ForEach @(
        @{ Name = 'bad.json'; Text = "[ { `"startPort`": 5000 },`n { `"startPort`": 5001, `"stor`": 1 } ]"; Mention = '-Path, line 2, Stor' }
        @{ Name = 'cut.json'; Text = '[ { "startPort": 50'; Mention = 'line 1' }
        @{ Name = 'overlap.psd1'; Text = '@{ Blocks = @{ StartPort = 5000; EndPort = 5004 }, @{ StartPort = 5004 } }'; Mention = 'overlaps' }
        @{ Name = 'member.psd1'; Text = '@{ Blocks = @( @{ StartPort = 5000; Store = ''Mine'' } ) }'; Mention = 'store' }
        @{ Name = 'half.psd1'; Text = '@{ Blocks = @( @{ StartPort = 8080.5 } ) }'; Mention = '8080\.5' }
        @{ Name = 'code.psd1'; Text = '@{ Blocks = Get-Date }'; Mention = 'code\.psd1.*no command' }
        @{ Name = 'variable.psd1'; Text = '@{ Blocks = @( @{ StartPort = $PID } ) }'; Mention = 'variable\.psd1.*no variable' }
        @{ Name = 'more.psd1'; Text = '@{ Blocks = @( ) }; Get-Date'; Mention = 'more\.psd1.*no command' }
        @{ Name = 'two.psd1'; Text = '@{ Blocks = @( ) }; @{ Blocks = @( ) }'; Mention = 'two\.psd1, line 1' }
        @{ Name = 'either.psd1'; Text = 'if ($false) { @{ Blocks = @( @{ StartPort = 5000 } ) } } else { @{ Blocks = @( ) } }'; Mention = 'either\.psd1, line 1' }
        @{ Name = 'assigned.psd1'; Text = '$list = @{ Blocks = @( @{ StartPort = 5000 } ) }'; Mention = 'assigned\.psd1.*no variable' }
        @{ Name = 'twice.psd1'; Text = '@{ Blocks = @( @{ StartPort = 5000; startPort = 5001 } ) }'; Mention = 'twice\.psd1, line 1' }
        @{ Name = 'keys.psd1'; Text = '@{ Blocks = @( @{ StartPort = 5000; Keys = ''StartPort''; NumberOfPorts = 20 } ) }'; Mention = '\.Keys "StartPort"' }
        @{ Name = 'infinite.psd1'; Text = '@{ Blocks = @( @{ StartPort = 1e999 } ) }'; Mention = '1e999|Infinity|\u221e' }
        @{ Name = 'large.psd1'; Text = '@{ Blocks = @( @{ StartPort = 100000000000000000000 } ) }'; Mention = '100000000000000000000' }
        @{ Name = 'script.psd1'; Text = '@{ Blocks = @( @{ StartPort = { 5000 } } ) }'; Mention = 'script\.psd1.*only values' }
        @{ Name = 'deep.psd1'; Text = "@{ Blocks = $('@(' * 20000)$(')' * 20000) }"; Mention = 'deep\.psd1' }
        @{ Name = 'none.json'; Text = ''; Mention = 'must not be empty' }
        @{ Name = 'long.psd1'; Text = "# $("$([char]0xe9)" * 9000000)`n@{ Blocks = @( @{ StartPort = 5000 } ) }"; Mention = 'long\.psd1' }
    ) {
        $bad = Join-Path $folder $Name
        [System.IO.File]::WriteAllText($bad, $Text)
        $socket = New-PortReservation -Kind Runtime | Invoke-AssociatedBind
        $failures = $null
        try { $null = Sync-PortReservation $bad -ErrorAction SilentlyContinue -ErrorVariable failures } catch { $failures = @($_) }
        $failures[0].FullyQualifiedErrorId | Should -BeExactly 'InvalidParameter,Sync-PortReservation'
        "$($failures[0])" | Should -Match $Mention
        Get-BlockText | Should -BeNullOrEmpty
        $socket.State | Should -Be Bound -Because 'the host goes on'
    }

    # PowerShell's parser loads modules at the keyword, by their names; here it fails in that.
    It 'what PowerShell would not only read is not given to its parser: <_>' -ForEach @(
        'configuration X { Import-DscResource -ModuleName Planted }; @{ Blocks = @( @{ StartPort = 5000 } ) }'
        '@{ Blocks = @( configuration X { } ) }'
        '@{ Blocks = CONFIGURATION X { } }'
        '@{ Blocks = @( foo ''x''#''; configuration X { } #'' ) }'
        '@{ Blocks = @( foo a=#; configuration X { } ) }'
        "@{ Blocks = @( foo x`#; configuration X { } ) }"
        '@{ Blocks = "$(configuration X { })" }'
        "@{ Blocks = 'a$([char]0x2019); configuration X { } #' }"
        "@{ Blocks = `"a$([char]0x201d); configuration X { } #`" }"
        "@{ Blocks = @'`n'@; configuration X { } #'@`n }"
        "@{ Blocks = 'a`n# '; configuration X { } }"
        'using module Planted; @{ Blocks = @( @{ StartPort = 5000 } ) }'
        '@{ Blocks = [Planted]@{ StartPort = 5000 } }'
    ) {
        $bad = Join-Path $folder 'bad.psd1'
        [System.IO.File]::WriteAllText($bad, $_)
        $said = [cultureinfo]::CurrentCulture
        # Where the small letter of I has no dot.
        foreach ($culture in 'en-US', 'tr-TR') {
            [cultureinfo]::CurrentCulture = $culture
            try { $failure = { Sync-PortReservation $bad } | Should -Throw -ErrorId 'InvalidParameter,Sync-PortReservation' -PassThru } finally { [cultureinfo]::CurrentCulture = $said }
            "$failure" | Should -Match 'bad\.psd1: a list of blocks has only values'
        }
    }

    It 'a data file may have comments, and quotation marks of both kinds' {
        $data = Join-Path $folder 'remarks.psd1'
        [System.IO.File]::WriteAllText($data, @'
# The configuration of "web01"; it's read with: using Sync-PortReservation $list
@{
    <# several
       lines #>
    Blocks = @( # first
        @{ StartPort = 5000; 'NumberOfPorts' = 5; "Kind" = 'Exclusion' }, # 'second'
        @{
            StartPort     = 0x1770
            Protocol      = "Udp"; Store = $null
        }
    )#end
}
'@)
        Sync-PortReservation $data | ForEach-Object { "$_" } | Should -BeExactly 'Tcp 5000-5004 (Exclusion)', 'Udp 6000 (Persistent)'
    }

    It 'a data file may be as long as another one, and nest its lists' {
        $data = Join-Path $folder 'long.psd1'
        $blocks = foreach ($port in 5000..5999) { "@{ StartPort = $port; NumberOfPorts = 1; Protocol = 'Udp' }" }
        [System.IO.File]::WriteAllText($data, "@{ Blocks = @( @{ StartPort = 4000 }`n(@{ StartPort = 4001 }, @{ StartPort = 4002 })`n$($blocks -join ",`n") ) }")
        Set-List @{ startPort = 7000 }
        $null = 4000..4002 | New-PortReservation
        Sync-PortReservation $file -PreviousPath $data -Purge | ForEach-Object { "$($_.Change) $($_.StartPort)" } | Sort-Object |
            Should -BeExactly 'Create 7000', 'Remove 4000', 'Remove 4001', 'Remove 4002'
    }

    It 'a path that is none is an error that says so, and the host goes on: <Name>' -ForEach @(
        @{ Name = 'no drive'; Path = 'nodrive:x.json'; Mention = "'nodrive:x.json' is not a file path" }
        # In Windows PowerShell, as every path of more than 260 characters.
        @{ Name = 'no drive, and long'; Path = "nodrive:$('x' * 1000)"; Mention = "'nodrive:x{192}\.\.\.' is not a file path" }
        @{ Name = 'a null character'; Path = "/x`0.json"; Mention = 'must be (a file that can be read|an absolute path)|is not a file path' }
        @{ Name = 'a pipe'; Path = ''; Mention = 'a file, not a device or a pipe' }
    ) {
        if (-not $Path) {
            if ($IsOnWindows) { Set-ItResult -Skipped -Because 'pipes are no files there' }
            $Path = Join-Path $folder 'pipe.json'
            mkfifo $Path
        }
        $socket = New-PortReservation -Kind Runtime | Invoke-AssociatedBind
        Set-List @{ startPort = 5000 }
        foreach ($parameters in @{ Path = $Path }, @{ Path = $file; PreviousPath = $Path; Purge = $true }) {
            $failure = $null
            try { $null = Sync-PortReservation @parameters -ErrorAction Stop } catch { $failure = $_ }
            $failure.FullyQualifiedErrorId | Should -BeExactly 'InvalidParameter,Sync-PortReservation'
            "$failure" | Should -Match $Mention
        }
        $socket.State | Should -Be Bound
    }

    It 'a value longer than a line of the host is an error, and the host goes on: <Name>' -ForEach @(
        @{ Name = 'a list'; Cmdlet = 'Sync-PortReservation'; Action = { Sync-PortReservation $long } }
        @{ Name = 'a path'; Cmdlet = 'Sync-PortReservation'; Action = { Sync-PortReservation "/$('x' * 1100000)" } }
        @{ Name = 'an address'; Cmdlet = 'Test-PortReservation'; Action = { Test-PortReservation 5000 -LocalAddress ('1' * 1100000) } }
    ) {
        if ($Name -eq 'a path' -and $PSVersionTable.PSEdition -eq 'Desktop') { Set-ItResult -Skipped -Because 'Windows PowerShell takes no path of this length for one' }
        $socket = New-PortReservation -Kind Runtime | Invoke-AssociatedBind
        $long = Join-Path $folder 'long.psd1'
        [System.IO.File]::WriteAllText($long, "@{ Blocks = @( @{ StartPort = 5000; Kind = '$('x' * 1100000)' } ) }")
        $Action | Should -WriteError -ErrorId "InvalidParameter,$Cmdlet"
        $socket.State | Should -Be Bound
    }

    It 'an object is read by its own names, also where they look like those of the one before' {
        foreach ($row in @{ 'StartPort NumberOfPorts' = 7000 }, [pscustomobject]@{ 'StartPort NumberOfPorts' = 7000 }) {
            { [ordered]@{ StartPort = 5000; NumberOfPorts = 2 }, $row | Sync-PortReservation } | Should -Throw -ErrorId 'InvalidParameter,Sync-PortReservation' -ExpectedMessage '*StartPort NumberOfPorts*'
        }
        Get-BlockText | Should -BeNullOrEmpty
        [ordered]@{ StartPort = 5000; NumberOfPorts = 2 }, [ordered]@{ StartPort = 5002; NumberOfPorts = 3 }, [ordered]@{ NumberOfPorts = 3; StartPort = 5010 } | Sync-PortReservation |
            ForEach-Object { "$_" } | Should -BeExactly 'Tcp 5000-5001 (Persistent)', 'Tcp 5002-5004 (Persistent)', 'Tcp 5010-5012 (Persistent)'
    }

    It 'an object that is no block ends it before anything is changed' {
        { @{ StartPort = 5000 }, @{ StartPort = 'x' } | Sync-PortReservation } | Should -Throw -ErrorId 'InvalidParameter,Sync-PortReservation'
        { Sync-PortReservation $file -Purge } | Should -WriteError -ErrorId 'InvalidParameter,Sync-PortReservation'
        Get-BlockText | Should -BeNullOrEmpty
    }
}

Describe 'Sync-PortReservation -Purge of a list that is not there' {
    BeforeEach {
        Reset-Simulator -KeepHost
        $null = New-PortReservation 5000
    }

    It 'removes nothing: <Name>' -ForEach @(
        @{ Name = 'nothing is piped in'; List = { @() | Sync-PortReservation -Purge -Within 5000-5009 }; Mention = '^Nothing was piped in' }
        @{ Name = 'a command that failed'; List = { Get-Item (Join-Path $TestDrive 'none') -ErrorAction Ignore | Sync-PortReservation -Purge -Within 5000-5009 }; Mention = '-InputObject @\(\)\.$' }
        @{ Name = 'nothing in place of a block'; List = { @{ StartPort = 5001 }, $null | Sync-PortReservation -Purge -Within 5000-5009 }; Mention = 'no members.*Nothing was changed' }
        @{ Name = 'nothing in place of the list'; List = { Sync-PortReservation -InputObject $null -Purge -Within 5000-5009 }; Mention = 'no members' }
    ) {
        $failure = $List | Should -Throw -ErrorId 'InvalidParameter,Sync-PortReservation' -PassThru
        "$failure" | Should -Match $Mention
        Get-PortReservation -Kind Persistent | ForEach-Object { "$_" } | Should -BeExactly 'Tcp 5000 (Persistent)'
    }

    It 'removes what it reaches where the list is said to have no blocks' {
        (Sync-PortReservation -InputObject @() -Purge -Within 5000-5009).Change | Should -BeExactly Remove
        Get-PortReservation -Kind Persistent | Should -BeNullOrEmpty
        @() | Sync-PortReservation | Should -BeNullOrEmpty
    }
}

Describe 'New-PortReservation -IfNotExists -WhatIf' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'says nothing of what exists' {
        $null = New-PortReservation 5000 5
        $null = New-PortReservation 5100 60 -Kind Exclusion
        $said = @(Invoke-Shell "$(Get-ImportLine) New-PortReservation 5000 5 -IfNotExists -WhatIf; New-PortReservation 5110 2 -Kind Exclusion -IfNotExists -WhatIf; New-PortReservation 5000 5 -Protocol Tcp, Udp -IfNotExists -WhatIf")
        $said | Should -HaveCount 1
        $said[0] | Should -Match 'Tcp Udp 5000-5004'
    }
}
