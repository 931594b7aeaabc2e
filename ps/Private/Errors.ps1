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

# Delegates that read and set PowerShell's internal mark that a try statement runs (Get-InTry); $null where it has none.
$script:InTryMark = $null

function New-ReservationError {
    # An ErrorRecord: its ID is the reason, its category follows from that, and the exception has the native code and name. Action: a
    # recommended action to show instead of the reason's usual one.
    param([string]$Reason, [string]$Message, [string]$Advice, [object]$Target, [object]$NativeCode, [string]$NativeName, [string]$Action)

    $text = $Message.TrimEnd('.', ' ')
    if ($text -notmatch '[?!]\z') { $text += '.' }
    # The host's messages begin with a small letter, because the command line puts its name before them.
    $text = $text.Substring(0, 1).ToUpperInvariant() + $text.Substring(1)
    if ($Advice) { $text += ' ' + $Advice }
    # A message may quote what PowerShell said about a file.
    $text = ConvertTo-PlainText $text
    # Not a Win32Exception where no native call failed: its NativeErrorCode would be 0, which means success.
    if ($null -ne $NativeCode) {
        # Codes of Windows are unsigned, such as 0xC0000022; .NET's are signed.
        if ($NativeCode -gt 0x7fffffff) { $NativeCode -= 0x100000000 }
        $exception = [System.ComponentModel.Win32Exception]::new([int]$NativeCode, $text)
    } else {
        $exception = [System.InvalidOperationException]::new($text)
        $exception.PSObject.Properties.Add([psnoteproperty]::new('NativeErrorCode', $null))
    }
    # PowerShell keeps added members with the exception, so that catch blocks and $Error have them.
    $exception.PSObject.Properties.Add([psnoteproperty]::new('NativeErrorName', $(if ($NativeName) { $NativeName })))
    if (-not $script:ErrorCategories.ContainsKey($Reason)) { $Reason = 'NativeError' }
    $record = [System.Management.Automation.ErrorRecord]::new($exception, $Reason, $script:ErrorCategories[$Reason], $Target)
    # Windows PowerShell shows it with the error.
    if ($null -ne $Target) { $record.CategoryInfo.TargetName = ConvertTo-PlainText (Get-ObjectText $Target) }
    $record.ErrorDetails = [System.Management.Automation.ErrorDetails]::new($text)
    # PowerShell 7 shows it below the message, so it does not repeat the advice in there.
    $record.ErrorDetails.RecommendedAction = if ($Action) { $Action } else { Get-Message "Action$Reason" }
    $record
}

function Write-ReservationError {
    # Writes a non-terminating error by the caller's preference. WriteError itself would see the 'Stop' of this module's functions.
    # InTry is asked here, because a function with a trap is as a try statement.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [System.Management.Automation.ErrorRecord]$Record, $InTry = (Get-InTry))

    $ErrorActionPreference = Get-Preference $Cmdlet 'ErrorActionPreference'
    # A trap and not a catch, which would get nothing of what the preference lets go on.
    trap [System.Management.Automation.MethodInvocationException] { Resume-Failure $_ $Cmdlet }
    Set-InTry $InTry
    $Cmdlet.WriteError($Record)
}

function Get-InTry {
    # Whether PowerShell takes the code that runs now for the inside of a try statement; nothing where a PowerShell cannot be asked.
    # In there, the first error of any script ends it. So it would end a command behind a cmdlet that has a try around what it gives,
    # where behind a compiled cmdlet the command shows its error and goes on. Hence inside each such try, Set-InTry makes this again
    # what it was outside.
    if ($null -eq $script:InTryMark) {
        $internal = [System.Reflection.BindingFlags]'Instance, NonPublic'
        $field = $ExecutionContext.GetType().GetField('_context', $internal)
        $engine = if ($null -ne $field) { $field.GetValue($ExecutionContext) }
        $mark = if ($null -ne $engine) { $engine.GetType().GetProperty('PropagateExceptionsToEnclosingStatementBlock', $internal) }
        $script:InTryMark = if ($null -eq $mark) { $null, $null } else {
            [System.Delegate]::CreateDelegate([System.Func[bool]], $engine, $mark.GetGetMethod($true))
            [System.Delegate]::CreateDelegate([System.Action[bool]], $engine, $mark.GetSetMethod($true))
        }
    }
    if ($null -ne $script:InTryMark[0]) { $script:InTryMark[0].Invoke() }
}

function Set-InTry {
    # See Get-InTry. The end of the try statement sets it to what it was before that.
    param($Value)

    if ($null -ne $Value) { $script:InTryMark[1].Invoke($Value) }
}

function Hide-Failure {
    # Removes a failure that was handled from $Error, where PowerShell puts everything that is caught. So $Error has of this module only
    # the errors that its cmdlets wrote.
    param([System.Management.Automation.ErrorRecord]$Record)

    if ($global:Error.Count -gt 0 -and [object]::ReferenceEquals($global:Error[0].Exception, $Record.Exception)) { $global:Error.RemoveAt(0) }
}

function Resume-Failure {
    # Throws again what a later command of the pipeline threw while WriteError or WriteWarning gave it something. These methods wrap the
    # exception. Wrapped, it would not end the caller's script, and no typed catch would match it.
    param([System.Management.Automation.ErrorRecord]$Record, $Cmdlet)

    Hide-Failure $Record
    # Not wrapped by these: an exception of another method, which is not wrapped twice. Every language's message has the method's name.
    if ($Record.Exception.Message -cnotmatch 'Write(Error|Warning)\b') { throw $Record }
    $thrown = $Record.Exception.InnerException
    # A preference of Inquire where nobody can be asked: this ends only the cmdlet.
    if ($null -ne $Cmdlet -and ($thrown -is [System.Management.Automation.Host.HostException] -or $thrown -is [System.Management.Automation.PSInvalidOperationException])) {
        $Cmdlet.ThrowTerminatingError($thrown.ErrorRecord)
    }
    if ($thrown -is [System.Management.Automation.RuntimeException]) { throw $thrown.ErrorRecord }
    throw $thrown
}

function Write-CmdletWarning {
    # Writes a warning by the caller's preference, which a module does not see.
    param([System.Management.Automation.PSCmdlet]$Cmdlet, [string]$Text)

    $WarningPreference = Get-Preference $Cmdlet 'WarningPreference'
    $inTry = Get-InTry
    try { Set-InTry $inTry; $Cmdlet.WriteWarning($Text) } catch [System.Management.Automation.MethodInvocationException] { Resume-Failure $_ $Cmdlet }
}

function New-HostError {
    # Makes an ErrorRecord of the host's error (a hashtable, as Read-Answer returns it).
    param([hashtable]$Failure, [object]$Target)

    if (-not $Failure['Reason']) { return New-ReservationError 'NativeError' $Failure['Message'] (Get-Message HostFaultAdvice) $Target }
    New-ReservationError $Failure['Reason'] $Failure['Message'] $Failure['Advice'] $Target $Failure['NativeCode'] $Failure['NativeName'] $Failure['Action']
}

function Get-CallerPreference {
    # The begin of every cmdlet: ends it if there is neither Windows nor a simulator, and returns the caller's preferences, which a module
    # does not see: $ErrorActionPreference (PowerShell heeds it also for a piped object that cannot be bound), $WhatIfPreference and
    # $ConfirmPreference. Common parameters have already set these variables in the cmdlet, so here too, and win. The unary comma keeps
    # each preference one value: a list would shift those after it.
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
    # The caller's preference for errors or warnings. Windows PowerShell takes no Ignore from a variable, where a function that was
    # called with -ErrorAction Ignore has it.
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
