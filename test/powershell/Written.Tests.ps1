# Objects whose properties somebody has written, in other ways than as a hashtable or a row of a file: they are read as those are.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')

    function New-DataRow {
        param([System.Collections.Specialized.OrderedDictionary]$Columns)
        $table = [System.Data.DataTable]::new()
        foreach ($name in $Columns.Keys) { $null = $table.Columns.Add($name) }
        $table.Rows.Add(@($Columns.Values))
    }
}

Describe 'a property that somebody has written' {
    BeforeEach { Reset-Simulator -KeepHost }

    It 'describes the block: <Name>' -ForEach @(
        @{ Name = 'a row of a table'; Make = { New-DataRow ([ordered]@{ 'Start Port' = 5000; Count = 20; KIND = 'EXCLUSION' }) } }
        @{ Name = 'a row of a view'; Make = { (New-DataRow ([ordered]@{ StartPort = 5000; 'number-of-ports' = 20; Kind = 'Exclusion' })).Table.DefaultView[0] } }
        @{ Name = 'a class of PowerShell'; Make = { & ([scriptblock]::Create('class WrittenBlock { [int]$Start_Port; [int]$Count; [string]$KIND }; [WrittenBlock]@{ Start_Port = 5000; Count = 20; KIND = "exclusion" }')) } }
        @{ Name = 'an element of XML'; Make = { ([xml]'<block StartPort="5000" Count="20" Kind="Exclusion"/>').block } }
        @{ Name = 'a script property'; Make = { [pscustomobject]@{ StartPort = 5000; Kind = 'Exclusion' } | Add-Member ScriptProperty Ports { 20 } -PassThru } }
        @{ Name = 'another name for a property'; Make = { [pscustomobject]@{ StartPort = 5000; Much = 20; Kind = 'Exclusion' } | Add-Member AliasProperty Count Much -PassThru } }
    ) {
        $made = & $Make
        $culture = [cultureinfo]::CurrentCulture
        try {
            # Where i is not the small letter of I.
            [cultureinfo]::CurrentCulture = 'tr-TR'
            "$($made | New-PortReservation)" | Should -BeExactly 'Tcp 5000-5019 (Exclusion)'
        } finally { [cultureinfo]::CurrentCulture = $culture }
        ($made | Sync-PortReservation).Change | Should -Be None
        "$($made | Remove-PortReservation -PassThru)" | Should -BeExactly 'Tcp 5000-5019 (Exclusion)'
    }

    It 'is not its default where it is misspelt: <Name>' -ForEach @(
        @{ Name = 'a column'; Make = { New-DataRow ([ordered]@{ StartPort = 5000; NumberOfPort = 20 }) } }
        @{ Name = 'a class'; Make = { & ([scriptblock]::Create('class MisspeltBlock { [int]$StartPort; [int]$NumberOfPort }; [MisspeltBlock]@{ StartPort = 5000; NumberOfPort = 20 }')) } }
        @{ Name = 'an attribute'; Make = { ([xml]'<block StartPort="5000" NumberOfPort="20"/>').block } }
        @{ Name = 'a script property'; Make = { [pscustomobject]@{ StartPort = 5000 } | Add-Member ScriptProperty NumberOfPort { 20 } -PassThru } }
    ) {
        $failure = { & $Make | New-PortReservation } | Should -WriteError -ErrorId 'InvalidParameter,New-PortReservation' -PassThru
        "$failure" | Should -Match "'NumberOfPort' is not known: is it NumberOfPorts\?"
        Get-PortReservation | Should -BeNullOrEmpty
    }

    It 'of a type of .NET is read by its names, and none of them is misspelt' {
        if ($null -eq ('PortReservationTest.Compiled' -as [type])) {
            Add-Type 'namespace PortReservationTest { public class Compiled { public int StartPort { get { return 5000; } } public int Count { get { return 3; } } public string Type { get { return "x"; } } } }'
        }
        "$([PortReservationTest.Compiled]::new() | New-PortReservation)" | Should -BeExactly 'Tcp 5000-5002 (Persistent)'
        ([uri]'http://localhost:5003/' | Test-PortReservation).Port | Should -Be 5003
    }
}
