# The host's life, and what the module does when it ends.

Test 'Get-PortReservationHost tells what the host is' {
    $answer = Get-PortReservationHost
    Assert-Equal @($answer.PSObject.Properties.Name) @('ProcessId', 'NodeVersion', 'Backend', 'IsElevated', 'UptimeSeconds')
    Assert-Equal $answer.PSTypeNames[0] 'PortReservation.Host'
    Assert-Equal "$($answer.Backend) $($answer.IsElevated)" 'Simulator True'
    Assert-True ($answer.ProcessId -is [int] -and (Test-ProcessAlive $answer.ProcessId)) 'a living process'
    Assert-True ($answer.UptimeSeconds -is [int] -and $answer.UptimeSeconds -ge 0) 'the seconds'
    Assert-Match $answer.NodeVersion '^\d+\.\d+\.\d+$'
    Assert-Equal (Get-PortReservationHost).ProcessId $answer.ProcessId 'the same host'
}

Test 'importing starts no process' {
    Import-TestModule
    Assert-Equal (Get-ModuleSession).Connection $null
    Assert-Equal (Get-ModuleSession).ExitSubscriber $null
}

Test 'a killed host is HostUnavailable once; then a new one works' {
    $persistent = New-PortReservation -StartPort 5000
    $runtime = New-PortReservation -Kind Runtime -NumberOfPorts 2
    $bind = $runtime | Invoke-AssociatedBind -Listen
    $first = (Get-PortReservationHost).ProcessId
    (Get-Process -Id $first).Kill()
    Wait-Until { -not (Test-ProcessAlive $first) } 'the end of the host'
    Assert-Equal $bind.State 'Closed' 'the state before anybody has noticed'
    $failure = Get-Failure { Get-PortReservation }
    Assert-Failure $failure HostUnavailable ConnectionError Get-PortReservation $null $null
    Assert-Match $failure.Exception.Message "$first"
    $second = (Get-PortReservationHost).ProcessId
    Assert-True ($second -ne $first) 'another host'
    Assert-Equal "$(Get-PortReservation)" "$persistent" 'what is left'
    Assert-Equal $bind.State 'Closed'
    $bind | Close-AssociatedBind
    # Even when the same block is reserved again, the old object is not the new reservation.
    $again = New-PortReservation -Kind Runtime -StartPort $runtime.StartPort -NumberOfPorts 2
    $failure = Get-Failure { $runtime | Invoke-AssociatedBind }
    Assert-Failure $failure TokenNotValid InvalidArgument Invoke-AssociatedBind $null $null
    Assert-Equal (Get-Failure { $runtime | Remove-PortReservation }).FullyQualifiedErrorId 'TokenNotValid,Remove-PortReservation'
    Assert-Equal @(Get-PortReservation -Kind Runtime).Count 1
    $again | Remove-PortReservation
    Assert-Equal ($persistent | Invoke-AssociatedBind).State 'Bound' 'a persistent reservation after all this'
}

Test 'a host that dies during a batch is an error for each of its items, and the next ones are done' {
    $null = Get-PortReservationHost
    $session = Get-ModuleSession
    $items = 1..100 | ForEach-Object {
        if ($_ -eq 30) { $session.Connection.Process.Kill(); $null = $session.Connection.Process.WaitForExit(5000) }
        [pscustomobject]@{ StartPort = 5000 + $_ }
    } | New-PortReservation -ErrorAction Continue 2>&1
    $lost = @($items | Where-Object { $_ -is [System.Management.Automation.ErrorRecord] })
    Assert-Equal @($items).Count 100
    Assert-Equal @($lost.FullyQualifiedErrorId | Select-Object -Unique) @('HostUnavailable,New-PortReservation')
    Assert-True ($lost.Count -lt 100) 'some are done'
    Assert-Equal @(Get-PortReservation).Count (100 - $lost.Count) 'those without an error are reserved'
    Assert-True ($lost[0].TargetObject.StartPort -gt 5000) 'the block as TargetObject'
}

