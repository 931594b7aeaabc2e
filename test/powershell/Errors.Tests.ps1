# The table of errors, row by row.

Test 'AccessDenied: creating and deleting without elevation' {
    $null = New-PortReservation -StartPort 5000
    Set-Knob set_elevated 0
    Assert-Equal (Get-PortReservationHost).IsElevated $false
    $failure = Get-Failure { New-PortReservation -StartPort 5001 -NumberOfPorts 3 }
    Assert-Failure $failure AccessDenied PermissionDenied New-PortReservation 5 ERROR_ACCESS_DENIED
    Assert-Equal "$($failure.TargetObject)" 'Tcp 5001-5003 (Persistent)'
    Assert-Equal $failure.TargetObject.NumberOfPorts 3
    Assert-Match $failure.Exception.Message 'elevated administrator'
    Assert-Failure (Get-Failure { Remove-PortReservation -StartPort 5000 }) AccessDenied PermissionDenied Remove-PortReservation 5 ERROR_ACCESS_DENIED
    Assert-Equal "$(Get-PortReservation -StartPort 5000)" 'Tcp 5000 (Persistent)' 'a look-up without elevation'
    Assert-Equal "$((New-PortReservation -Kind Runtime).Kind)" 'Runtime' 'a runtime reservation without elevation'
}

Test 'AccessDenied: binding from a persistent reservation without elevation' {
    $reservation = New-PortReservation -StartPort 5000
    Set-Knob set_elevated 0
    $failure = Get-Failure { $reservation | Invoke-AssociatedBind }
    Assert-Failure $failure AccessDenied PermissionDenied Invoke-AssociatedBind 10013 WSAEACCES
    Assert-True ([object]::ReferenceEquals($failure.TargetObject, $reservation)) 'the reservation as TargetObject'
}

Test 'InvalidParameter: what cannot be a block' {
    $cases = @(
        { New-PortReservation -StartPort 65000 -NumberOfPorts 1000 }, { New-PortReservation -Kind System -StartPort 5 },
        { New-PortReservation -Kind Exclusion -StartPort 5 -AddressFamily InterNetwork }, { New-PortReservation -StartPort 5 -From 5 },
        { New-PortReservation -Kind Runtime -From 5 }, { New-PortReservation -IfNotExists }, { New-PortReservation -StartPort 5 -AddressFamily InterNetworkV6 },
        { New-PortReservation -Kind Runtime -StartPort 65535 -NumberOfPorts 2 }
    )
    foreach ($case in $cases) {
        $failure = Get-Failure $case
        Assert-Failure $failure InvalidParameter InvalidArgument New-PortReservation $null $null
        # In the words of the cmdlet, and with what fits: only a block that runs too far needs another block.
        Assert-True ($failure.Exception.Message -cnotmatch 'from \d+ is|ifNotExists|startPort') "$case in words of the cmdlet: $failure"
        Assert-Equal ($failure.Exception.Message -match 'Give a whole block') ($failure.Exception.Message -match 'past the last port') "the advice for $case"
    }
    Assert-Equal "$((Get-Failure { New-PortReservation -IfNotExists }).TargetObject)" 'Tcp (1 ports) (Persistent)'
    Assert-Equal (Get-Failure { Get-PortReservation -StartPort 65535 -NumberOfPorts 2 }).FullyQualifiedErrorId 'InvalidParameter,Get-PortReservation'
    Assert-Equal (Get-Failure { Remove-PortReservation -StartPort 65535 -NumberOfPorts 2 }).FullyQualifiedErrorId 'InvalidParameter,Remove-PortReservation'
    Set-Knob fail_next CreatePersistentTcpPortReservation 87
    Assert-Failure (Get-Failure { New-PortReservation -StartPort 5000 }) InvalidParameter InvalidArgument New-PortReservation 87 ERROR_INVALID_PARAMETER
}

