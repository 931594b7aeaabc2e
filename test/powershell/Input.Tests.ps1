# What people really pipe in. Nothing is guessed: an object that does not say plainly which block it means is an error, and
# changes nothing.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')

    function Get-InForce { "$(Get-PortReservation | ForEach-Object { "$_" })" }

    function Assert-Refused {
        # The cmdlet refuses what is piped into it, with this message, and nothing has changed.
        param($InputObject, [string]$Message, [string]$What)
        $before = Get-InForce
        $failure = { , $InputObject | New-PortReservation } | Should -WriteError -ErrorId 'InvalidParameter,New-PortReservation' -Because $What -PassThru
        $failure.Exception.Message | Should -Match $Message -Because $What
        Get-InForce | Should -BeExactly $before -Because "what is in force after $What"
    }
}

Describe 'what is piped in' {
    BeforeEach { Reset-Simulator }

    It 'an object without a StartPort never starts a search, and the error names its members' {
        Assert-Refused @{ NumberOfPorts = 20 } 'no StartPort.*: NumberOfPorts' 'a hashtable'
        Assert-Refused @{} 'no StartPort' 'an empty hashtable'
        Assert-Refused ([ordered]@{ Protocol = 'Tcp'; Comment = 'web' }) 'no StartPort.*: Protocol, Comment' 'an ordered dictionary'
        Assert-Refused (1, 1, 2 | Group-Object)[0] 'no StartPort.*: .*Count' 'a group'
        Assert-Refused ([pscustomobject]@{ First = 5000; NumberOfPorts = 20 }) 'no StartPort.*: First, NumberOfPorts' 'a row with another column'
        Assert-Refused ([pscustomobject]@{ StartPort = ''; NumberOfPorts = 20 }) 'no StartPort' 'a row with an empty StartPort'
    }

    It 'dictionaries are read by their keys, and columns also with blanks' {
        "$(@{ StartPort = 5000; NumberOfPorts = 20 } | New-PortReservation)" | Should -BeExactly 'Tcp 5000-5019 (Persistent)'
        "$([ordered]@{ startPort = 5100; numberOfPorts = 2; protocol = 'udp' } | New-PortReservation)" | Should -BeExactly 'Udp 5100-5101 (Persistent)'
        "$(@{ Port = 5200; Count = 3 } | New-PortReservation)" | Should -BeExactly 'Tcp 5200-5202 (Persistent)'
        "$('Start Port,Number Of Ports', '5300,4' | ConvertFrom-Csv | New-PortReservation)" | Should -BeExactly 'Tcp 5300-5303 (Persistent)'
        @{ StartPort = 5400; Protocol = 'Tcp', 'Udp' } | New-PortReservation | Should -HaveCount 2
        "$(@{ StartPort = 5000; NumberOfPorts = 20 } | Get-PortReservation)" | Should -BeExactly 'Tcp 5000-5019 (Persistent)'
        "$(@{ StartPort = 5000; NumberOfPorts = 20 } | Remove-PortReservation -PassThru)" | Should -BeExactly 'Tcp 5000-5019 (Persistent)'
    }

    It 'a misspelt member is an error, and not its default' {
        Assert-Refused ([pscustomobject]@{ StartPort = 5000; NumberOfPort = 20 }) "'NumberOfPort' is not known.*NumberOfPorts" 'NumberOfPort'
        Assert-Refused @{ StartPort = 5000; Protocols = 'Udp' } "'Protocols' is not known.*Protocol" 'Protocols'
        Assert-Refused @{ StartPorts = 5000 } "'StartPorts' is not known.*StartPort" 'StartPorts'
        Assert-Refused ([pscustomobject]@{ StartPort = 5000; Port = 6000 }) 'StartPort is given twice.*5000, 6000' 'StartPort and Port'
    }

    It 'EndPort is understood, and a contradiction is an error' {
        $row = [pscustomobject]@{ StartPort = 5000; EndPort = 5019 }
        "$($row | New-PortReservation)" | Should -BeExactly 'Tcp 5000-5019 (Persistent)'
        "$($row | Get-PortReservation)" | Should -BeExactly 'Tcp 5000-5019 (Persistent)'
        Assert-Refused ([pscustomobject]@{ StartPort = 5100; EndPort = 5119; NumberOfPorts = 10 }) 'EndPort 5119 contradicts StartPort 5100 and NumberOfPorts 10' 'a wrong count'
        Assert-Refused @{ StartPort = 5100; EndPort = 5099 } 'EndPort 5099 contradicts' 'an end before the start'
        "$($row | Remove-PortReservation -PassThru)" | Should -BeExactly 'Tcp 5000-5019 (Persistent)'
        Get-InForce | Should -Be ''
    }

    It 'numbers are digits' {
        foreach ($text in '25.000', '8080.5', '1e4', ' 5', '0x50', '+5', '-5', '65536', '0', "$([char]0xff15)000") {
            Assert-Refused ([pscustomobject]@{ StartPort = $text }) 'StartPort must be one of 1\.\.65535' "StartPort $text"
            Assert-Refused ([pscustomobject]@{ StartPort = 5000; NumberOfPorts = $text }) 'NumberOfPorts must be one of 1\.\.65535' "NumberOfPorts $text"
        }
        Assert-Refused @{ StartPort = 8080.5 } 'StartPort must be one of 1\.\.65535 \(8080\.5\)' 'half a port'
        Assert-Refused @{ StartPort = $true } 'StartPort must be one of' 'a boolean'
    }

    It 'a number is a port where a port is created or looked up, and nothing where one is removed' {
        5000, 5002 | New-PortReservation | ForEach-Object { "$_" } | Should -BeExactly 'Tcp 5000 (Persistent)', 'Tcp 5002 (Persistent)'
        "$('5002' | Get-PortReservation)" | Should -BeExactly 'Tcp 5002 (Persistent)'
        { 5000 | Remove-PortReservation } | Should -WriteError -ErrorId 'InvalidParameter,Remove-PortReservation'
        { 'text' | New-PortReservation } | Should -WriteError -ErrorId 'InvalidParameter,New-PortReservation'
        Get-PortReservation | Should -HaveCount 2
    }

    It 'an object is not taken for one of this session by its type name' {
        $null = New-PortReservation -StartPort 5000 -NumberOfPorts 2
        foreach ($cmdlet in 'Remove-PortReservation', 'Invoke-AssociatedBind', 'Get-PortReservation', 'New-PortReservation') {
            $planted = [pscustomobject]@{
                PSTypeName = 'PortReservation.PersistentReservation'; Protocol = 'Tcp'; NumberOfPorts = 1; Kind = 'Persistent'; Token = $null
                StartPort  = '1,"numberOfPorts":1},"method":"reservation.create","params":{"kind":"exclusion","protocols":["tcp"],"startPort":7000'
            }
            { $planted | & $cmdlet } | Should -WriteError -ErrorId "InvalidParameter,$cmdlet" -Because $cmdlet
            Get-InForce | Should -BeExactly 'Tcp 5000-5001 (Persistent)' -Because $cmdlet
        }
        # Honest rows of a file with a #TYPE line work: their numbers are text.
        $row = '#TYPE PortReservation.PersistentReservation', 'Protocol,StartPort,EndPort,NumberOfPorts,Kind,Token', 'Tcp,9000,9009,10,Persistent,12345' | ConvertFrom-Csv
        $row.PSTypeNames.Insert(0, 'PortReservation.PersistentReservation')
        "$($row | New-PortReservation)" | Should -BeExactly 'Tcp 9000-9009 (Persistent)'
        # A token that comes from outside is not used.
        $bind = $row | Invoke-AssociatedBind
        $bind.LocalPort | Should -BeGreaterOrEqual 9000 -Because "port $($bind.LocalPort)"
        $bind.LocalPort | Should -BeLessOrEqual 9009 -Because "port $($bind.LocalPort)"
        $bind | Close-AssociatedBind
        "$($row | Remove-PortReservation -PassThru)" | Should -BeExactly 'Tcp 9000-9009 (Persistent)'
    }

    It 'what another session sent, or a file holds, is read back' {
        $made = New-PortReservation -StartPort 5000 -NumberOfPorts 2 -Protocol Udp
        $copies = @(
            [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($made))
            $made | ConvertTo-Json | ConvertFrom-Json
            $made | ConvertTo-Csv -NoTypeInformation | ConvertFrom-Csv
            $made | Select-Object *
        )
        foreach ($copy in $copies) {
            "$($copy | Remove-PortReservation -PassThru)" | Should -BeExactly 'Udp 5000-5001 (Persistent)'
            "$($copy | New-PortReservation)" | Should -BeExactly 'Udp 5000-5001 (Persistent)'
            "$($copy | Get-PortReservation)" | Should -BeExactly 'Udp 5000-5001 (Persistent)'
        }
        $copies.Count | Should -Be 4
    }

    It 'an endpoint of Get-NetUDPEndpoint is UDP' {
        $null = New-PortReservation -StartPort 5000 -Protocol Udp
        $endpoint = [pscustomobject]@{ PSTypeName = 'Microsoft.Management.Infrastructure.CimInstance#root/StandardCimv2/MSFT_NetUDPEndpoint'; LocalPort = 5000 }
        $said = @($endpoint, [pscustomobject]@{ LocalPort = 5000 } | Test-PortReservation)
        "$($said[0].Protocol) $($said[0].Reason)" | Should -BeExactly 'Udp PersistentReservation'
        "$($said[1].Protocol) $($said[1].Reason)" | Should -BeExactly 'Tcp Free'
        ($endpoint | Test-PortReservation -Protocol Tcp).Protocol | Should -BeExactly 'Tcp'
    }
}
