function Test-PortReservation {
    <#
    .SYNOPSIS
        Tells whether a port can be bound, and why not.

    .DESCRIPTION
        Really tries to bind the port, for IPv4 and for IPv6, and asks every list that Windows keeps: reservations,
        exclusions, the ports in use, and what Hyper-V's networking holds for guests. The answer says who has the port and
        what to do. The socket of the try is closed at once; nothing is changed.

        No administrator is needed, but which process has a port of another user may be told to administrators alone.

    .PARAMETER Port
        The port to test, 1 to 65535. Numbers can be piped in, and objects with a property Port or LocalPort, such as
        those of Get-NetTCPConnection.

    .PARAMETER Protocol
        Tcp (the default) or Udp. Each protocol has ports of its own.

    .PARAMETER Quiet
        Returns only whether the port can be bound: $true or $false.

    .EXAMPLE
        Test-PortReservation -Port 8080

        Shows whether TCP port 8080 can be bound, and else what has it and what to do.

    .EXAMPLE
        if (-not (Test-PortReservation 5000 -Quiet)) { throw 'Port 5000 cannot be bound.' }

        Lets a script stop before it starts a server that could not get its port.

    .EXAMPLE
        8000..8010 | Test-PortReservation | Where-Object CanBind | Select-Object -First 1

        Finds the first of several ports that can be bound.

    .INPUTS
        System.Int32, or objects with the properties Port or LocalPort, and Protocol.

    .OUTPUTS
        PortReservation.PortTest: Protocol, Port, CanBind, Reason (Free, InUse, PersistentReservation, RuntimeReservation,
        Exclusion or HiddenHolder), Block (the PortReservation.Reservation that contains the port), OwningProcess,
        ProcessName and ProcessStartTime (System.DateTime, local) of the process that has the port, InDynamicRange
        (whether Windows may give the port to any program), BindError (name of the Winsock error of the try),
        Disagreement (one sentence where the try and the lists differ) and Advice. What is not known is empty.
        With -Quiet: System.Boolean.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        Get-PortReservation

    .LINK
        Show-PortReservation
    #>
    [CmdletBinding()]
    [OutputType('PortReservation.PortTest', [bool])]
    param(
        [Parameter(Mandatory, Position = 0, ValueFromPipeline, ValueFromPipelineByPropertyName)]
        [Alias('LocalPort')]
        [ValidateRange(1, 65535)]
        [int]$Port,

        [Parameter(ValueFromPipelineByPropertyName)]
        [ValidateSet('Tcp', 'Udp')]
        [string]$Protocol = 'Tcp',

        [switch]$Quiet
    )

    begin {
        if (-not $script:Session.Supported) { Write-PlatformError $PSCmdlet }
        # A module does not see the preferences of the script that calls it, not even for an item that cannot be bound.
        if (-not $PSBoundParameters.ContainsKey('ErrorAction')) { $ErrorActionPreference = $PSCmdlet.SessionState.PSVariable.GetValue('ErrorActionPreference') }
        # What waits to be asked; see Send-PortTest.
        $batch = @{
            Ports = [System.Collections.Generic.List[int]]::new(); Protocol = 'Tcp'; Ranges = @{}; Quiet = [bool]$Quiet
            Limit = 1; Clock = [System.Diagnostics.Stopwatch]::StartNew()
            Activity = 'TestProgress'; Began = [System.Diagnostics.Stopwatch]::StartNew(); Done = 0; Shown = $false
        }
    }

    process {
        if ($Protocol -ne $batch.Protocol) {
            if ($batch.Ports.Count -gt 0) { Send-PortTest $batch $PSCmdlet }
            $batch.Protocol = $Protocol
        }
        $batch.Ports.Add($Port)
        if ($batch.Ports.Count -ge $batch.Limit -or $batch.Clock.ElapsedMilliseconds -gt $script:QueueDelay) { Send-PortTest $batch $PSCmdlet }
    }

    end {
        if ($batch.Ports.Count -gt 0) { Send-PortTest $batch $PSCmdlet }
        if ($batch.Shown) { Show-Progress $batch $PSCmdlet -Completed }
    }
}