Test 'InvalidParameter: binds' {
    $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 2
    foreach ($case in { $reservation | Invoke-AssociatedBind -LocalAddress 'no " address' }, { $reservation | Invoke-AssociatedBind -LocalAddress 127.0.0.1 -AddressFamily InterNetworkV6 },
        { $reservation | Invoke-AssociatedBind -Port 1 }, { 'text' | Invoke-AssociatedBind }) {
        Assert-Failure (Get-Failure $case) InvalidParameter InvalidArgument Invoke-AssociatedBind $null $null
    }
    Set-Knob add_system_block 6 8000 10 0
    Assert-Equal (Get-Failure { Get-PortReservation -Kind System | Invoke-AssociatedBind }).FullyQualifiedErrorId 'InvalidParameter,Invoke-AssociatedBind'
}

Test 'PortInUse: overlap, a port in use, other programs' {
    $null = New-PortReservation -StartPort 5000 -NumberOfPorts 20
    $failure = Get-Failure { New-PortReservation -StartPort 5019 }
    Assert-Failure $failure PortInUse ResourceBusy New-PortReservation 32 ERROR_SHARING_VIOLATION
    foreach ($word in 'Test-PortReservation -Port', '-RestartWinNat') { Assert-Match $failure.ErrorDetails.RecommendedAction $word }
    Assert-Failure (Get-Failure { New-PortReservation -StartPort 5019 -Kind Runtime }) PortInUse ResourceBusy New-PortReservation 10048 WSAEADDRINUSE
    $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Any, 0)
    $listener.Start()
    try {
        $port = $listener.LocalEndpoint.Port
        Assert-Equal (Get-Failure { New-PortReservation -StartPort $port }).FullyQualifiedErrorId 'PortInUse,New-PortReservation'
    } finally {
        $listener.Stop()
    }
}

Test 'ReservationNotFound: binding from a block that is none' {
    $null = New-PortReservation -StartPort 5000 -NumberOfPorts 20
    Assert-Failure (Get-Failure { Invoke-AssociatedBind -StartPort 5000 -NumberOfPorts 10 }) ReservationNotFound ObjectNotFound Invoke-AssociatedBind 1168 ERROR_NOT_FOUND
}

Test 'ReservationExhausted: no free port left' {
    $reservation = New-PortReservation -Kind Runtime
    $bind = $reservation | Invoke-AssociatedBind
    Assert-Failure (Get-Failure { $reservation | Invoke-AssociatedBind }) ReservationExhausted LimitsExceeded Invoke-AssociatedBind 10048 WSAEADDRINUSE
    $bind.Dispose()
    Assert-Equal ($reservation | Invoke-AssociatedBind).LocalPort $reservation.StartPort
}

Test 'TokenNotValid: unknown, released, of another protocol, of another session' {
    Assert-Failure (Get-Failure { Invoke-AssociatedBind -Token 12345 }) TokenNotValid InvalidArgument Invoke-AssociatedBind 10022 WSAEINVAL
    Assert-Equal (Get-Failure { Invoke-AssociatedBind -Token 18446744073709551615 }).FullyQualifiedErrorId 'TokenNotValid,Invoke-AssociatedBind'
    $reservation = New-PortReservation -Kind Runtime -NumberOfPorts 2
    Assert-Equal (Get-Failure { Invoke-AssociatedBind -Token $reservation.Token -Protocol Udp }).FullyQualifiedErrorId 'TokenNotValid,Invoke-AssociatedBind'
    $reservation | Remove-PortReservation
    Assert-Equal (Get-Failure { $reservation | Invoke-AssociatedBind }).FullyQualifiedErrorId 'TokenNotValid,Invoke-AssociatedBind'
    Assert-Equal (Get-Failure { $reservation | Remove-PortReservation }).FullyQualifiedErrorId 'TokenNotValid,Remove-PortReservation'
    Assert-Equal (Get-Failure { Remove-PortReservation -StartPort 5000 -Kind Runtime }).FullyQualifiedErrorId 'TokenNotValid,Remove-PortReservation'
}

