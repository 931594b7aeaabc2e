# The objects of the module as text, and their members, which completion offers: Get-PortReservation | Where-Object <Tab>. With
# Update-TypeData, because loading a types file twice is an error, and a session may load two copies of the module.

# The members of what the cmdlets output. A reservation has those of its template (Objects.ps1). The types whose name ends in
# #Members are in the cmdlets' OutputType only: PowerShell creates no object that sets a member which its type already has.
$script:OutputMembers = @{
    'PortReservation.PortTest'         = 'Protocol', 'Port', 'LocalAddress', 'CanBind', 'Reason', 'Block', 'OwningProcess', 'ProcessName', 'ProcessStartTime',
        'Owners', 'InDynamicRange', 'BindError', 'Disagreement', 'Advice'
    'PortReservation.AssociatedBind'   = 'Protocol', 'AddressFamily', 'LocalAddress', 'LocalPort', 'LocalEndPoint', 'Reservation', 'OwningProcess', 'State'
    'PortReservation.DynamicPortRange' = 'Protocol', 'AddressFamily', 'StartPort', 'EndPort', 'NumberOfPorts', 'IsDefault'
    'PortReservation.Health'           = 'IsHealthy', 'DynamicRanges', 'HeldPorts', 'WinNat', 'GuestPorts', 'Findings'
    'PortReservation.Host'             = 'ProcessId', 'NodeVersion', 'Backend', 'IsElevated', 'UptimeSeconds'
}

function Import-PowerShellModule {
    # Loads one of PowerShell's own modules by its path: an elevated session must not load a module of this name from a folder
    # of the user, and a session may have turned automatic loading off.
    param([string]$Name)

    Import-Module -Name ([System.IO.Path]::Combine($PSHOME, 'Modules', $Name, "$Name.psd1")) -Verbose:$false
}

function Register-Type {
    # Before anything in it is used.
    Import-PowerShellModule 'Microsoft.PowerShell.Utility'
    # The -Verbose of Import-Module does not apply here, nor does the session's $WhatIfPreference.
    $own = @{ Force = $true; WhatIf = $false; Confirm = $false; Verbose = $false }

    $members = $script:OutputMembers + @{ 'PortReservation.Reservation' = @($script:ReservationTemplates.persistent.PSObject.Properties.Name) }
    foreach ($type in $members.Keys) {
        foreach ($name in $members[$type]) { Update-TypeData @own -TypeName "$type#Members" -MemberType NoteProperty -MemberName $name -Value $null }
    }

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

    Update-TypeData @own -TypeName PortReservation.DynamicPortRange -MemberType ScriptMethod -MemberName ToString -Value {
        "$($this.Protocol) $($this.StartPort)-$($this.EndPort) ($($this.AddressFamily))"
    }

    Update-TypeData @own -TypeName PortReservation.DynamicRangeUse -MemberType ScriptMethod -MemberName ToString -Value {
        "$($this.Protocol) $($this.StartPort)-$($this.EndPort): $($this.PortsInUse) in use, $($this.PortsHeld) held, $($this.PortsFree) free ($($this.PercentUsed) % used), $($this.Connections) connections"
    }

    Update-TypeData @own -TypeName PortReservation.DynamicRangeUser -MemberType ScriptMethod -MemberName ToString -Value {
        $who = if ($null -eq $this.ProcessId) { 'closed connections and unknown processes' } else { "$($this.ProcessName) ($(@($this.ProcessId) + $this.Service -join ', '))" }
        "${who}: $($this.Ports) ports, $($this.Connections) connections"
    }

    Update-TypeData @own -TypeName PortReservation.HeldPorts -MemberType ScriptMethod -MemberName ToString -Value {
        "$($this.Protocol) $($this.Kind): $($this.Ports) ports in $($this.Blocks) blocks"
    }

    Update-TypeData @own -TypeName PortReservation.HealthFinding -MemberType ScriptMethod -MemberName ToString -Value {
        "$($this.Severity) $($this.Name): $($this.Text) $($this.Advice)"
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
}
