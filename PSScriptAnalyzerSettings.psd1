# PSScriptAnalyzer for the module, its examples and its tests: npm test -- --only powershelllint
@{
    ExcludeRules = @(
        # It goes by the verb alone. The functions in ps/Private change nothing before their cmdlet has called ShouldProcess, and
        # the cases of the contract check that the cmdlets which must support it do.
        'PSUseShouldProcessForStateChangingFunctions'
        # It does not follow the call of Confirm-Change into another file; the cases of the cmdlets check that each of them asks.
        'PSShouldProcess'
        # The private functions have few parameters and one caller or two; the cmdlets themselves are called by name in what is shown.
        'PSAvoidUsingPositionalParameters'
        # They look for folders Tests and Examples beside the DSC resource: its tests are in test/powershell, and docs/desired-state.md shows it.
        'PSDSCDscTestsPresent'
        'PSDSCDscExamplesPresent'
    )
    Rules        = @{
        PSUseCompatibleSyntax  = @{ Enable = $true; TargetVersions = @('5.1', '7.0') }
        PSUseCompatibleCmdlets = @{ Compatibility = @('desktop-5.1.14393.206-windows', 'core-6.1.0-windows') }
    }
}
