# -WhatIf and -Confirm: whether anything is to be shown or asked, and the answer.

function Test-Asking {
    # Whether ShouldProcess would show or ask anything, by the preferences of the calling cmdlet.
    $WhatIfPreference -or $ConfirmPreference -notin 'High', 'None' -or $VerbosePreference -ne 'SilentlyContinue'
}

function Confirm-Change {
    # Calls ShouldProcess. Where nobody can be asked (-NonInteractive, a host without a screen) that throws, and the cmdlet is ended: with
    # the preference SilentlyContinue, PowerShell would go on with the next statement, which makes the change.
    param($Cmdlet, [string]$Target, [string]$Action)

    try { $Cmdlet.ShouldProcess($Target, $Action) } catch [System.Management.Automation.MethodInvocationException] {
        Hide-Failure $_
        $message = Get-Message NobodyToAsk @($Target, $_.Exception.GetBaseException().Message)
        $Cmdlet.ThrowTerminatingError((New-ReservationError 'InvalidParameter' $message (Get-Message NobodyToAskAdvice) $Target))
    }
}
