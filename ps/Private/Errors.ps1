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

    $text = $Message.TrimEnd('.', ' ')
    if ($text -notmatch '[?!]\z') { $text += '.' }
    # The host's messages begin small, for the command line puts its name before them.
    $text = $text.Substring(0, 1).ToUpperInvariant() + $text.Substring(1)
    if ($Advice) { $text += ' ' + $Advice }
    # It may quote what PowerShell says of a file.
    $text = ConvertTo-PlainText $text
    # Win32Exception has NativeErrorCode, but its 0 would mean success if no native call was made.
    if ($null -ne $NativeCode) {
        # A code of Windows may have all 32 bits, such as 0xC0000022; in .NET it has a sign.
        if ($NativeCode -gt 0x7fffffff) { $NativeCode -= 0x100000000 }
        $exception = [System.ComponentModel.Win32Exception]::new([int]$NativeCode, $text)
    } else {
        $exception = [System.InvalidOperationException]::new($text)
        $exception.PSObject.Properties.Add([psnoteproperty]::new('NativeErrorCode', $null))
    }
    # PowerShell keeps these with the exception, so they exist in every catch block and in $Error.
    $exception.PSObject.Properties.Add([psnoteproperty]::new('NativeErrorName', $(if ($NativeName) { $NativeName })))
    if (-not $script:ErrorCategories.ContainsKey($Reason)) { $Reason = 'NativeError' }
    $record = [System.Management.Automation.ErrorRecord]::new($exception, $Reason, $script:ErrorCategories[$Reason], $Target)
    # Windows PowerShell shows it with the error.
    if ($null -ne $Target) { $record.CategoryInfo.TargetName = ConvertTo-PlainText (Get-ObjectText $Target) }
    $record.ErrorDetails = [System.Management.Automation.ErrorDetails]::new($text)
    # Newer PowerShell versions show it below the message, so that of a reason does not repeat it.
    $record.ErrorDetails.RecommendedAction = if ($Action) { $Action } else { Get-Message "Action$Reason" }
    $record
}

function Write-ReservationError {
    # Writes a non-terminating error of the cmdlet, by the caller's preference: WriteError would see this module's 'Stop'.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [System.Management.Automation.ErrorRecord]$Record)

    $ErrorActionPreference = Get-Preference $Cmdlet 'ErrorActionPreference'
    try { $Cmdlet.WriteError($Record) } catch [System.Management.Automation.MethodInvocationException] { Resume-Failure $_ $Cmdlet }
}

function Hide-Failure {
    # Takes a failure that was dealt with out of $Error, where PowerShell puts whatever is caught: it holds this module's errors only.
    param([System.Management.Automation.ErrorRecord]$Record)

    if ($global:Error.Count -gt 0 -and [object]::ReferenceEquals($global:Error[0].Exception, $Record.Exception)) { $global:Error.RemoveAt(0) }
}

function Resume-Failure {
    # What a command behind this one has thrown, as it was thrown: wrapped by the method that gave it the object, or the error or warning
    # (2>&1), a throw would not end the caller's script, and no catch would know its type.
    param([System.Management.Automation.ErrorRecord]$Record, $Cmdlet)

    Hide-Failure $Record
    # That of another method, which PowerShell wraps no second time. The name is in the message of each language.
    if ($Record.Exception.Message -cnotmatch 'Write(Object|Error|Warning)\b') { throw $Record }
    $thrown = $Record.Exception.InnerException
    # The preference Inquire where nobody can be asked: that ends the cmdlet alone.
    if ($null -ne $Cmdlet -and ($thrown -is [System.Management.Automation.Host.HostException] -or $thrown -is [System.Management.Automation.PSInvalidOperationException])) {
        $Cmdlet.ThrowTerminatingError($thrown.ErrorRecord)
    }
    if ($thrown -is [System.Management.Automation.RuntimeException]) { throw $thrown.ErrorRecord }
    throw $thrown
}

function Write-CmdletWarning {
    # By the caller's preference, which a module does not see.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Text)

    $WarningPreference = Get-Preference $Cmdlet 'WarningPreference'
    try { $Cmdlet.WriteWarning($Text) } catch [System.Management.Automation.MethodInvocationException] { Resume-Failure $_ $Cmdlet }
}

function New-HostError {
    # An error of the host (the hashtable of Read-Answer) as one of the cmdlet.
    param([hashtable]$Failure, [object]$Target)

    if (-not $Failure['Reason']) { return New-ReservationError 'NativeError' $Failure['Message'] (Get-Message HostFaultAdvice) $Target }
    New-ReservationError $Failure['Reason'] $Failure['Message'] $Failure['Advice'] $Target $Failure['NativeCode'] $Failure['NativeName'] $Failure['Action']
}

function Get-CallerPreference {
    # The begin of a cmdlet: ends it if there is neither Windows nor a simulator, and gives what the caller prefers, which a module
    # does not see: $ErrorActionPreference, also for an object that cannot be bound, $WhatIfPreference and $ConfirmPreference. What is
    # given as a parameter is in the cmdlet's variables already, and so in these. Each stays one value: of a list, the next would be WhatIf.
    param($Cmdlet, $ErrorOnly)

    if (-not $script:Session['Supported']) { Write-PlatformError $Cmdlet }
    $bound = $Cmdlet.MyInvocation.BoundParameters
    $caller = $Cmdlet.SessionState.PSVariable
    if ($null -ne $bound['ErrorAction']) { $ErrorActionPreference } else { , (Get-Preference $Cmdlet 'ErrorActionPreference') }
    if ($ErrorOnly) { return }
    if ($null -ne $bound['WhatIf']) { $WhatIfPreference } else { , $caller.GetValue('WhatIfPreference') }
    if ($null -ne $bound['Confirm']) { $ConfirmPreference } else { , $caller.GetValue('ConfirmPreference') }
}

function Get-Preference {
    # What the caller prefers of errors or warnings. Windows PowerShell throws where a variable says Ignore, as in a function that was
    # called with -ErrorAction Ignore.
    param($Cmdlet, $Name)

    $preference = $Cmdlet.SessionState.PSVariable.GetValue($Name)
    if ($preference -eq 'Ignore' -and $PSVersionTable.PSEdition -eq 'Desktop') { 'SilentlyContinue' } else { , $preference }
}

function Write-PlatformError {
    # Ends a cmdlet if there is neither Windows nor a simulator.
    param([System.Management.Automation.PSCmdlet]$Cmdlet)

    $module = $ExecutionContext.SessionState.Module
    $message = Get-Message PlatformNotSupported @([System.Environment]::OSVersion.Platform)
    $advice = Get-Message PlatformNotSupportedAdvice @([System.IO.Path]::Combine($module.ModuleBase, 'PortReservation.psd1').Replace("'", "''"))
    $Cmdlet.ThrowTerminatingError((New-ReservationError 'PlatformNotSupported' $message $advice $null))
}