Test 'a host that answers out of step is ended' {
    $null = Get-PortReservationHost
    $connection = (Get-ModuleSession).Connection
    # A line that is no request is answered all the same.
    $bytes = [System.Text.Encoding]::UTF8.GetBytes("this is no JSON`n")
    $connection.Input.Write($bytes, 0, $bytes.Length)
    $connection.Input.Flush()
    $failure = Get-Failure { Get-PortReservation }
    Assert-Equal $failure.FullyQualifiedErrorId 'HostUnavailable,Get-PortReservation'
    Wait-Until { -not (Test-ProcessAlive $connection.ProcessId) } 'the end of the host'
    Assert-Equal @(Get-PortReservation).Count 0 'the next cmdlet'
}

Test 'the host''s last words are in the error' {
    $folder = New-TestFolder
    $path = Copy-Module $folder
    $script = @(& (Get-Module PortReservation) { Find-HostScript })[0].Replace((Split-Path $ModulePath), $folder)
    $version = (Get-Module PortReservation).Version
    try {
        # It greets, and fails at the first request.
        [System.IO.File]::WriteAllText($script, @"
import { createInterface } from 'node:readline';
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (method === 'initialize') console.log(JSON.stringify({ jsonrpc: '2.0', id, result: { version: '$version' } }));
  else throw new Error('the last words');
});
"@)
        Import-TestModule $path
        $failure = Get-Failure { Get-PortReservation }
        Assert-Failure $failure HostUnavailable ConnectionError Get-PortReservation $null $null
        Assert-Match $failure.Exception.Message 'Error: the last words'
    } finally {
        Import-TestModule
    }
}

Test 'a host that is silent is ended after the limit' {
    if ($script:IsOnWindows) { Skip 'no SIGSTOP on Windows' }
    $null = Get-PortReservationHost
    $id = (Get-ModuleSession).Connection.ProcessId
    & (Get-Module PortReservation) { $script:AnswerMargin = 300; $script:DefaultTimeout = 200 }
    try {
        kill -STOP $id
        $failure = Get-Failure { Get-PortReservation }
        Assert-Failure $failure HostUnavailable ConnectionError Get-PortReservation $null $null
        Assert-Match $failure.Exception.Message 'did not answer in time'
        Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
    } finally {
        Import-TestModule
    }
}

Test 'removing the module ends the host, and closes its binds' {
    $bind = New-PortReservation -Kind Runtime | Invoke-AssociatedBind
    $id = $bind.OwningProcess
    $subscribers = @(Get-EventSubscriber -Force).Count
    Remove-Module PortReservation
    Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
    Assert-Equal $bind.State 'Closed'
    Assert-Equal @(Get-EventSubscriber -Force).Count ($subscribers - 1) 'the event subscribers'
    Import-TestModule
    Assert-Equal @(Get-PortReservation).Count 0 'runtime reservations'
}

Test 'an ended host leaves no handle of its process, and its binds are closed all the same' {
    $bind = New-PortReservation -Kind Runtime | Invoke-AssociatedBind
    $connection = (Get-ModuleSession).Connection
    & (Get-Module PortReservation) { Stop-HostProcess; Stop-Connection $args[0] 0 } $connection
    $failure = Get-TerminatingFailure { $connection.Process.get_HasExited() }
    Assert-True ($failure.Exception.GetBaseException() -is [System.InvalidOperationException]) 'no process any more'
    Assert-Equal $bind.State 'Closed'
    $bind | Close-AssociatedBind
    Assert-True ((Get-PortReservationHost).ProcessId -ne $connection.ProcessId) 'another host'
    Assert-Equal $bind.State 'Closed'
}

Test 'what had succeeded just before Ctrl+C is taken back' {
    $older = New-PortReservation -StartPort 5010 -Kind Runtime -NumberOfPorts 2
    & (Get-Module PortReservation) {
        $connection = $script:Session.Connection
        $requests = [System.Collections.Generic.List[string]]@(
            '"method":"reservation.create","params":{"kind":"persistent","protocols":["tcp","udp"],"startPort":5000,"numberOfPorts":2}'
            '"method":"reservation.create","params":{"kind":"exclusion","protocols":["tcp"],"startPort":5005,"numberOfPorts":1}'
            '"method":"reservation.create","params":{"kind":"runtime","protocols":["tcp"],"startPort":5010,"numberOfPorts":2,"ifNotExists":true}'
            '"method":"bind.create","params":{"protocol":"tcp","startPort":5010,"numberOfPorts":2,"timeout":30000}'
        )
        $id = $connection.NextId
        $connection.NextId += 4
        $text = (0..3 | ForEach-Object { '{"jsonrpc":"2.0","id":' + ($id + $_) + ',' + $requests[$_] + '}' }) -join ','
        $bytes = [System.Text.Encoding]::UTF8.GetBytes("[$text]`n")
        $connection.Input.Write($bytes, 0, $bytes.Length)
        $connection.Input.Flush()
        $connection.Pending = $connection.Output.ReadLineAsync()
        $null = $connection.Pending.Wait(10000)
        Stop-HostRequest $connection $id $requests
    }
    Assert-Equal @(Get-PortReservation | ForEach-Object { "$_" }) @("$older") 'what is left'
    Assert-Equal @($older | Invoke-AssociatedBind -Count 2).Count 2 'the ports that can be bound'
}

