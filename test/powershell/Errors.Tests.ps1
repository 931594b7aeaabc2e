# The table of errors, row by row.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
}

Describe 'the table of errors' {
    BeforeEach { Reset-Simulator }

    Context 'AccessDenied' {
        It 'creating and deleting without elevation' {
            $null = New-PortReservation -StartPort 5000
            Set-Knob set_elevated 0
            (Get-PortReservationHost).IsElevated | Should -Be $false
            $failure = { New-PortReservation -StartPort 5001 -NumberOfPorts 3 } | Should -WriteError -PassThru
            $failure | Should -BeCmdletError -ErrorId 'AccessDenied,New-PortReservation' -Category PermissionDenied -NativeErrorCode 5 -NativeErrorName ERROR_ACCESS_DENIED
            "$($failure.TargetObject)" | Should -BeExactly 'Tcp 5001-5003 (Persistent)'
            $failure.TargetObject.NumberOfPorts | Should -Be 3
            $failure.Exception.Message | Should -Match 'elevated administrator'
            { Remove-PortReservation -StartPort 5000 } | Should -WriteError -PassThru | Should -BeCmdletError -ErrorId 'AccessDenied,Remove-PortReservation' -Category PermissionDenied -NativeErrorCode 5 -NativeErrorName ERROR_ACCESS_DENIED
            "$(Get-PortReservation -StartPort 5000)" | Should -BeExactly 'Tcp 5000 (Persistent)' -Because 'a look-up needs no elevation'
            "$((New-PortReservation -Kind Runtime).Kind)" | Should -BeExactly 'Runtime' -Because 'a runtime reservation needs no elevation'
        }

        It 'binding from a persistent reservation without elevation' {
            $reservation = New-PortReservation -StartPort 5000
            Set-Knob set_elevated 0
            $failure = { $reservation | Invoke-AssociatedBind } | Should -WriteError -PassThru
            $failure | Should -BeCmdletError -ErrorId 'AccessDenied,Invoke-AssociatedBind' -Category PermissionDenied -NativeErrorCode 10013 -NativeErrorName WSAEACCES
            [object]::ReferenceEquals($failure.TargetObject, $reservation) | Should -BeTrue
        }
    }

    Context 'InvalidParameter' {
        It 'what cannot be a block: <_>' -ForEach @(
            { New-PortReservation -StartPort 65000 -NumberOfPorts 1000 }
            { New-PortReservation -Kind Runtime -StartPort 65535 -NumberOfPorts 2 }
            { New-PortReservation -Kind System -StartPort 5 }
            { New-PortReservation -Kind Exclusion -StartPort 5 -AddressFamily InterNetwork }
            { New-PortReservation -StartPort 5 -AddressFamily InterNetworkV6 }
            { New-PortReservation -StartPort 5 -From 5 }
            { New-PortReservation -Kind Runtime -From 5 }
            { New-PortReservation -IfNotExists }
        ) {
            $failure = $_ | Should -WriteError -PassThru
            $failure | Should -BeCmdletError -ErrorId 'InvalidParameter,New-PortReservation' -Category InvalidArgument
            # In the words of the cmdlet, and with what fits: only a block that runs too far needs another block.
            $failure.Exception.Message | Should -Not -MatchExactly 'from \d+ is|ifNotExists|startPort'
            $failure.Exception.Message -match 'Give a whole block' | Should -Be ($failure.Exception.Message -match 'past the last port')
        }

        It 'a block that ends past the last port, or of which the port is missing' {
            $failure = { New-PortReservation -IfNotExists } | Should -WriteError -PassThru
            "$($failure.TargetObject)" | Should -BeExactly 'Tcp (NumberOfPorts 1) (Persistent)'
            { Get-PortReservation -StartPort 65535 -NumberOfPorts 2 } | Should -WriteError -ErrorId 'InvalidParameter,Get-PortReservation'
            { Remove-PortReservation -StartPort 65535 -NumberOfPorts 2 } | Should -WriteError -ErrorId 'InvalidParameter,Remove-PortReservation'
        }

        It 'what the system refuses as a parameter' {
            Set-Knob fail_next CreatePersistentTcpPortReservation 87
            { New-PortReservation -StartPort 5000 } | Should -WriteError -PassThru |
                Should -BeCmdletError -ErrorId 'InvalidParameter,New-PortReservation' -Category InvalidArgument -NativeErrorCode 87 -NativeErrorName ERROR_INVALID_PARAMETER
        }

        It 'what cannot be bound: <_>' -ForEach @(
            { $reservation | Invoke-AssociatedBind -LocalAddress 'no " address' }
            { $reservation | Invoke-AssociatedBind -LocalAddress 127.0.0.1 -AddressFamily InterNetworkV6 }
            { $reservation | Invoke-AssociatedBind -Port 1 }
            { 'text' | Invoke-AssociatedBind }
        ) {
            $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 2
            $_ | Should -WriteError -PassThru | Should -BeCmdletError -ErrorId 'InvalidParameter,Invoke-AssociatedBind' -Category InvalidArgument
        }

        It 'a bind from a block of another program' {
            Set-Knob add_system_block 6 8000 10 0
            { Get-PortReservation -Kind System | Invoke-AssociatedBind } | Should -WriteError -ErrorId 'InvalidParameter,Invoke-AssociatedBind'
        }
    }

    Context 'PortInUse' {
        It 'overlap, a port in use, other programs' {
            $null = New-PortReservation -StartPort 5000 -NumberOfPorts 20
            $failure = { New-PortReservation -StartPort 5019 } | Should -WriteError -PassThru
            $failure | Should -BeCmdletError -ErrorId 'PortInUse,New-PortReservation' -Category ResourceBusy -NativeErrorCode 32 -NativeErrorName ERROR_SHARING_VIOLATION
            foreach ($word in 'Test-PortReservation -Port', '-RestartWinNat') { $failure.ErrorDetails.RecommendedAction | Should -Match $word }
            { New-PortReservation -StartPort 5019 -Kind Runtime } | Should -WriteError -PassThru | Should -BeCmdletError -ErrorId 'PortInUse,New-PortReservation' -Category ResourceBusy -NativeErrorCode 10048 -NativeErrorName WSAEADDRINUSE
            $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Any, 0)
            $listener.Start()
            try {
                $port = $listener.LocalEndpoint.Port
                { New-PortReservation -StartPort $port } | Should -WriteError -ErrorId 'PortInUse,New-PortReservation'
            } finally {
                $listener.Stop()
            }
        }
    }

    Context 'ReservationNotFound' {
        It 'binding from a block that is none' {
            $null = New-PortReservation -StartPort 5000 -NumberOfPorts 20
            { Invoke-AssociatedBind -StartPort 5000 -NumberOfPorts 10 } | Should -WriteError -PassThru | Should -BeCmdletError -ErrorId 'ReservationNotFound,Invoke-AssociatedBind' -Category ObjectNotFound -NativeErrorCode 1168 -NativeErrorName ERROR_NOT_FOUND
        }
    }

    Context 'ReservationExhausted' {
        It 'no free port left' {
            $reservation = New-PortReservation -Kind Runtime
            $bind = $reservation | Invoke-AssociatedBind
            { $reservation | Invoke-AssociatedBind } | Should -WriteError -PassThru | Should -BeCmdletError -ErrorId 'ReservationExhausted,Invoke-AssociatedBind' -Category LimitsExceeded -NativeErrorCode 10048 -NativeErrorName WSAEADDRINUSE
            $bind.Dispose()
            ($reservation | Invoke-AssociatedBind).LocalPort | Should -Be $reservation.StartPort
        }
    }

    Context 'TokenNotValid' {
        It 'unknown, released, of another protocol, of another session' {
            { Invoke-AssociatedBind -Token 12345 } | Should -WriteError -PassThru | Should -BeCmdletError -ErrorId 'TokenNotValid,Invoke-AssociatedBind' -Category InvalidArgument -NativeErrorCode 10022 -NativeErrorName WSAEINVAL
            $failure = { Invoke-AssociatedBind -Token 18446744073709551615 } | Should -WriteError -ErrorId 'TokenNotValid,Invoke-AssociatedBind' -PassThru
            "$($failure.TargetObject) $($failure.CategoryInfo.TargetName)" | Should -BeExactly '18446744073709551615 18446744073709551615' -Because 'a token names no block'
            $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 2
            { Invoke-AssociatedBind -Token $reservation.Token -Protocol Udp } | Should -WriteError -ErrorId 'TokenNotValid,Invoke-AssociatedBind'
            $reservation | Remove-PortReservation
            { $reservation | Invoke-AssociatedBind } | Should -WriteError -ErrorId 'TokenNotValid,Invoke-AssociatedBind'
            { $reservation | Remove-PortReservation } | Should -WriteError -ErrorId 'TokenNotValid,Remove-PortReservation'
            { Remove-PortReservation -StartPort 5000 -Kind Runtime } | Should -WriteError -ErrorId 'TokenNotValid,Remove-PortReservation'
        }

        It 'a runtime reservation that another session still has has not ended' {
            $reservation = New-PortReservation -Kind Runtime
            $other = [powershell]::Create()
            try {
                $null = $other.AddScript((Get-ImportLine) + '$args[0] | Remove-PortReservation').AddArgument($reservation).Invoke()
                $other.Streams.Error | Should -HaveCount 1
                $other.Streams.Error[0].FullyQualifiedErrorId | Should -BeExactly 'TokenNotValid,Remove-PortReservation'
                "$($other.Streams.Error[0])" | Should -BeLike "*$reservation is of process $($reservation.OwningProcess), which is not the host of this session*"
            } finally {
                Remove-PowerShell $other
            }
            $reservation | Remove-PortReservation -PassThru | Should -HaveCount 1
        }
    }

    Context 'NotSupported' {
        It 'too old a Windows' {
            Set-Knob set_unsupported 1
            { New-PortReservation -Kind Runtime } | Should -WriteError -PassThru | Should -BeCmdletError -ErrorId 'NotSupported,New-PortReservation' -Category NotImplemented -NativeErrorCode 10045 -NativeErrorName WSAEOPNOTSUPP
        }
    }

    Context 'NativeError' {
        It 'a code of all 32 bits' {
            # STATUS_ACCESS_DENIED, as .NET has it.
            Set-Knob fail_next CreatePersistentTcpPortReservation 3221225506
            { New-PortReservation 5000 } | Should -WriteError -PassThru | Should -BeCmdletError -ErrorId 'NativeError,New-PortReservation' -Category NotSpecified -NativeErrorCode -1073741790
            # In a change of a list, too.
            Set-Knob fail_next CreatePersistentTcpPortReservation 3221225506
            $failures = $null
            $null = @{ StartPort = 5000 } | Sync-PortReservation -ErrorAction SilentlyContinue -ErrorVariable failures
            $failures[0] | Should -BeCmdletError -ErrorId 'NativeError,Sync-PortReservation' -Category NotSpecified -NativeErrorCode -1073741790
        }

        It 'any other code, with its number' {
            Set-Knob fail_next CreatePersistentTcpPortReservation 1450
            $failure = { New-PortReservation -StartPort 5000 } | Should -WriteError -ErrorId 'NativeError,New-PortReservation' -PassThru
            "$($failure.CategoryInfo.Category)" | Should -BeExactly 'NotSpecified'
            $failure.Exception.NativeErrorCode | Should -Be 1450
        }
    }

    It 'the native code is there in every catch block and in $Error' {
        $null = New-PortReservation -StartPort 5000
        try {
            New-PortReservation -StartPort 5000 -ErrorAction Stop
            throw 'no error'
        } catch [System.ComponentModel.Win32Exception] {
            "$($_.Exception.NativeErrorCode) $($_.Exception.NativeErrorName) $($_.FullyQualifiedErrorId)" | Should -BeExactly '32 ERROR_SHARING_VIOLATION PortInUse,New-PortReservation'
        }
        "$($Error[0].Exception.NativeErrorCode) $($Error[0].Exception.NativeErrorName)" | Should -BeExactly '32 ERROR_SHARING_VIOLATION'
        New-PortReservation -StartPort 5000 -ErrorAction SilentlyContinue -ErrorVariable kept
        "$($kept[0].Exception.NativeErrorName) $($kept.Count)" | Should -BeExactly 'ERROR_SHARING_VIOLATION 1'
        try { & { New-PortReservation -StartPort 5000 -ErrorAction Stop } } catch { try { throw } catch { $_.Exception.NativeErrorName | Should -BeExactly 'ERROR_SHARING_VIOLATION' } }
        $null = New-PortReservation -StartPort 5000 -ErrorAction Ignore
    }

    It 'in a function that was called with Ignore, errors and warnings are not shown, and it goes on' {
        function Invoke-Silently {
            [CmdletBinding()]
            param()
            5000..5002 | New-PortReservation | ForEach-Object { "$_" }
            "$(New-PortReservation -StartPort 5101 -Kind Exclusion -IfNotExists)"
        }
        $null = New-PortReservation -StartPort 5001
        $null = New-PortReservation -StartPort 5100 -NumberOfPorts 5 -Kind Exclusion
        $said = @(Invoke-Silently -ErrorAction Ignore -WarningAction Ignore *>&1)
        $said | Should -BeExactly 'Tcp 5000 (Persistent)', 'Tcp 5002 (Persistent)', 'Tcp 5100-5104 (Exclusion)'
    }

    It 'an error of one piped item does not stop the others, unless it shall' {
        $null = New-PortReservation -StartPort 5001
        $rows = 5000..5002 | ForEach-Object { [pscustomobject]@{ StartPort = $_ } }
        $rows | New-PortReservation -ErrorAction SilentlyContinue | Should -HaveCount 2
        Get-PortReservation | Remove-PortReservation
        $null = New-PortReservation -StartPort 5000
        $failure = { $rows | New-PortReservation -ErrorAction Stop } | Should -Throw -PassThru
        "$($failure.FullyQualifiedErrorId) $($failure.TargetObject)" | Should -BeExactly 'PortInUse,New-PortReservation Tcp 5000 (Persistent)'
        Get-PortReservation | Should -HaveCount 1
    }

    It 'an item that cannot be bound is an error of its own too, and only the caller makes it stop a script' {
        $rows = [pscustomobject]@{ StartPort = 'abc' }, [pscustomobject]@{ StartPort = 70000 }, [pscustomobject]@{ StartPort = 5000 }
        # In a PowerShell of its own: a try of this one would make every error end the pipeline.
        $said = @(Invoke-Shell ((Get-ImportLine) + @'
        $rows = [pscustomobject]@{ StartPort = 'abc' }, [pscustomobject]@{ StartPort = 70000 }, [pscustomobject]@{ StartPort = 5000 }
        $failures = @(. {
            $rows | New-PortReservation | ForEach-Object { $made = "$_" }
            $tested = @(80, 70000, 443 | Test-PortReservation -Quiet).Count
            $null, 5 | Remove-PortReservation
            $null, 'text' | Invoke-AssociatedBind
            $null, 'text' | Close-AssociatedBind
            $rows | Get-PortReservation | ForEach-Object { $found = "$_" }
            $after = 'after'
        } 2>&1)
        "$made / $tested / $found / $after / $($failures.Count)"
'@))
        $said[-1] | Should -BeExactly 'Tcp 5000 (Persistent) / 2 / Tcp 5000 (Persistent) / after / 11'
        & {
            $ErrorActionPreference = 'Stop'
            foreach ($body in { $rows | New-PortReservation }, { 80, 70000 | Test-PortReservation }, { $null, 5 | Remove-PortReservation }, { $rows | Get-PortReservation }) {
                ($body | Should -Throw -PassThru).FullyQualifiedErrorId | Should -Match '^(ParameterArgumentValidationError|InvalidParameter),' -Because "$body"
            }
        }
    }

    It 'a failure that ends a cmdlet ends no more than that, with the preference <Preference>' -ForEach @(
        @{ Preference = 'Continue'; Count = 2 }
        @{ Preference = 'SilentlyContinue'; Count = 1 }
    ) {
        $said = @(Invoke-Shell "$(Get-ImportLine) & (Get-Module PortReservation) { `$script:Session.NodePath = 'none' }; `$ErrorActionPreference = '$Preference'; `$said = @(& { New-PortReservation -StartPort 5000; 'after' } 2>&1); `$said[-1], `$said.Count, `$Error[0].FullyQualifiedErrorId")
        $said | Should -BeExactly 'after', $Count, 'HostUnavailable,New-PortReservation'
    }
}

Describe 'what a command behind a cmdlet throws' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'is caught as it was thrown' {
        $Error.Clear()
        $caught = try { New-PortReservation 5000 | ForEach-Object { throw [System.IO.IOException]::new('the disk is full') } } catch [System.IO.IOException] { $_ }
        $caught.Exception.Message | Should -BeExactly 'the disk is full'
        $Error | Should -HaveCount 1
        { Get-PortReservation 5000 | Test-PortReservation | ForEach-Object { throw 'enough' } } | Should -Throw -ErrorId enough -ExpectedMessage enough
        { Get-PortReservation 5000 | Invoke-AssociatedBind -ScriptBlock { throw 'enough' } } | Should -Throw -ErrorId enough
        # One that PowerShell has wrapped itself, as it wraps what the method that gives an object throws.
        $caught = try { Get-PortReservation 5000 | ForEach-Object { try { [int]::Parse('x') } catch { throw } } } catch { $_ }
        "$($caught.FullyQualifiedErrorId) $caught" | Should -BeLike 'FormatException Exception calling "Parse" with "1" argument(s): *'
        { Get-PortReservation 5000 | ForEach-Object { throw [System.Management.Automation.MethodInvocationException]::new('mine') } } | Should -Throw -ExpectedMessage mine
        # What was given is the caller's.
        Get-PortReservation | ForEach-Object { "$_" } | Should -BeExactly 'Tcp 5000 (Persistent)'
    }

    It 'ends the script of the caller: behind <Name>' -ForEach @(
        @{ Name = 'an object'; Script = '5000, 5001 | New-PortReservation' }
        @{ Name = 'an error'; Script = '5000, 5000, 5001 | New-PortReservation 2>&1 | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] }' }
        @{ Name = 'a warning'; Script = '5000, 5101, 5001 | New-PortReservation -Kind Exclusion -IfNotExists 3>&1 | Where-Object { $_ -is [System.Management.Automation.WarningRecord] }' }
    ) {
        $null = New-PortReservation 5100 5 -Kind Exclusion
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("$(Get-ImportLine) $Script | ForEach-Object { throw 'enough' }; 'after'")
            $failure = { $shell.Invoke() } | Should -Throw -PassThru
            $failure.Exception.InnerException.Message | Should -BeExactly 'enough'
        } finally { Remove-PowerShell $shell }
        @(Get-PortReservation).StartPort | Should -BeExactly 5000, 5100
    }

    It 'ends nothing where it is an error that a script goes on after: behind <Name>' -ForEach @(
        @{ Name = 'an object'; Script = '5000, 5001 | New-PortReservation | ForEach-Object {0}' }
        @{ Name = 'an object that was only read'; Script = 'Get-PortReservation 5100, 5100 -NumberOfPorts 5 | ForEach-Object {0}' }
        @{ Name = 'an error'; Script = '5100, 5100 | New-PortReservation 2>&1 | ForEach-Object {0}' }
        @{ Name = 'a warning'; Script = '5101, 5102 | New-PortReservation -Kind Exclusion -IfNotExists 3>&1 | Where-Object {{ $_ -is [System.Management.Automation.WarningRecord] }} | ForEach-Object {0}' }
        @{ Name = 'a bind, in a script block'; Script = 'New-PortReservation -Kind Runtime -NumberOfPorts 2 | Invoke-AssociatedBind -Count 2 -ScriptBlock {0}' }
    ) {
        $null = New-PortReservation 5100 5 -Kind Exclusion
        # Another PowerShell, because the tests run inside a try statement of Pester, where every error ends a script.
        $shell = [powershell]::Create()
        try {
            $shell.AddScript((Get-ImportLine) + ($Script -f '{ $null.Nothing(); "went on" }') + "; 'after'").Invoke() | Should -BeExactly 'went on', 'went on', 'after'
            $shell.Streams.Error.FullyQualifiedErrorId | Should -BeExactly 'InvokeMethodOnNull', 'InvokeMethodOnNull'
        } finally { Remove-PowerShell $shell }
    }

    It 'but not a question that nobody answers, as of -WarningAction Inquire in a host without a screen' {
        $null = New-PortReservation 5100 5 -Kind Exclusion
        $shell = [powershell]::Create()
        try {
            $shell.AddScript("$(Get-ImportLine) New-PortReservation 5101 -Kind Exclusion -IfNotExists -WarningAction Inquire; 'after'").Invoke() | Should -BeExactly 'after'
            $shell.Streams.Error | Should -HaveCount 1
            "$($shell.Streams.Error[0])" | Should -Not -Match 'WriteWarning'
        } finally { Remove-PowerShell $shell }
    }
}
