# What the objects of the module say as text. By cmdlet, because a file of types that is loaded twice is an error, and two
# copies of the module may be loaded in one session; and before the first object, because the cmdlet brings a module of
# PowerShell with it, which would double the time of the import.

function Register-Type {
    if ($script:Session.TypesKnown) { return }
    # The -WhatIf, -Confirm and -Verbose of the cmdlet that comes first are not about this, nor is the session's $WhatIfPreference.
    $own = @{ Force = $true; WhatIf = $false; Confirm = $false; Verbose = $false }

    Update-TypeData @own -TypeName PortReservation.Reservation -MemberType ScriptMethod -MemberName ToString -Value {
        $end = if ($this.NumberOfPorts -ne 1) { "-$($this.EndPort)" }
        $passing = if ($this.Kind -eq 'Exclusion' -and $this.Store -eq 'Active') { ', Active' }
        "$($this.Protocol) $($this.StartPort)$end ($($this.Kind)$passing)"
    }

    Update-TypeData @own -TypeName PortReservation.Block -MemberType ScriptMethod -MemberName ToString -Value {
        $ports = if ($null -eq $this.StartPort) { "($($this.NumberOfPorts) ports)" } elseif ($this.NumberOfPorts -eq 1) { "$($this.StartPort)" } else { "$($this.StartPort)-$($this.EndPort)" }
        $kind = if ($this.Kind) { " ($($this.Kind))" }
        "$($this.Protocol) $ports$kind"
    }

    Update-TypeData @own -TypeName PortReservation.PortTest -MemberType ScriptMethod -MemberName ToString -Value {
        "$($this.Protocol) $($this.Port): $($this.Reason)"
    }

    Update-TypeData @own -TypeName PortReservation.AssociatedBind -MemberType ScriptMethod -MemberName ToString -Value {
        "$($this.Protocol) $($this.LocalEndPoint) ($($this.State))"
    } -DefaultDisplayPropertySet Protocol, LocalEndPoint, State, Reservation, OwningProcess
    # Last, so that what was interrupted is done again.
    $script:Session.TypesKnown = $true
}
