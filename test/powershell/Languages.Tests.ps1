# The messages in each language, and errors in the words of the cmdlets.

BeforeDiscovery {
    $languages = 'de-DE', 'fr-FR'
}

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')

    function Get-MessageFile {
        # The hashtable of a language.
        param([string]$Culture)
        Import-TestModule
        & (Get-Module PortReservation) { param($Culture) Read-MessageFile $Culture } $Culture
    }

    function Get-Placeholder {
        # Each placeholder of a format once, in their order.
        param([string]$Format)
        [regex]::Matches(($Format -replace '\{\{|\}\}'), '\{(\d+)\}') | ForEach-Object Value | Sort-Object -Unique
    }
}

Describe 'Languages' {
    BeforeEach { Reset-Simulator }

    It '<_> has the keys of English' -ForEach $languages {
        $english = Get-MessageFile 'en-US'
        $english.Count | Should -BeGreaterThan 50
        @((Get-MessageFile $_).Keys) | Sort-Object | Should -BeExactly @($english.Keys | Sort-Object)
    }

    It '<_> has the placeholders of English, key by key, and no message in English' -ForEach $languages {
        $english = Get-MessageFile 'en-US'
        $other = Get-MessageFile $_
        foreach ($key in $english.Keys) {
            "$(Get-Placeholder $other[$key])" | Should -BeExactly "$(Get-Placeholder $english[$key])" -Because "$key has these in English"
            $other[$key].Trim() | Should -Not -BeNullOrEmpty -Because "$key has a text"
            $other[$key] | Should -Not -BeExactly $english[$key] -Because "$key is to be translated"
            { [string]::Format($other[$key], [object[]](1..9)) } | Should -Not -Throw -Because "$key is a format"
        }
    }

    It 'an error of the host names the parameter <Name>' -ForEach @(
        @{ Name = '-LocalAddress'; Body = { New-PortReservation 28301 | Invoke-AssociatedBind -LocalAddress 'no address' } }
        @{ Name = '-Port'; Body = { New-PortReservation 28302 | Invoke-AssociatedBind -Port 28400 } }
        @{ Name = '-Listen'; Body = { Invoke-AssociatedBind -Protocol Udp -Token 5 -Listen } }
    ) {
        $failure = $Body | Should -WriteError -PassThru
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidParameter,*'
        $failure.Exception.Message | Should -BeLike "*$Name *"
        $failure.Exception.Message | Should -Not -MatchExactly '\b(localAddress|dualStack|startPort|numberOfPorts)\b'
    }

    It 'what the host says of a member is said of a parameter: <Text>' -ForEach @(
        @{ Text = 'startPort 0 is not valid: it must be an integer'; Expected = '-StartPort 0 is not valid: it must be an integer' }
        @{ Text = 'store "active" is not valid: it applies only to exclusions'; Expected = '-Store "active" is not valid: it applies only to exclusions' }
        @{ Text = 'Correct timeout.'; Expected = 'Correct -TimeoutSec.' }
        @{ Text = 'numberOfPorts 9 is not valid: it must be at most 5 with startPort 65531: no block runs past port 65535'; Expected = '-NumberOfPorts 9 is not valid: it must be at most 5 with -StartPort 65531: no block runs past port 65535' }
    ) {
        & (Get-Module PortReservation) { param($Text) ConvertTo-OwnWord 'InvalidParameter' $Text } $Text | Should -BeExactly $Expected
        & (Get-Module PortReservation) { param($Text) ConvertTo-OwnWord 'PortInUse' $Text } $Text | Should -BeExactly $Text
    }
}
