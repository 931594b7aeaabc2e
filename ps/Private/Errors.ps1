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
    param([string]$Reason, [string]$Message, [string]$Advice, [object]$Target, [object]$NativeCode, [string]$NativeName)

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
    $record.ErrorDetails = [System.Management.Automation.ErrorDetails]::new($text)
    # Newer PowerShell versions show it below the message, so it must not repeat it.
    $record.ErrorDetails.RecommendedAction = Get-Message "Action$Reason"
    $record
}

function Write-ReservationError {
    # Writes a non-terminating error of the cmdlet, by the caller's preference: WriteError would see this module's 'Stop'.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [System.Management.Automation.ErrorRecord]$Record)

    $ErrorActionPreference = $Cmdlet.SessionState.PSVariable.GetValue('ErrorActionPreference')
    $Cmdlet.WriteError($Record)
}

function Write-HostError {
    # Writes the error member of a host answer as an error of the cmdlet.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [object]$Failure, [object]$Target)

    # An array holds the arguments of New-Block: most requests succeed and need no target.
    if ($Target -is [object[]]) { $Target = New-Block @Target }
    $data = $Failure.PSObject.Properties['data']
    if ($null -ne $data -and $null -ne $data.Value) {
        $data = $data.Value
        $record = New-ReservationError $data.reason $data.message $data.advice $Target $data.nativeCode $data.nativeName
    } else {
        $record = New-ReservationError 'NativeError' $Failure.message (Get-Message HostFaultAdvice) $Target
    }
    Write-ReservationError $Cmdlet $record
}

function Write-PlatformError {
    # Ends a cmdlet if there is neither Windows nor a simulator.
    param([System.Management.Automation.PSCmdlet]$Cmdlet)

    $module = $ExecutionContext.SessionState.Module
    $message = Get-Message PlatformNotSupported @([System.Environment]::OSVersion.Platform)
    $advice = Get-Message PlatformNotSupportedAdvice @([System.IO.Path]::Combine($module.ModuleBase, 'PortReservation.psd1').Replace("'", "''"))
    $Cmdlet.ThrowTerminatingError((New-ReservationError 'PlatformNotSupported' $message $advice $null))
}
