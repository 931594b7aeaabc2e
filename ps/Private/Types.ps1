# The objects of the module as text. With Update-TypeData, because loading a types file twice is an error, and a session may
# load two copies of the module. Before the first object and not at import, because the cmdlet loads a PowerShell module,
# which would double the import time.

function Import-PowerShellModule {
    # Loads one of PowerShell's own modules by its path: an elevated session must not load a module of this name from a folder
    # of the user, and a session may have turned automatic loading off.
    param([string]$Name)

    Import-Module -Name ([System.IO.Path]::Combine($PSHOME, 'Modules', $Name, "$Name.psd1")) -Verbose:$false
}

function Register-Type {
    if ($script:Session.TypesKnown) { return }
    # Before anything in it is used.
    Import-PowerShellModule 'Microsoft.PowerShell.Utility'
    # The -WhatIf, -Confirm and -Verbose of the first cmdlet do not apply here, nor does the session's $WhatIfPreference.
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

    Update-TypeData @own -TypeName PortReservation.PortOwner -MemberType ScriptMethod -MemberName ToString -Value {
        $process = if ($null -ne $this.ProcessId) { "$($this.ProcessName) ($($this.ProcessId)" + $(if ($this.Service) { ": $($this.Service -join ', ')" }) + ') ' }
        $state = if ($this.State) { " $($this.State)" }
        "$process$($this.LocalAddress)$state"
    }

    Update-TypeData @own -TypeName PortReservation.AssociatedBind -MemberType ScriptMethod -MemberName ToString -Value {
        "$($this.Protocol) $($this.LocalEndPoint) ($($this.State))"
    } -DefaultDisplayPropertySet Protocol, LocalEndPoint, State, Reservation, OwningProcess
    # Last, so that an interrupted registration is repeated.
    $script:Session.TypesKnown = $true
}
