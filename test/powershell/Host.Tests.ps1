# The host's life, and what the module does when it ends.

BeforeAll {
    . (Join-Path $PSScriptRoot 'setup.ps1')
}

Describe 'Get-PortReservationHost' {
    BeforeEach { Reset-Simulator }

    It 'tells what the host is' {
        $answer = Get-PortReservationHost
        $answer.PSObject.Properties.Name | Should -BeExactly 'ProcessId', 'NodeVersion', 'Backend', 'IsElevated', 'UptimeSeconds'
        $answer.PSTypeNames[0] | Should -BeExactly 'PortReservation.Host'
        "$($answer.Backend) $($answer.IsElevated)" | Should -BeExactly 'Simulator True'
        $answer.ProcessId | Should -BeOfType [int]
        Test-ProcessAlive $answer.ProcessId | Should -BeTrue
        $answer.UptimeSeconds | Should -BeOfType [int]
        $answer.UptimeSeconds | Should -BeGreaterOrEqual 0
        $answer.NodeVersion | Should -Match '^\d+\.\d+\.\d+$'
        (Get-PortReservationHost).ProcessId | Should -Be $answer.ProcessId
    }
}

Describe 'the host' {
    BeforeEach { Reset-Simulator }

    It 'importing starts no process' {
        Import-TestModule
        (Get-ModuleSession).Connection | Should -Be $null
        (Get-ModuleSession).ExitSubscriber | Should -Be $null
    }

    It 'the end of the session is listened for as soon as something ends with the host: <Name>' -ForEach @(
        @{ Name = 'a runtime reservation'; Make = { New-PortReservation -Kind Runtime } }
        @{ Name = 'a row of one'; Make = { [pscustomobject]@{ NumberOfPorts = '2'; StartPort = '5000'; Kind = 'runtime' } | New-PortReservation } }
        @{ Name = 'a socket'; Make = { New-PortReservation -StartPort 5000 | Invoke-AssociatedBind } }
    ) {
        Import-TestModule
        $null = New-PortReservation -StartPort 6000
        (Get-ModuleSession).ExitSubscriber | Should -Be $null -Because 'a persistent reservation stays'
        $null = & $Make
        (Get-ModuleSession).ExitSubscriber | Should -Not -Be $null
    }

    It 'a killed host is HostUnavailable once; then a new one works' {
        $persistent = New-PortReservation -StartPort 5000
        $runtime = New-PortReservation -Kind Runtime -NumberOfPorts 2
        $bind = $runtime | Invoke-AssociatedBind -Listen
        $first = (Get-PortReservationHost).ProcessId
        (Get-Process -Id $first).Kill()
        Wait-Until { -not (Test-ProcessAlive $first) } 'the end of the host'
        $bind.State | Should -BeExactly 'Closed' -Because 'the host is gone, though nobody has noticed'
        $failure = { Get-PortReservation } | Should -WriteError -PassThru
        $failure | Should -BeCmdletError -ErrorId 'HostUnavailable,Get-PortReservation' -Category ConnectionError
        $failure.Exception.Message | Should -Match "$first"
        $second = (Get-PortReservationHost).ProcessId
        $second | Should -Not -Be $first
        "$(Get-PortReservation)" | Should -BeExactly "$persistent" -Because 'that is left'
        $bind.State | Should -BeExactly 'Closed'
        $bind | Close-AssociatedBind
        # Even when the same block is reserved again, the old object is not the new reservation.
        $again = New-PortReservation -Kind Runtime -StartPort $runtime.StartPort -NumberOfPorts 2
        $failure = { $runtime | Invoke-AssociatedBind } | Should -WriteError -PassThru
        $failure | Should -BeCmdletError -ErrorId 'TokenNotValid,Invoke-AssociatedBind' -Category InvalidArgument
        { $runtime | Remove-PortReservation } | Should -WriteError -ErrorId 'TokenNotValid,Remove-PortReservation'
        Get-PortReservation -Kind Runtime | Should -HaveCount 1
        $again | Remove-PortReservation
        ($persistent | Invoke-AssociatedBind).State | Should -BeExactly 'Bound' -Because 'a persistent reservation outlives its host'
    }

    It 'a host that dies during a batch is an error for each of its items, and the next ones are done' {
        $null = Get-PortReservationHost
        $session = Get-ModuleSession
        $items = 1..100 | ForEach-Object {
            if ($_ -eq 30) { $session.Connection.Process.Kill(); $null = $session.Connection.Process.WaitForExit(60000) }
            [pscustomobject]@{ StartPort = 5000 + $_ }
        } | New-PortReservation -ErrorAction Continue 2>&1
        $lost = @($items | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
        $items | Should -HaveCount 100
        $lost.FullyQualifiedErrorId | Select-Object -Unique | Should -BeExactly 'HostUnavailable,New-PortReservation'
        $lost.Count | Should -BeLessThan 100 -Because 'some are done'
        Get-PortReservation | Should -HaveCount (100 - $lost.Count) -Because 'those without an error are reserved'
        $lost[0].TargetObject.StartPort | Should -BeGreaterThan 5000
    }

    It 'a host that answers out of step is ended' {
        $null = Get-PortReservationHost
        $connection = (Get-ModuleSession).Connection
        # A line that is no request is answered all the same.
        Write-HostLine $connection 'this is no JSON'
        $failure = { Get-PortReservation } | Should -WriteError -ErrorId 'HostUnavailable,Get-PortReservation' -PassThru
        Wait-Until { -not (Test-ProcessAlive $connection.ProcessId) } 'the end of the host'
        Get-PortReservation | Should -HaveCount 0 -Because 'the next cmdlet has another host'
    }

    It 'a host that <Name> is ended, and the error says so on one line' -ForEach @(
        @{ Name = 'fails'; Does = 'throw new Error("the last words")'; Says = 'Error: the last words' }
        @{ Name = 'answers what is no row'; Does = 'console.log(`a${id}\tx\u001b[31m\u202e`)'; Says = 'belongs to no request' }
    ) {
        $folder = New-TestFolder
        $path = Copy-Module $folder
        $script = @(& (Get-Module PortReservation) { Find-HostScript })[0].Replace((Split-Path $ModulePath), $folder)
        $version = (Get-Module PortReservation).Version
        try {
            # It greets, and fails at the first request.
            [System.IO.File]::WriteAllText($script, @"
const { createInterface } = require('node:readline');
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (method === 'initialize') console.log(['a' + id, 's', '$version'].join('\t'));
  else $Does;
});
"@)
            Import-TestModule $path
            $failure = { Get-PortReservation } | Should -WriteError -PassThru
            $failure | Should -BeCmdletError -ErrorId 'HostUnavailable,Get-PortReservation' -Category ConnectionError
            $failure.Exception.Message | Should -Match $Says
            $failure.Exception.Message | Should -Not -Match '[\p{Cc}\p{Cf}]'
        } finally {
            Import-TestModule
        }
    }

    It 'is sent no line before the one before it is written, though it may have been answered' {
        $null = Get-PortReservationHost
        $session = Get-ModuleSession
        $id = $session.Connection.ProcessId
        # In the place of the task that .NET has for a line on its way.
        $written = [System.Threading.Tasks.Task]::Delay(500)
        $session.Connection['Writing'] = $written
        (Get-PortReservationHost).ProcessId | Should -Be $id
        $written.IsCompleted | Should -BeTrue
    }

    It 'a host that is silent is ended after the limit' -Tag Unix {
        if ($IsOnWindows) { Set-ItResult -Skipped -Because 'no SIGSTOP on Windows' }
        $null = Get-PortReservationHost
        $id = (Get-ModuleSession).Connection.ProcessId
        & (Get-Module PortReservation) { $script:AnswerMargin = 300; $script:DefaultTimeout = 200 }
        try {
            kill -STOP $id
            $failure = { Get-PortReservation } | Should -WriteError -PassThru
            $failure | Should -BeCmdletError -ErrorId 'HostUnavailable,Get-PortReservation' -Category ConnectionError
            $failure.Exception.Message | Should -Match 'did not answer in time'
            Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
        } finally {
            Import-TestModule
        }
    }

    It 'removing the module ends the host, and closes its binds' {
        $bind = New-PortReservation -Kind Runtime | Invoke-AssociatedBind
        $id = $bind.OwningProcess
        $subscribers = @(Get-EventSubscriber -Force).Count
        Remove-Module PortReservation
        Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
        $bind.State | Should -BeExactly 'Closed'
        Get-EventSubscriber -Force | Should -HaveCount ($subscribers - 1)
        Import-TestModule
        Get-PortReservation | Should -HaveCount 0 -Because 'runtime reservations end with their host'
    }

    It 'removing the module while a cmdlet runs ends that one with an error, and it leaves no host: <Name>' -ForEach @(
        @{ Name = 'before the pipe'; Left = '5000'; Run = { 5000, 5001, 5002 | ForEach-Object { if ($_ -eq 5001) { & $remove }; $_ } | New-PortReservation | ForEach-Object { $given.Add($_.StartPort) } } }
        @{ Name = 'behind the pipe'; Left = '5000'; Run = { 5000, 5001 | New-PortReservation -Kind Exclusion | ForEach-Object { $given.Add($_.StartPort); & $remove } } }
        @{ Name = 'a command that was kept'; Left = ''; Run = { $kept = Get-Command New-PortReservation; & $remove; & $kept 5000 -Kind Runtime } }
    ) {
        $given = [System.Collections.Generic.List[int]]::new()
        # Without the subscriber of a test before.
        Import-TestModule
        $session = Get-ModuleSession
        $subscribers = @(Get-EventSubscriber -Force).Count
        $remove = { Remove-Module PortReservation }
        try {
            $failure = $Run | Should -Throw -ErrorId 'HostUnavailable,New-PortReservation' -PassThru
            $failure.Exception.Message | Should -Match '^The module PortReservation is not loaded any more'
            $session.Connection | Should -Be $null
            Get-EventSubscriber -Force | Should -HaveCount $subscribers
        } finally {
            Import-TestModule
        }
        "$given" | Should -BeExactly $Left
        "$(Get-PortReservation | ForEach-Object StartPort)" | Should -BeExactly $Left
    }

    It 'an ended host leaves no handle of its process, and its binds are closed all the same' {
        $bind = New-PortReservation -Kind Runtime | Invoke-AssociatedBind
        $connection = (Get-ModuleSession).Connection
        & (Get-Module PortReservation) { Stop-HostProcess; Stop-Connection $args[0] 0 } $connection
        $failure = { $connection.Process.get_HasExited() } | Should -Throw -PassThru
        $failure.Exception.GetBaseException() | Should -BeOfType [System.InvalidOperationException] -Because 'there is no process any more'
        $bind.State | Should -BeExactly 'Closed'
        $bind | Close-AssociatedBind
        (Get-PortReservationHost).ProcessId | Should -Not -Be $connection.ProcessId
        $bind.State | Should -BeExactly 'Closed'
    }

    It 'what had succeeded just before Ctrl+C is taken back' {
        $older = New-PortReservation -StartPort 5010 -Kind Runtime -NumberOfPorts 2
        & (Get-Module PortReservation) {
            $connection = $script:Session.Connection
            $sent = @(
                , @('reservation.create', @{ kind = 'Persistent'; protocols = 'Tcp', 'Udp'; startPort = 5000; numberOfPorts = 2 }, 'first')
                , @('reservation.create', @{ kind = 'Exclusion'; protocols = @('Tcp'); startPort = 5005; numberOfPorts = 1 }, 'second')
                , @('reservation.create', @{ kind = 'Runtime'; protocols = @('Tcp'); startPort = 5010; numberOfPorts = 2; ifNotExists = $true }, 'third')
                , @('bind.create', @{ protocol = 'Tcp'; startPort = 5010; numberOfPorts = 2; timeout = 30000 }, 'fourth')
            )
            $requests = foreach ($one in $sent) { '"method":"' + $one[0] + '","params":' + (ConvertTo-RequestValue $one[1]) }
            $id = $connection.NextId
            Send-Line $connection (Join-Request $connection $requests)
            $null = $connection.Pending.Wait(60000)
            Undo-Request $connection $sent $id $null 0 @{}
        }
        Get-PortReservation | ForEach-Object { "$_" } | Should -BeExactly "$older" -Because 'that is left'
        $older | Invoke-AssociatedBind -Count 2 | Should -HaveCount 2 -Because 'both ports can be bound'
    }

    It 'the end of a session ends its host' {
        $id = [int](Invoke-Shell "$(Get-ImportLine) (New-PortReservation -Kind Runtime).OwningProcess; exit")
        Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
    }

    It 'the end of a runspace ends its host, also while the session goes on' {
        $shell = [powershell]::Create()
        $null = $shell.AddScript((Get-ImportLine) + '(New-PortReservation -Kind Runtime).OwningProcess')
        $id = $shell.Invoke()[0]
        Get-PortReservation | Should -HaveCount 1 -Because 'the runspace has a block'
        $shell.Runspace.Close()
        $shell.Dispose()
        Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
        Get-PortReservation | Should -HaveCount 0 -Because 'nothing of it is left'
    }

    It 'killing a session ends its host' {
        $process = Start-Shell "$(Get-ImportLine) [Console]::Out.WriteLine((New-PortReservation -Kind Runtime -NumberOfPorts 2).OwningProcess); Start-Sleep 600"
        try {
            $id = [int]$process.StandardOutput.ReadLine()
            Test-ProcessAlive $id | Should -BeTrue -Because 'the host lives'
            Get-PortReservation -Kind System | Should -HaveCount 1 -Because 'the other session has a block'
            $process.Kill()
            Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
            Get-PortReservation | Should -HaveCount 0
        } finally {
            if (-not $process.HasExited) { $process.Kill() }
            $process.Dispose()
        }
    }

    It 'the host gets nothing of the session''s environment' {
        $variables = @{ NODE_OPTIONS = '--require=./does-not-exist.cjs'; NODE_PATH = 'x'; PORTSIM_ELEVATED = '0'; PORTSIM_STATE = 'x' }
        foreach ($name in $variables.Keys) { [System.Environment]::SetEnvironmentVariable($name, $variables[$name]) }
        try {
            $answer = Get-PortReservationHost
            $answer.IsElevated | Should -Be $true
            if (-not $IsOnWindows -and (Test-Path "/proc/$($answer.ProcessId)/environ")) { (Get-Item "/proc/$($answer.ProcessId)/environ").OpenText().ReadToEnd() | Should -Be '' }
        } finally {
            foreach ($name in $variables.Keys) { [System.Environment]::SetEnvironmentVariable($name, $null) }
        }
    }

    It 'two sessions have two hosts, and see each other''s blocks' {
        $mine = New-PortReservation -Kind Runtime -NumberOfPorts 2
        $said = @(Invoke-Shell "$(Get-ImportLine) Get-PortReservation | ForEach-Object { `"`$_`" }; New-PortReservation -StartPort 5000 | ForEach-Object { `"`$_`" }; (Get-PortReservationHost).ProcessId")
        $said[0] | Should -BeExactly "Tcp $($mine.StartPort)-$($mine.EndPort) (System)"
        $said[2] | Should -Not -Be $mine.OwningProcess
        "$(Get-PortReservation -StartPort 5000)" | Should -BeExactly $said[1]
    }

    It 'is one, also where an event action needs it while the first cmdlet starts it' {
        $timer = [System.Timers.Timer]::new(2)
        $timer.AutoReset = $false
        $data = @{ Timer = $timer; Going = $false; Hosts = [System.Collections.Generic.HashSet[int]]::new() }
        $subscription = Register-ObjectEvent -InputObject $timer -EventName Elapsed -MessageData $data -Action {
            $data = $Event.MessageData
            try { $null = $data.Hosts.Add((Get-PortReservationHost).ProcessId) } catch { $null = $_ }
            if ($data.Going) { $data.Timer.Start() }
        }
        try {
            for ($round = 1; $round -le 6; $round++) {
                & (Get-Module PortReservation) { Stop-HostProcess }
                $data.Hosts.Clear()
                $data.Going = $true
                $timer.Start()
                $process = (New-PortReservation -Kind Runtime).OwningProcess
                $data.Going = $false
                $timer.Stop()
                $null = $data.Hosts.Add((Get-PortReservationHost).ProcessId)
                @($data.Hosts) | Should -BeExactly $process
            }
        } finally {
            $data.Going = $false
            $timer.Stop()
            Remove-Job $subscription -Force
        }
    }

    It 'a busy host is not spoken to twice' {
        $null = Get-PortReservationHost
        (Get-ModuleSession).Connection.Busy = $true
        { Get-PortReservation } | Should -Throw -ErrorId 'HostUnavailable,Get-PortReservation'
        (Get-ModuleSession).Connection.Busy = $false
        Get-PortReservation | Should -HaveCount 0
    }
}
