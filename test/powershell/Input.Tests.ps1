# What people really pipe in. Nothing is guessed: an object that does not say plainly which block it means is an error, and
# changes nothing.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')

    function Get-InForce { "$(Get-PortReservation | ForEach-Object { "$_" })" }
}

Describe 'what is piped in' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'dictionaries are read by their keys, and columns also with blanks' {
        "$(@{ StartPort = 5000; NumberOfPorts = 20 } | New-PortReservation)" | Should -BeExactly 'Tcp 5000-5019 (Persistent)'
        "$([ordered]@{ startPort = 5100; numberOfPorts = 2; protocol = 'udp' } | New-PortReservation)" | Should -BeExactly 'Udp 5100-5101 (Persistent)'
        "$(@{ Port = 5200; Count = 3 } | New-PortReservation)" | Should -BeExactly 'Tcp 5200-5202 (Persistent)'
        "$('Start Port,Number Of Ports', '5300,4' | ConvertFrom-Csv | New-PortReservation)" | Should -BeExactly 'Tcp 5300-5303 (Persistent)'
        "$('PROTOCOL,START,END,KIND', 'udp,5500,5503,exclusion' | ConvertFrom-Csv | New-PortReservation)" | Should -BeExactly 'Udp 5500-5503 (Exclusion)'
        @{ StartPort = 5400; Protocol = 'Tcp', 'Udp' } | New-PortReservation | Should -HaveCount 2
        "$(@{ StartPort = 5000; NumberOfPorts = 20 } | Get-PortReservation)" | Should -BeExactly 'Tcp 5000-5019 (Persistent)'
        "$(@{ StartPort = 5000; NumberOfPorts = 20 } | Remove-PortReservation -PassThru)" | Should -BeExactly 'Tcp 5000-5019 (Persistent)'
    }

    It 'EndPort is understood' {
        $row = [pscustomobject]@{ StartPort = 5000; EndPort = 5019 }
        "$($row | New-PortReservation)" | Should -BeExactly 'Tcp 5000-5019 (Persistent)'
        "$($row | Get-PortReservation)" | Should -BeExactly 'Tcp 5000-5019 (Persistent)'
        "$($row | Remove-PortReservation -PassThru)" | Should -BeExactly 'Tcp 5000-5019 (Persistent)'
        Get-InForce | Should -Be ''
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

Describe 'an object that does not say plainly which block it means' {
    # Once: nothing is changed.
    BeforeAll {
        Reset-Simulator -KeepHost
        $null = New-PortReservation -StartPort 6000
    }

    It 'is refused: <Name>' -ForEach @(
        # A search is never started, and the error names the members.
        @{ Name = 'a hashtable without a StartPort'; Piped = @{ NumberOfPorts = 20 }; Message = 'no StartPort.*: NumberOfPorts' }
        @{ Name = 'an empty hashtable'; Piped = @{}; Message = 'no StartPort' }
        @{ Name = 'an ordered dictionary without a StartPort'; Piped = [ordered]@{ Protocol = 'Tcp'; Comment = 'web' }; Message = 'no StartPort.*: Protocol, Comment' }
        @{ Name = 'a group'; Piped = (1, 1, 2 | Group-Object)[0]; Message = 'no StartPort.*: .*Count' }
        @{ Name = 'a row with another column'; Piped = [pscustomobject]@{ First = 5000; NumberOfPorts = 20 }; Message = 'no StartPort.*: First, NumberOfPorts' }
        @{ Name = 'a row with an empty StartPort'; Piped = [pscustomobject]@{ StartPort = ''; NumberOfPorts = 20 }; Message = 'no StartPort' }
        # A misspelt member is not its default.
        @{ Name = 'NumberOfPort'; Piped = [pscustomobject]@{ StartPort = 5000; NumberOfPort = 20 }; Message = "'NumberOfPort' is not known.*NumberOfPorts" }
        @{ Name = 'Protocols'; Piped = @{ StartPort = 5000; Protocols = 'Udp' }; Message = "'Protocols' is not known.*Protocol" }
        @{ Name = 'Type'; Piped = [pscustomobject]@{ StartPort = 5000; Type = 'Exclusion' }; Message = "'Type' is not known.*Kind" }
        @{ Name = 'Proto'; Piped = @{ StartPort = 5000; Proto = 'Udp' }; Message = "'Proto' is not known.*Protocol" }
        @{ Name = 'StartPorts'; Piped = @{ StartPorts = 5000 }; Message = "'StartPorts' is not known.*StartPort" }
        @{ Name = 'StartPort and Port'; Piped = [pscustomobject]@{ StartPort = 5000; Port = 6000 }; Message = 'StartPort is given twice.*5000, 6000' }
        @{ Name = 'an EndPort that contradicts the number'; Piped = [pscustomobject]@{ StartPort = 5100; EndPort = 5119; NumberOfPorts = 10 }; Message = 'EndPort 5119 contradicts StartPort 5100 and NumberOfPorts 10' }
        @{ Name = 'an EndPort before the StartPort'; Piped = @{ StartPort = 5100; EndPort = 5099 }; Message = 'EndPort 5099 contradicts' }
        # Numbers are digits.
        @{ Name = 'half a port'; Piped = @{ StartPort = 8080.5 }; Message = 'StartPort must be one of 1\.\.65535 \(8080\.5\)' }
        @{ Name = 'a boolean'; Piped = @{ StartPort = $true }; Message = 'StartPort must be one of' }
        foreach ($text in '25.000', '8080.5', '1e4', ' 5', '0x50', '+5', '-5', '65536', '0', "$([char]0xff15)000") {
            @{ Name = "the StartPort '$text'"; Piped = [pscustomobject]@{ StartPort = $text }; Message = 'StartPort must be one of 1\.\.65535' }
            @{ Name = "the NumberOfPorts '$text'"; Piped = [pscustomobject]@{ StartPort = 5000; NumberOfPorts = $text }; Message = 'NumberOfPorts must be one of 1\.\.65535' }
        }
    ) {
        $failure = { , $Piped | New-PortReservation } | Should -WriteError -ErrorId 'InvalidParameter,New-PortReservation' -PassThru
        $failure.Exception.Message | Should -Match $Message
        Get-InForce | Should -BeExactly 'Tcp 6000 (Persistent)'
    }
}
