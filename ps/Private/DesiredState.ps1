# A list of blocks that the machine shall have: what Sync-PortReservation gives the host, and what becomes of its answer.

function Resolve-BlockFile {
    # The parameters of a request for a file of blocks: the path of one that the host reads, or the content of a .psd1. Path and
    # Blocks: the names of the parameters. Throws a message.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$File, [string]$Path, [string]$Blocks)

    $ErrorActionPreference = 'Stop'
    $provider = $null
    $drive = $null
    $full = $Cmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($File, [ref]$provider, [ref]$drive)
    if ($provider.Name -ne 'FileSystem') { throw (Get-Message PathNotFile @($File)) }
    if ([System.IO.Path]::GetExtension($full) -ne '.psd1') { return @{ $Path = $full } }
    # As Import-PowerShellDataFile, which is of a module that would have to be found by its name.
    $tokens = $faults = $null
    $text = [System.Management.Automation.Language.Parser]::ParseFile($full, [ref]$tokens, [ref]$faults)
    $data = $text.Find({ param($Node) $Node -is [System.Management.Automation.Language.HashtableAst] }, $false)
    if ($faults.Count -gt 0) { throw (Get-Message DataFileFault @($full, $faults[0].Extent.StartLineNumber, $faults[0].Message)) }
    if ($null -eq $data -or $text.EndBlock.Statements.Count -ne 1) { throw (Get-Message DataFileFault @($full, 1, '@{ Blocks = @( ... ) }')) }
    try { @{ $Blocks = $data.SafeGetValue() } } catch { Hide-Failure $_; throw (Get-Message DataFileCode @($full)) }
}

function Add-DesiredBlock {
    # Adds the blocks that an object of a pipeline describes, one for each protocol. Throws a message.
    param([System.Collections.Generic.List[object]]$Blocks, [object]$InputObject)

    $block = Resolve-Reservation $InputObject
    foreach ($protocol in $block.Protocol) {
        $item = @{ protocol = $protocol; startPort = $block.StartPort; numberOfPorts = $block.NumberOfPorts; kind = $block.Kind }
        if ($block.Store) { $item.store = $block.Store }
        $Blocks.Add($item)
    }
}

function Get-DesiredState {
    # One value of the host: the answer to a single request. Nothing after an error, which is written.
    param($Call, [string]$Method, [hashtable]$Parameters, $Target)

    $Call.Keep = [System.Collections.Generic.List[object]]::new()
    Add-Request $Call $Method $Parameters $Target
    if ($Call.Requests.Count -gt 0) { Send-Call $Call }
    if ($Call.Keep.Count -gt 0) { $Call.Keep[0] }
}

function Write-Change {
    # Outputs what became of each block, and then writes the errors: with -ErrorAction Stop, too, everything is told.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [object[]]$Changes, [bool]$Quiet)

    $failed = [System.Collections.Generic.List[object]]::new()
    foreach ($change in $Changes) {
        $failure = $change.Error
        $change.PSObject.Properties.Remove('Error')
        if ($change.Token) { $change.Token = [uint64]$change.Token }
        if ($null -ne $failure -and -not $Quiet) { $failed.Add(@($failure, $change)) }
        $Cmdlet.WriteObject($change)
    }
    foreach ($item in $failed) {
        $failure, $change = $item
        $data = @{ Reason = $failure.Reason; Message = $failure.Message; Advice = $failure.Advice; NativeCode = $failure.NativeCode; NativeName = $failure.NativeName }
        Write-HostError $Cmdlet $data $change
    }
}

function Test-DesiredBlock {
    # Whether New-PortReservation -IfNotExists would find all that it is asked for.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Kind, [string[]]$Protocol, [int]$StartPort, [int]$NumberOfPorts, [string]$Store)

    $blocks = foreach ($name in $Protocol) {
        $block = @{ protocol = $name; startPort = $StartPort; numberOfPorts = $NumberOfPorts; kind = $Kind }
        if ($Store -and $Kind -eq 'Exclusion') { $block.store = $Store }
        $block
    }
    $plan = Get-DesiredState (New-Call $Cmdlet) 'desiredState.plan' @{ blocks = @($blocks) }
    $null -ne $plan -and @($plan.Changes | Where-Object Change -ne 'None').Count -eq 0
}
