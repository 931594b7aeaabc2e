# Reason -> category. FullyQualifiedErrorId starts with the reason; scripts depend on both.
$script:ErrorCategories = @{
    AccessDenied         = 'PermissionDenied'
    InvalidParameter     = 'InvalidArgument'
    PortInUse            = 'ResourceBusy'
    ReservationNotFound  = 'ObjectNotFound'
    ReservationExhausted = 'LimitsExceeded'
    TokenNotValid        = 'InvalidArgument'
    HostUnavailable      = 'ConnectionError'
    PlatformNotSupported = 'NotImplemented'
    NotSupported         = 'NotImplemented'
    OperationTimeout     = 'OperationTimeout'
    NativeError          = 'NotSpecified'
}

function New-ReservationError {
    # An ErrorRecord with the reason as its ID, the category, the target, the advice, and the native code on the exception.
    # Action: a recommended action that fits better than that of the reason.
    param([string]$Reason, [string]$Message, [string]$Advice, [object]$Target, [object]$NativeCode, [string]$NativeName, [string]$Action)

    $text = $Message.TrimEnd('.', ' ') + '.'
    if ($Advice) { $text += ' ' + $Advice }
    # Win32Exception has NativeErrorCode, but its 0 would mean success if no native call was made.
    if ($null -ne $NativeCode) { $exception = [System.ComponentModel.Win32Exception]::new([int]$NativeCode, $text) }
    else {
        $exception = [System.InvalidOperationException]::new($text)
        $exception.PSObject.Properties.Add([psnoteproperty]::new('NativeErrorCode', $null))
    }
    # PowerShell keeps these with the exception, so they exist in every catch block and in $Error.
    $exception.PSObject.Properties.Add([psnoteproperty]::new('NativeErrorName', $(if ($NativeName) { $NativeName })))
    if (-not $script:ErrorCategories.ContainsKey($Reason)) { $Reason = 'NativeError' }
    $record = [System.Management.Automation.ErrorRecord]::new($exception, $Reason, $script:ErrorCategories[$Reason], $Target)
    # Windows PowerShell shows it with the error.
    if ($null -ne $Target) { $record.CategoryInfo.TargetName = ConvertTo-PlainText $record.CategoryInfo.TargetName }
    $record.ErrorDetails = [System.Management.Automation.ErrorDetails]::new($text)
    # Newer PowerShell versions show it below the message, so that of a reason does not repeat it.
    $record.ErrorDetails.RecommendedAction = if ($Action) { $Action } else { Get-Message "Action$Reason" }
    $record
}

function Write-ReservationError {
    # Writes a non-terminating error of the cmdlet, by the caller's preference: WriteError would see this module's 'Stop'.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [System.Management.Automation.ErrorRecord]$Record)

    $ErrorActionPreference = $Cmdlet.SessionState.PSVariable.GetValue('ErrorActionPreference')
    $Cmdlet.WriteError($Record)
}

function Write-NotReadWarning {
    # Warns of each list that the host could not read, once for each text in Said: the objects are what other sources know.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [object[]]$NotRead, [System.Collections.Generic.HashSet[string]]$Said)

    $WarningPreference = $Cmdlet.SessionState.PSVariable.GetValue('WarningPreference')
    foreach ($item in $NotRead) {
        $name = if ($item.list -eq 'dynamicPortRange') { 'DynamicRangeNotRead' } else { 'BlocksNotRead' }
        $text = Get-Message $name @($script:ProtocolNames[$item.protocol], $item.message)
        if ($null -eq $Said -or $Said.Add($text)) { $Cmdlet.WriteWarning($text) }
    }
}

function Write-HostError {
    # Writes the error member of a host answer as an error of the cmdlet.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [object]$Failure, [object]$Target)

    # An array holds the arguments of New-Block: most requests succeed and need no target.
    if ($Target -is [object[]]) { $Target = New-Block @Target }
    $data = $Failure.PSObject.Properties['data']
    if ($null -ne $data -and $null -ne $data.Value) {
        $data = $data.Value
        $record = New-ReservationError $data.reason (ConvertTo-PlainText $data.message) (ConvertTo-PlainText $data.advice) $Target $data.nativeCode $data.nativeName (Get-HostAction $Cmdlet $data)
    } else {
        $record = New-ReservationError 'NativeError' (ConvertTo-PlainText $Failure.message) (Get-Message HostFaultAdvice) $Target
    }
    Write-ReservationError $Cmdlet $record
}

function Get-HostAction {
    # The recommended action for an error of the host, if that of its reason does not fit; otherwise nothing.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [object]$Data)

    $bound = $Cmdlet.MyInvocation.BoundParameters
    $restart = $bound.ContainsKey('RestartWinNat') -and $bound['RestartWinNat']
    switch ($Data.reason) {
        # The host says what to do.
        'NativeError' { $Data.advice }
        # The service did not stop or start in time: Invoke-AssociatedBind cannot help.
        'OperationTimeout' { if ($restart) { $Data.advice } }
        # Not the option that was just used.
        'PortInUse' { if ($restart) { Get-Message ActionPortInUseRestarted } }
    }
}

function Write-PlatformError {
    # Ends a cmdlet if there is neither Windows nor a simulator.
    param([System.Management.Automation.PSCmdlet]$Cmdlet)

    $module = $ExecutionContext.SessionState.Module
    $message = Get-Message PlatformNotSupported @([System.Environment]::OSVersion.Platform)
    $advice = Get-Message PlatformNotSupportedAdvice @([System.IO.Path]::Combine($module.ModuleBase, 'PortReservation.psd1').Replace("'", "''"))
    $Cmdlet.ThrowTerminatingError((New-ReservationError 'PlatformNotSupported' $message $advice $null))
}
