# What a fleet does on each machine: the package alone, a list of blocks, and what was altered meanwhile.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')

    function Edit-Block {
        # Three blocks as nobody wants them: one is gone, one has another kind, and one another size.
        Remove-PortReservation 26600 2
        Remove-PortReservation 26610 2
        Remove-PortReservation 26620 2
        $null = New-PortReservation 26610 2 -Kind Exclusion
        $null = New-PortReservation 26620 1
    }
}

Describe 'fifty blocks' {
    BeforeEach {
        Reset-Simulator
        # The module in a new folder, with a Node.js of its own; no other is to be found.
        $folder = New-TestFolder
        $manifest = Copy-Module $folder
        $bin = Join-Path $folder 'bin'
        $null = New-Item -ItemType Directory -Path $bin -Force
        if ($IsOnWindows) { Copy-Item -LiteralPath $TestOptions.NodePath -Destination (Join-Path $bin 'node.exe') }
        else { $null = New-Item -ItemType SymbolicLink -Path (Join-Path $bin 'node') -Value $TestOptions.NodePath }
        $options = $TestOptions.Clone()
        $options.Remove('NodePath')
        $path = $env:PATH
        $env:PATH = ''
        Import-TestModule $manifest $options
        $file = Join-Path $folder 'ports.json'
        $blocks = foreach ($index in 0..49) { '{{ "startPort": {0}, "numberOfPorts": 2, "kind": "{1}" }}' -f (26600 + 10 * $index), $(if ($index -lt 47) { 'persistent' } else { 'exclusion' }) }
        [System.IO.File]::WriteAllText($file, "[ $($blocks -join ', ') ]")
    }

    AfterEach {
        $env:PATH = $path
        Import-TestModule
    }

    It 'Sync-PortReservation makes 50, then none, and then the 3 that were altered' {
        $counts = foreach ($step in 'new', 'again', 'altered') {
            if ($step -eq 'altered') { Edit-Block }
            @(Sync-PortReservation $file -Confirm:$false | Where-Object Changed).Count
        }
        $counts | Should -BeExactly 50, 0, 3
    }

    It 'so does the class that DSC calls' {
        $list = (Get-Module PortReservation).Invoke({ 'PortReservationList' -as [type] })::new()
        $list.Name = 'fleet'
        $list.Path = $file
        $counts = foreach ($step in 'new', 'again', 'altered') {
            if ($step -eq 'altered') { Edit-Block }
            @($list.Get().Changes -notlike 'None: *').Count
            $list.Set()
        }
        $counts | Should -BeExactly 50, 0, 3
        $list.Test() | Should -BeTrue
    }
}
