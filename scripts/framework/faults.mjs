// What Windows PowerShell 5.1 does not have, as scripts would say it, and what only looks so: a check that finds none of them is none.

/** Each is a function of one line; `found` is what must be said of it. */
const FAULTS = [
  { code: '[System.Text.Rune]::new(1)', found: 'there is no such type' },
  { code: '[System.Collections.Generic.PriorityQueue[int, string]]::new()', found: 'there is no such type' },
  { code: '[semver]"1.0.0"', found: 'there is no such type' },
  { code: '[ushort]1', found: 'there is no such type' },
  { code: 'param([ValidateNotNullOrWhiteSpace()]$Name) $Name', found: 'there is no such type' },
  { code: 'try { 1 } catch [System.Text.Json.JsonException] { 2 }', found: 'there is no such type' },
  { code: 'New-Object -TypeName System.Net.Http.SocketsHttpHandler', found: 'there is no such type' },
  { code: '[System.Net.Http.HttpClient]', found: 'there is no such type' },
  { code: '[System.OperatingSystem]::IsWindows()', found: 'System.OperatingSystem has no IsWindows with 0 arguments' },
  { code: '[System.IO.Path]::IsPathFullyQualified("a")', found: 'System.IO.Path has no IsPathFullyQualified' },
  { code: '[System.IO.Path]::GetFullPath("a", "b")', found: 'System.IO.Path has no GetFullPath with 2 arguments' },
  { code: '[System.Environment]::ProcessPath', found: 'System.Environment has no ProcessPath' },
  { code: '[System.Threading.CancellationTokenSource]::new(1, $args[0])', found: 'has no new with 2 arguments' },
  { code: '[System.IO.FileAttributes]::None', found: 'System.IO.FileAttributes has no None' },
  { code: '[System.IO.FileAttributes]"None"', found: 'System.IO.FileAttributes has no None' },
  { code: '[regex]::new("a", "NonBacktracking")', found: 'RegexOptions has no NonBacktracking' },
  { code: '[System.Diagnostics.ProcessStartInfo]@{ StandardInputEncoding = $null }', found: 'ProcessStartInfo has no StandardInputEncoding' },
  { code: 'param([System.Diagnostics.Process]$Process) $Process.Kill($true)', found: 'System.Diagnostics.Process has no Kill with 1 arguments' },
  { code: 'param($Process) $Process.Kill($true)', found: 'no type has Kill with 1 arguments' },
  { code: '[System.Diagnostics.Process]::GetCurrentProcess().Kill($true)', found: 'System.Diagnostics.Process has no Kill with 1 arguments' },
  { code: '$start = [System.Diagnostics.ProcessStartInfo]::new(); $start.ArgumentList.Add(1)', found: 'ProcessStartInfo has no ArgumentList' },
  { code: 'param($Task) $Task.IsCompletedSuccessfully', found: 'no type has IsCompletedSuccessfully' },
  { code: '"a".Contains("b", "Ordinal")', found: 'System.String has no Contains with 2 arguments' },
  { code: '"a, b".Split(", ")', found: 'System.String has no Split(System.String)' },
  { code: 'if ($PSVersionTable.PSEdition -eq \'Desktop\') { [System.Environment]::ProcessPath }', found: 'System.Environment has no ProcessPath' },
  { code: 'param([string]$Text) if ($PSVersionTable.PSEdition -eq \'Desktop\') { $Text.NotThere() }', found: 'System.String has no NotThere' },
  { code: '$args[0] -band [System.Security.AccessControl.AceFlags]::InheritOnly', found: 'cannot combine values of System.Security.AccessControl.AceFlags' },
  { code: '[System.Management.Automation.PSStyle]::Instance', found: 'there is no such type' },
];
const RIGHT = [
  'if ($PSVersionTable.PSEdition -ne \'Desktop\') { [System.OperatingSystem]::IsWindows() }',
  'if ($PSVersionTable.PSEdition -eq \'Desktop\') { 1 } else { [System.OperatingSystem]::IsWindows() }',
  'if ($PSVersionTable.PSEdition -eq \'Desktop\') { return 1 } [System.OperatingSystem]::IsWindows()',
  '"a b".Split(" ").Trim("a", "b"); [ordered]@{}; [System.Net.Sockets.SocketInformation]::new(); $args[0].OfOurOwn(1, 2)',
  '[int]$args[0] -band [System.Security.AccessControl.AceFlags]::InheritOnly; [System.IO.FileAttributes]::Hidden -bor [System.IO.FileAttributes]::System',
  '[System.IO.Path]::Combine("a", "b", "c", "d", "e"); [string]::Format("{0}{1}{2}{3}{4}", 1, 2, 3, 4, 5); [regex]::IsMatch("a", "b", "IgnoreCase, Singleline")',
];

/** A script with all of them, one in a line. */
export function plantedScript() {
  return [...FAULTS.map(({ code }) => code), ...RIGHT].map((code, index) => `function Test-Planted${index} { ${code} }\n`).join('');
}

/** What the uses of that script must have said, as further uses with faults of the check itself. */
export function judgePlanted(uses) {
  const said = (index) => uses.filter(({ line }) => line === index + 1).flatMap(({ faults }) => faults);
  return [
    ...FAULTS.map(({ code, found }, index) => [code, said(index).length === 1 && said(index)[0].includes(found) ? [] : [`it was to be found: ${found}; ${JSON.stringify(said(index))}`]]),
    ...RIGHT.map((code, index) => [code, said(FAULTS.length + index)]),
  ].map(([name, faults]) => ({ kind: 'planted', name, file: 'scripts/framework/faults.mjs', line: 1, faults }));
}
