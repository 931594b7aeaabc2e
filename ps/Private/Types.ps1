# What the objects of the module say as text. By cmdlet, because a file of types that is loaded twice is an error, and two
# copies of the module may be loaded in one session; and before the first object, because the cmdlet brings a module of
# PowerShell with it, which would double the time of the import.

function Register-Type {
    if ($script:Session.TypesKnown) { return }
    $script:Session.TypesKnown = $true

    Update-TypeData -Force -TypeName PortReservation.Reservation -MemberType ScriptMethod -MemberName ToString -Value {
        $end = if ($this.NumberOfPorts -ne 1) { "-$($this.EndPort)" }
        "$($this.Protocol) $($this.StartPort)$end ($($this.Kind))"
    }

    Update-TypeData -Force -TypeName PortReservation.Block -MemberType ScriptMethod -MemberName ToString -Value {
        $ports = if ($null -eq $this.StartPort) { "($($this.NumberOfPorts) ports)" } elseif ($this.NumberOfPorts -eq 1) { "$($this.StartPort)" } else { "$($this.StartPort)-$($this.EndPort)" }
        $kind = if ($this.Kind) { " ($($this.Kind))" }
        "$($this.Protocol) $ports$kind"
    }

    Update-TypeData -Force -TypeName PortReservation.PortTest -MemberType ScriptMethod -MemberName ToString -Value {
        "$($this.Protocol) $($this.Port): $($this.Reason)"
    }

    Update-TypeData -Force -TypeName PortReservation.AssociatedBind -MemberType ScriptMethod -MemberName ToString -Value {
        "$($this.Protocol) $($this.LocalEndPoint) ($($this.State))"
    } -DefaultDisplayPropertySet Protocol, LocalEndPoint, State, Reservation, OwningProcess
}
