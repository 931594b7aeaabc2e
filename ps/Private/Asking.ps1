# Whether somebody is to be asked or shown what a cmdlet would change (-Confirm, -WhatIf), and the answer.

function Test-Asking {
    # Whether ShouldProcess shows anything, in the preferences of the cmdlet that calls this.
    $WhatIfPreference -or $ConfirmPreference -notin 'High', 'None' -or $VerbosePreference -ne 'SilentlyContinue'
}

function Confirm-Change {
    # ShouldProcess. Where nobody can be asked (-NonInteractive, a host without a screen) it fails, and that ends the cmdlet: by the
    # caller's preference a statement that fails is only passed over, and what comes after it, the change, would be made.
    param($Cmdlet, [string]$Target, [string]$Action)

    try { $Cmdlet.ShouldProcess($Target, $Action) } catch [System.Management.Automation.MethodInvocationException] {
        Hide-Failure $_
        $message = Get-Message NobodyToAsk @($Target, $_.Exception.GetBaseException().Message)
        $Cmdlet.ThrowTerminatingError((New-ReservationError 'InvalidParameter' $message (Get-Message NobodyToAskAdvice) $Target))
    }
}
