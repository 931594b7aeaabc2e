function Get-PortReservation {
    <#
    .SYNOPSIS
        Lists the blocks of ports that are reserved or excluded.

    .DESCRIPTION
        Without arguments, lists every block in force for both protocols:
        persistent reservations, exclusions made with netsh, the runtime
        reservations of this session, and the system blocks of other programs
        (Kind System), such as WinNAT, Hyper-V, Docker and WSL.

        With -StartPort and -NumberOfPorts, returns exactly this block, with
        its token if it has one. It is an error if there is no such block.
        With -Port, lists the blocks that contain the port.

        A port that is not listed is not necessarily free: netsh does not list
        every holder. The ports that WSL's mirrored networking holds are
        listed only where Hyper-V's networking is installed and reports them.
        Listing needs no administrator.

    .PARAMETER InputObject
        A block to look up: a reservation, a row of a file, a hashtable or
        another object with StartPort, and NumberOfPorts or EndPort, Protocol
        and Kind where the defaults do not fit; or the number of a port.

    .PARAMETER Protocol
        Tcp, Udp, or both. The default is both. For -StartPort the default is
        either: a reservation that is found in one protocol is the answer, and
        netsh is not asked about the other. -Protocol Tcp, Udp asks about
        each.

    .PARAMETER Kind
        Only blocks of these kinds: Persistent, Runtime (of this session),
        Exclusion or System (of other programs).

    .PARAMETER Port
        Only blocks that contain this port, or one of these, 1 to 65535.

    .PARAMETER Store
        Active (the default): the blocks in force now. Persistent: the blocks
        that will be in force after a restart, including exclusions that are
        removed only until then.

    .PARAMETER StartPort
        The first port of the block to look up, 1 to 65535, or those of
        several blocks.

    .PARAMETER NumberOfPorts
        The exact number of ports of the block to look up, 1 to 65535. The
        default is 1.

    .EXAMPLE
        Get-PortReservation -Port 8080

        Shows the blocks that contain port 8080, and their kind.

    .EXAMPLE
        Get-PortReservation -StartPort 5000 -NumberOfPorts 20 -Protocol Tcp

        Looks up the block of TCP ports 5000 to 5019, with its current token.

    .EXAMPLE
        Get-PortReservation -Kind Persistent | Export-Csv reservations.csv -NoTypeInformation

        Saves the persistent reservations. Import-Csv reservations.csv |
        New-PortReservation creates them again.

    .INPUTS
        Objects with the properties StartPort, NumberOfPorts, Protocol and
        Kind, such as a reservation.

    .OUTPUTS
        PortReservation.PersistentReservation, .RuntimeReservation, .Exclusion
        or .SystemReservation (each also PortReservation.Reservation):
        Protocol (Tcp or Udp), StartPort, EndPort, NumberOfPorts, Kind, Token
        (of persistent and runtime reservations), AddressFamily and
        OwningProcess (of runtime reservations), and Store: Persistent if the
        block survives restarts, otherwise Active, and empty if netsh does not
        say.

    .LINK
        https://github.com/port-reservation/port-reservation

    .LINK
        https://learn.microsoft.com/windows/win32/api/iphlpapi/nf-iphlpapi-lookuppersistenttcpportreservation

    .LINK
        New-PortReservation
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    [OutputType('PortReservation.Reservation', 'PortReservation.Reservation#Members')]
    param(
        [Parameter(ParameterSetName = 'InputObject', Mandatory, ValueFromPipeline)] [ValidateNotNull()] [psobject]$InputObject,

        [ValidateSet('Tcp', 'Udp')] [string[]]$Protocol = @('Tcp', 'Udp'),

        [ValidateSet('Persistent', 'Runtime', 'Exclusion', 'System')] [string[]]$Kind,

        [Parameter(ParameterSetName = 'List')] [WholeNumber()] [ValidateRange(1, 65535)] [int[]]$Port,

        [Parameter(ParameterSetName = 'List')] [ValidateSet('Persistent', 'Active')] [string]$Store = 'Active',

        [Parameter(ParameterSetName = 'Block', Mandatory, Position = 0)] [WholeNumber()] [ValidateRange(1, 65535)]
        [ArgumentCompleter({ & (Get-Command $args[0]).Module { Get-KnownStartPort @args } @args })]
        [int[]]$StartPort,

        [Parameter(ParameterSetName = 'Block', Position = 1)] [Alias('Count')] [WholeNumber()] [ValidateRange(1, 65535)] [int]$NumberOfPorts = 1
    )

    begin {
        $ErrorActionPreference = Get-CallerPreference $PSCmdlet -ErrorOnly $true
        $call = New-Call $PSCmdlet 'reservation.list' $PSBoundParameters 'Protocol', 'Kind', 'Port', 'Store', 'NumberOfPorts'
    }

    process {
        # Not in begin: the parameter set is not decided before the first object.
        if ($PSCmdlet.ParameterSetName -ne 'List') { $call['Method'] = 'reservation.find' }
        Add-Request $call $(if ($null -ne $InputObject) { Read-Row $InputObject }) $InputObject $StartPort
    }

    end { Complete-Call $call }
}