Test 'the end of a session ends its host' {
    $id = [int](Invoke-Shell "$(Get-ImportLine) (New-PortReservation -Kind Runtime).OwningProcess; exit")
    Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
}

Test 'the end of a runspace ends its host, also while the session goes on' {
    $shell = [powershell]::Create()
    $null = $shell.AddScript((Get-ImportLine) + '(New-PortReservation -Kind Runtime).OwningProcess')
    $id = $shell.Invoke()[0]
    Assert-Equal @(Get-PortReservation).Count 1 'the block of the runspace'
    $shell.Runspace.Close()
    $shell.Dispose()
    Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
    Assert-Equal @(Get-PortReservation).Count 0 'what is left of it'
}

Test 'killing a session ends its host' {
    $process = Start-Shell "$(Get-ImportLine) [Console]::Out.WriteLine((New-PortReservation -Kind Runtime -NumberOfPorts 2).OwningProcess); Start-Sleep 60"
    try {
        $id = [int]$process.StandardOutput.ReadLine()
        Assert-True (Test-ProcessAlive $id) 'a living host'
        Assert-Equal @(Get-PortReservation -Kind System).Count 1 'the block of the other session'
        $process.Kill()
        Wait-Until { -not (Test-ProcessAlive $id) } 'the end of the host'
        Assert-Equal @(Get-PortReservation).Count 0
    } finally {
        if (-not $process.HasExited) { $process.Kill() }
        $process.Dispose()
    }
}

Test 'the host gets nothing of the session''s environment' {
    $variables = @{ NODE_OPTIONS = '--require=./does-not-exist.cjs'; NODE_PATH = 'x'; PORTSIM_ELEVATED = '0'; PORTSIM_STATE = 'x' }
    foreach ($name in $variables.Keys) { [System.Environment]::SetEnvironmentVariable($name, $variables[$name]) }
    try {
        $answer = Get-PortReservationHost
        Assert-Equal $answer.IsElevated $true
        if (Test-Path "/proc/$($answer.ProcessId)/environ") { Assert-Equal (Get-Item "/proc/$($answer.ProcessId)/environ").OpenText().ReadToEnd() '' 'the environment' }
    } finally {
        foreach ($name in $variables.Keys) { [System.Environment]::SetEnvironmentVariable($name, $null) }
    }
}

Test 'two sessions have two hosts, and see each other''s blocks' {
    $mine = New-PortReservation -Kind Runtime -NumberOfPorts 2
    $said = @(Invoke-Shell "$(Get-ImportLine) Get-PortReservation | ForEach-Object { `"`$_`" }; New-PortReservation -StartPort 5000 | ForEach-Object { `"`$_`" }; (Get-PortReservationHost).ProcessId")
    Assert-Equal $said[0] "Tcp $($mine.StartPort)-$($mine.EndPort) (System)"
    Assert-True ($said[2] -ne $mine.OwningProcess) 'another host'
    Assert-Equal "$(Get-PortReservation -StartPort 5000)" $said[1]
}

Test 'a busy host is not spoken to twice' {
    $null = Get-PortReservationHost
    (Get-ModuleSession).Connection.Busy = $true
    Assert-Equal (Get-TerminatingFailure { Get-PortReservation }).FullyQualifiedErrorId 'HostUnavailable,Get-PortReservation'
    (Get-ModuleSession).Connection.Busy = $false
    Assert-Equal @(Get-PortReservation).Count 0
}