Test 'NotSupported: too old a Windows' {
    Set-Knob set_unsupported 1
    Assert-Failure (Get-Failure { New-PortReservation -Kind Runtime }) NotSupported NotImplemented New-PortReservation 10045 WSAEOPNOTSUPP
}

Test 'NativeError: any other code, with its number' {
    Set-Knob fail_next CreatePersistentTcpPortReservation 1450
    $failure = Get-Failure { New-PortReservation -StartPort 5000 }
    Assert-Equal $failure.FullyQualifiedErrorId 'NativeError,New-PortReservation'
    Assert-Equal "$($failure.CategoryInfo.Category)" 'NotSpecified'
    Assert-Equal $failure.Exception.NativeErrorCode 1450
}

Test 'the native code is there in every catch block and in $Error' {
    $null = New-PortReservation -StartPort 5000
    try {
        New-PortReservation -StartPort 5000 -ErrorAction Stop
        throw 'no error'
    } catch [System.ComponentModel.Win32Exception] {
        Assert-Equal "$($_.Exception.NativeErrorCode) $($_.Exception.NativeErrorName) $($_.FullyQualifiedErrorId)" '32 ERROR_SHARING_VIOLATION PortInUse,New-PortReservation'
    }
    Assert-Equal "$($Error[0].Exception.NativeErrorCode) $($Error[0].Exception.NativeErrorName)" '32 ERROR_SHARING_VIOLATION'
    New-PortReservation -StartPort 5000 -ErrorAction SilentlyContinue -ErrorVariable kept
    Assert-Equal "$($kept[0].Exception.NativeErrorName) $($kept.Count)" 'ERROR_SHARING_VIOLATION 1'
    try { & { New-PortReservation -StartPort 5000 -ErrorAction Stop } } catch { try { throw } catch { Assert-Equal $_.Exception.NativeErrorName 'ERROR_SHARING_VIOLATION' } }
    $null = New-PortReservation -StartPort 5000 -ErrorAction Ignore
}

Test 'an error of one piped item does not stop the others, unless it shall' {
    $null = New-PortReservation -StartPort 5001
    $rows = 5000..5002 | ForEach-Object { [pscustomobject]@{ StartPort = $_ } }
    Assert-Equal @($rows | New-PortReservation -ErrorAction SilentlyContinue).Count 2
    Get-PortReservation | Remove-PortReservation
    $null = New-PortReservation -StartPort 5000
    $failure = Get-TerminatingFailure { $rows | New-PortReservation -ErrorAction Stop }
    Assert-Equal "$($failure.FullyQualifiedErrorId) $($failure.TargetObject)" 'PortInUse,New-PortReservation Tcp 5000 (Persistent)'
    Assert-Equal @(Get-PortReservation).Count 1
}

Test 'an item that cannot be bound is an error of its own too, and only the caller makes it stop a script' {
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
    Assert-Equal $said[-1] 'Tcp 5000 (Persistent) / 2 / Tcp 5000 (Persistent) / after / 11'
    & {
        $ErrorActionPreference = 'Stop'
        foreach ($body in { $rows | New-PortReservation }, { 80, 70000 | Test-PortReservation }, { $null, 5 | Remove-PortReservation }, { $rows | Get-PortReservation }) {
            Assert-Match (Get-TerminatingFailure $body).FullyQualifiedErrorId '^(ParameterArgumentValidationError|InvalidParameter),' "$body"
        }
    }
}

Test 'a failure that ends a cmdlet ends no more than that, whatever the preference' {
    foreach ($preference in 'Continue', 'SilentlyContinue') {
        $said = @(Invoke-Shell "$(Get-ImportLine) & (Get-Module PortReservation) { `$script:Session.NodePath = 'none' }; `$ErrorActionPreference = '$preference'; `$said = @(& { New-PortReservation -StartPort 5000; 'after' } 2>&1); `$said[-1], `$said.Count, `$Error[0].FullyQualifiedErrorId")
        Assert-Equal $said @('after', $(if ($preference -eq 'Continue') { 2 } else { 1 }), 'HostUnavailable,New-PortReservation') $preference
    }
}
