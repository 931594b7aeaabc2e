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
        "$(@{ StartPort = 5600; Ports = 5 } | New-PortReservation)" | Should -BeExactly 'Tcp 5600-5604 (Persistent)'
        "$(@{ Port = 5610; 'number-of-ports' = 2; Comment = 'web' } | New-PortReservation)" | Should -BeExactly 'Tcp 5610-5611 (Persistent)'
        "$('Protocol,StartPort,Ports,Kind', 'Tcp,5620,3,Exclusion' | ConvertFrom-Csv | New-PortReservation)" | Should -BeExactly 'Tcp 5620-5622 (Exclusion)'
        "$(@{ Port = 5200; Count = 3 } | New-PortReservation)" | Should -BeExactly 'Tcp 5200-5202 (Persistent)'
        "$('Start Port,Number Of Ports', '5300,4' | ConvertFrom-Csv | New-PortReservation)" | Should -BeExactly 'Tcp 5300-5303 (Persistent)'
        "$('PROTOCOL,START,END,KIND', 'udp,5500,5503,exclusion' | ConvertFrom-Csv | New-PortReservation)" | Should -BeExactly 'Udp 5500-5503 (Exclusion)'
        @{ StartPort = 5400; Protocol = 'Tcp', 'Udp' } | New-PortReservation | Should -HaveCount 2
        "$(@{ StartPort = 5000; NumberOfPorts = 20 } | Get-PortReservation)" | Should -BeExactly 'Tcp 5000-5019 (Persistent)'
        "$(@{ StartPort = 5000; NumberOfPorts = 20 } | Remove-PortReservation -PassThru)" | Should -BeExactly 'Tcp 5000-5019 (Persistent)'
    }

    It 'a word that every object of JavaScript has is as wrong as any other: <_>' -ForEach 'constructor', '__proto__' {
        $row = @{ StartPort = 49152; NumberOfPorts = 1000; Protocol = 'Tcp'; AddressFamily = $_ }
        foreach ($failure in ({ $row | New-PortReservation -Kind Runtime } | Should -WriteError -PassThru -ErrorId 'InvalidParameter,New-PortReservation'),
            ({ $row | Set-DynamicPortRange } | Should -WriteError -PassThru -ErrorId 'InvalidParameter,Set-DynamicPortRange'),
            ({ $row | Get-PortReservation } | Should -WriteError -PassThru -ErrorId 'InvalidParameter,Get-PortReservation')) {
            "$failure" | Should -Match "AddressFamily '$_' is not valid"
        }
    }

    It 'a value that does not fit is named as it was given: <_>' -ForEach 'InterNetwork', 'InterNetworkV6' {
        $failures = ({ New-PortReservation -StartPort 5000 -AddressFamily $_ } | Should -WriteError -PassThru -ErrorId 'InvalidParameter,New-PortReservation'),
        ({ @{ StartPort = 5000; AddressFamily = $_ } | New-PortReservation } | Should -WriteError -PassThru -ErrorId 'InvalidParameter,New-PortReservation')
        foreach ($failure in $failures) { "$failure" | Should -Match "-AddressFamily `"$_`" is not valid: it applies only to runtime reservations" }
        Get-InForce | Should -Be ''
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
        # Also where there is no -StartPort.
        { 5000 | Sync-PortReservation } | Should -Throw -ExpectedMessage "'5000' names no block: pipe an object with its StartPort and NumberOfPorts. Correct the list.*"
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

Describe 'an object that has more than describes a block' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'is read all the same, also by the hundred' {
        $text = 'x' * 20000
        $rows = 1..300 | ForEach-Object { [pscustomobject]@{ StartPort = 5000 + $_; Comment = $text; "Note$text" = 1..1000 } }
        $rows | New-PortReservation | Should -HaveCount 300
        @($rows | Test-PortReservation -Quiet) -eq $true | Should -HaveCount 0
        $rows | Sync-PortReservation | Where-Object Change -eq None | Should -HaveCount 300
        $rows | Remove-PortReservation
        Get-PortReservation | Should -HaveCount 0
    }

    It 'is refused where what describes the block is too long to be that' {
        foreach ($row in @{ StartPort = '0' * 300 + '5000' }, @{ StartPort = 5000; Protocol = @('Tcp') * 30 }) {
            { $row | New-PortReservation } | Should -WriteError -ErrorId 'InvalidParameter,New-PortReservation'
        }
        $large = @{ StartPort = 5000; ('x' * 1100000) = 1 }
        { $large | New-PortReservation } | Should -WriteError -ErrorId 'InvalidParameter,New-PortReservation'
        { $large | Get-PortReservation } | Should -WriteError -ErrorId 'InvalidParameter,Get-PortReservation'
        Get-PortReservation | Should -HaveCount 0
    }
}

Describe 'a value with a text of its own' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'is what it is, and its text is no part of a request: one of <Name>' -ForEach @(
        # As Import-Clixml reads it from a file, and remoting from another machine.
        @{ Name = 'a file'; Make = {
                $text = '<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04"><Obj RefId="0"><MS><Obj N="StartPort" RefId="1"><I32>5000</I32>' +
                '<ToString>5000]},"StartPort":6000,"Kind":"Exclusion","row":{"names":["StartPort"],"values":[6000</ToString></Obj></MS></Obj></Objs>'
                [System.Management.Automation.PSSerializer]::Deserialize($text)
            }
        }
        @{ Name = 'a script'; Make = { [pscustomobject]@{ StartPort = 5000 | Add-Member ScriptMethod ToString { '6000' } -Force -PassThru } } }
        @{ Name = 'a hashtable'; Make = { @{ StartPort = 5000 | Add-Member ScriptMethod ToString { '6000' } -Force -PassThru } } }
        @{ Name = 'a text'; Make = { @{ StartPort = '5000' | Add-Member ScriptMethod ToString { '6000' } -Force -PassThru } } }
        @{ Name = 'a long'; Make = { @{ StartPort = [long]5000 | Add-Member ScriptMethod ToString { '6000' } -Force -PassThru } } }
    ) {
        $null = New-PortReservation -StartPort 6000 -Kind Exclusion
        $made = & $Make | New-PortReservation
        "$made $(& $Make | Get-PortReservation) $((& $Make | Test-PortReservation).Port) $(& $Make | Sync-PortReservation)" | Should -BeExactly ('Tcp 5000 (Persistent) Tcp 5000 (Persistent) 5000 Tcp 5000 (Persistent)')
        & $Make | Remove-PortReservation
        Get-InForce | Should -BeExactly 'Tcp 6000 (Exclusion)'
    }
}

Describe 'an object that cannot be read' {
    BeforeAll {
        if ($null -eq ('PortReservationTest.Failing' -as [type])) {
            Add-Type -TypeDefinition @'
            namespace PortReservationTest {
                public class Failing {
                    public int StartPort { get { return 5000; } }
                    public int NumberOfPorts { get { throw new System.InvalidOperationException("cannot say"); } }
                    public override string ToString() { throw new System.InvalidOperationException("has no text"); }
                }
                public struct Silent { public override string ToString() { return null; } }
            }
'@
        }
        Reset-Simulator
        $null = New-PortReservation -StartPort 20
        $null = New-PortReservation -StartPort 5000
    }

    It 'for nothing in place of a value: the values of the others stay their own (<_>)' -ForEach 'New', 'Remove', 'Get', 'Test' {
        # What a command without output leaves in a variable or a member; not $null.
        $nothing = & {}
        foreach ($row in [ordered]@{ StartPort = $nothing; NumberOfPorts = 20 }, [pscustomobject]@{ StartPort = $nothing; NumberOfPorts = 20 }) {
            $failure = { $row | & "$_-PortReservation" } | Should -WriteError -ErrorId "InvalidParameter,$_-PortReservation" -PassThru
            "$failure" | Should -Match 'has no (Start)?Port, so'
        }
        Get-InForce | Should -BeExactly 'Tcp 20 (Persistent) Tcp 5000 (Persistent)'
        ([pscustomobject]@{ Store = $nothing; StartPort = 20; NumberOfPorts = 1 } | Get-PortReservation).StartPort | Should -Be 20
    }

    It 'is an error of its own, and the next one is read: <Name>' -ForEach @(
        @{ Name = 'a property that fails'; Make = { [PortReservationTest.Failing]::new() }; Message = 'cannot be read: cannot say' }
        @{ Name = 'a script property that fails'; Make = { [pscustomobject]@{ StartPort = 5000 } | Add-Member ScriptProperty Protocol { throw 'cannot say' } -PassThru }; Message = 'cannot be read: cannot say' }
        @{ Name = 'a value without text'; Make = { @{ StartPort = [PortReservationTest.Failing]::new() } }; Message = 'cannot be read: has no text' }
        @{ Name = 'a key without text'; Make = { @{ [PortReservationTest.Failing]::new() = 1; StartPort = 5000 } }; Message = 'cannot be read: has no text' }
        @{ Name = 'a value whose text is null'; Make = { [PortReservationTest.Silent]::new() }; Message = "'' (is not valid|names no block)" }
        @{ Name = 'a reservation that has lost a member'; Make = { $made = Get-PortReservation 5000; $made.PSObject.Properties.Remove('Protocol'); $made }; Message = "cannot be read: .*Protocol" }
    ) {
        $made = & $Make
        foreach ($cmdlet in 'Remove-PortReservation', 'Invoke-AssociatedBind', 'Get-PortReservation', 'New-PortReservation', 'Test-PortReservation') {
            $Error.Clear()
            $after = @($made, @{ StartPort = 28900 } | & $cmdlet -ErrorAction SilentlyContinue)
            # $Error has what the object's own script says, too.
            $said = @($Error | Where-Object FullyQualifiedErrorId -Match ",$cmdlet$")
            $said[-1].FullyQualifiedErrorId | Should -BeExactly "InvalidParameter,$cmdlet"
            "$($said[-1])" | Should -Match $Message
            # The second object: 28900 is there for nobody but New- and Test-PortReservation.
            $after.Count + $said.Count | Should -Be 2
        }
        Remove-PortReservation 28900
        Get-InForce | Should -BeExactly 'Tcp 20 (Persistent) Tcp 5000 (Persistent)'
    }

    It 'is no bind either' {
        $failure = { [PortReservationTest.Failing]::new() | Close-AssociatedBind } | Should -WriteError -ErrorId 'InvalidParameter,Close-AssociatedBind' -PassThru
        $failure.Exception.Message | Should -Match 'not a bind of this session: PortReservationTest.Failing'
    }

    It 'a reservation whose Token is none any more is looked up by its ports' {
        foreach ($token in 'text', -1, @(1, 2), $null) {
            $made = Get-PortReservation 5000
            $made.Token = $token
            $bind = $made | Invoke-AssociatedBind
            $bind.LocalPort | Should -Be 5000
            $bind | Close-AssociatedBind
        }
    }
}

Describe 'an object that does not say plainly which block it means' {
    # Once: nothing is changed.
    BeforeAll {
        Reset-Simulator -KeepHost
        $null = New-PortReservation -StartPort 6000
    }

    It 'is tested: <Name>' -ForEach @(
        @{ Name = 'a hashtable'; Piped = @{ Port = 6000 }; Tested = 'Tcp 6000: PersistentReservation' }
        @{ Name = 'a hashtable with a protocol'; Piped = @{ StartPort = 6000; Protocol = 'udp' }; Tested = 'Udp 6000: Free' }
        @{ Name = 'each port of a range'; Piped = [ordered]@{ StartPort = 5999; EndPort = 6001 }; Tested = 'Tcp 5999: Free', 'Tcp 6000: PersistentReservation', 'Tcp 6001: Free' }
        @{ Name = 'a row of text'; Piped = [pscustomobject]@{ Protocol = 'Tcp,Udp'; Port = '6000' }; Tested = 'Tcp 6000: PersistentReservation', 'Udp 6000: Free' }
        @{ Name = 'an object of Get-NetTCPConnection'; Piped = [pscustomobject]@{ LocalAddress = '::'; LocalPort = [uint16]6000; RemotePort = [uint16]0; State = 'Listen'; OwningProcess = [uint32]5 }; Tested = 'Tcp 6000: PersistentReservation' }
    ) {
        $Piped | Test-PortReservation | ForEach-Object { "$_" } | Should -BeExactly $Tested
        Get-PortReservation | Test-PortReservation | ForEach-Object { "$_" } | Should -BeExactly 'Tcp 6000: PersistentReservation'
    }

    It 'is not tested: <Name>' -ForEach @(
        @{ Name = 'a hashtable without a port'; Piped = @{ Protocol = 'Udp' }; Message = 'no Port, so it names no port; its members are: Protocol\. Give a port' }
        @{ Name = 'half a port'; Piped = 8080.5; Message = "Port '8080\.5' is not valid" }
        @{ Name = 'a name'; Piped = 'http'; Message = "Port 'http' is not valid" }
        @{ Name = 'a range past the last port'; Piped = @{ StartPort = 65530; NumberOfPorts = 10 }; Message = 'past the last port' }
        @{ Name = 'a misspelt member'; Piped = @{ Port = 6000; Proto = 'Udp' }; Message = "'Proto' is not known: is it Protocol\?" }
    ) {
        $failure = { , $Piped | Test-PortReservation } | Should -WriteError -ErrorId 'InvalidParameter,Test-PortReservation' -PassThru
        $failure.Exception.Message | Should -Match $Message
    }

    It 'is refused: <Name>' -ForEach @(
        # A search is never started, and the error names the members.
        @{ Name = 'a hashtable without a StartPort'; Piped = @{ NumberOfPorts = 20 }; Message = 'no StartPort.*: NumberOfPorts' }
        @{ Name = 'an empty hashtable'; Piped = @{}; Message = 'no members' }
        @{ Name = 'a list'; Piped = @(@{ StartPort = 5000 }, @{ StartPort = 5001 }); Message = 'is a list: pipe its elements' }
        @{ Name = 'what a .psd1 holds'; Piped = @{ Blocks = @(@{ StartPort = 5000 }) }; Message = 'a list of blocks: pipe its Blocks' }
        @{ Name = 'a number of blocks'; Piped = @{ Kind = 'System'; Blocks = 1; Ports = 50 }; Message = 'has no StartPort' }
        @{ Name = 'an object with many members'; Piped = (Get-Process -Id $PID); Message = 'no StartPort.*: \w+(, \w+){11} and \d+ more\.' }
        @{ Name = 'an ordered dictionary without a StartPort'; Piped = [ordered]@{ Protocol = 'Tcp'; Comment = 'web' }; Message = 'no StartPort.*: Protocol, Comment' }
        @{ Name = 'a group'; Piped = (1, 1, 2 | Group-Object)[0]; Message = 'no StartPort.*: .*Count' }
        @{ Name = 'a row with another column'; Piped = [pscustomobject]@{ First = 5000; NumberOfPorts = 20 }; Message = "'First' is not known: is it StartPort\? Give" }
        @{ Name = 'a row with an empty StartPort'; Piped = [pscustomobject]@{ StartPort = ''; NumberOfPorts = 20 }; Message = 'no StartPort' }
        # A misspelt member is not its default.
        @{ Name = 'NumberOfPort'; Piped = [pscustomobject]@{ StartPort = 5000; NumberOfPort = 20 }; Message = "'NumberOfPort' is not known.*NumberOfPorts" }
        @{ Name = 'Protocols'; Piped = @{ StartPort = 5000; Protocols = 'Udp' }; Message = "'Protocols' is not known.*Protocol" }
        @{ Name = 'Type'; Piped = [pscustomobject]@{ StartPort = 5000; Type = 'Exclusion' }; Message = "'Type' is not known.*Kind" }
        @{ Name = 'Proto'; Piped = @{ StartPort = 5000; Proto = 'Udp' }; Message = "'Proto' is not known.*Protocol" }
        @{ Name = 'PortCount'; Piped = @{ StartPort = 5000; PortCount = 20 }; Message = "'PortCount' is not known: is it NumberOfPorts\?" }
        @{ Name = 'Size'; Piped = [pscustomobject]@{ StartPort = 5000; Size = 20 }; Message = "'Size' is not known: is it NumberOfPorts\?" }
        @{ Name = 'To'; Piped = @{ StartPort = 5000; To = 5019 }; Message = "'To' is not known: is it EndPort\?" }
        @{ Name = 'StratPort'; Piped = @{ StratPort = 5000 }; Message = "'StratPort' is not known: is it StartPort\?" }
        @{ Name = 'Numer Of Ports'; Piped = [pscustomobject]@{ StartPort = 5000; 'Numer Of Ports' = 20 }; Message = "'Numer Of Ports' is not known: is it NumberOfPorts\?" }
        @{ Name = 'Protokoll'; Piped = @{ StartPort = 5000; Protokoll = 'Udp' }; Message = "'Protokoll' is not known: is it Protocol\?" }
        @{ Name = 'StartPorts'; Piped = @{ StartPorts = 5000 }; Message = "'StartPorts' is not known.*StartPort" }
        @{ Name = 'StartPort and Port'; Piped = [pscustomobject]@{ StartPort = 5000; Port = 6000 }; Message = 'StartPort is given twice.*5000, 6000' }
        @{ Name = 'an EndPort that contradicts the number'; Piped = [pscustomobject]@{ StartPort = 5100; EndPort = 5119; NumberOfPorts = 10 }; Message = 'EndPort 5119 contradicts StartPort 5100 and NumberOfPorts 10' }
        @{ Name = 'an EndPort before the StartPort'; Piped = @{ StartPort = 5100; EndPort = 5099 }; Message = 'EndPort 5099 is below StartPort 5100\.' }
        # Numbers are digits.
        @{ Name = 'half a port'; Piped = @{ StartPort = 8080.5 }; Message = 'StartPort ''8080\.5'' is not valid: it must be a whole number' }
        @{ Name = 'a boolean'; Piped = @{ StartPort = $true }; Message = 'StartPort ''True'' is not valid' }
        foreach ($text in '25.000', '8080.5', '1e4', ' 5', '0x50', '+5', '-5', '65536', '0', "$([char]0xff15)000") {
            @{ Name = "the StartPort '$text'"; Piped = [pscustomobject]@{ StartPort = $text }; Message = 'StartPort ''.*'' is not valid: it must be a whole number from 1 to 65535, written in digits only\.' }
            @{ Name = "the NumberOfPorts '$text'"; Piped = [pscustomobject]@{ StartPort = 5000; NumberOfPorts = $text }; Message = 'NumberOfPorts ''.*'' is not valid: it must be a whole number from 1 to 65535, written in digits only\.' }
        }
    ) {
        $failure = { , $Piped | New-PortReservation } | Should -WriteError -ErrorId 'InvalidParameter,New-PortReservation' -PassThru
        $failure.Exception.Message | Should -Match $Message
        # Not read through: a list may have no end.
        [object]::ReferenceEquals($failure.TargetObject, $Piped) | Should -BeTrue
        Get-InForce | Should -BeExactly 'Tcp 6000 (Persistent)'
    }
}
