import test from 'ava';
import { TCP, TCP_STATE, UDP } from '../helpers/knobs.js';
import { openLibrary } from '../helpers/library.js';
import { portsOf } from '../helpers/ports.js';

const { simulator, reservations } = await openLibrary(test);

const base = portsOf(import.meta.url);
const SYSTEM32 = 'C:\\Windows\\System32\\';

interface Case {
  readonly name: string;
  readonly protocol?: 'tcp' | 'udp';
  readonly port?: number;
  /** Path of the program, `''` for one that nobody may open. */
  readonly image: string;
  readonly processId?: number;
  readonly services?: readonly string[];
  /** First port of the dynamic range, which then holds the port. */
  readonly dynamicFrom?: number;
  readonly advice: RegExp;
}

const CASES: readonly Case[] = [
  { name: 'IP Helper', image: `${SYSTEM32}svchost.exe`, services: ['iphlpsvc'], advice: /iphlpsvc \(IP Helper\).*netsh interface portproxy show all/ },
  { name: 'Internet Connection Sharing', protocol: 'udp', port: 53, image: `${SYSTEM32}svchost.exe`, services: ['SharedAccess'], advice: /SharedAccess \(Internet Connection Sharing\).*Default Switch/ },
  { name: 'DNS Server', protocol: 'udp', image: `${SYSTEM32}dns.exe`, services: ['DNS'], advice: /DNS \(DNS Server\).*SocketPoolExcludedPortRanges/ },
  { name: 'the spooler', image: `${SYSTEM32}spoolsv.exe`, services: ['Spooler'], advice: /Spooler \(Print Spooler\)/ },
  { name: 'Remote Desktop', port: 3389, image: `${SYSTEM32}svchost.exe`, services: ['TermService'], advice: /TermService .*Remote Desktop/ },
  { name: 'a service of Windows that is not known here', image: `${SYSTEM32}svchost.exe`, services: ['SomeSvc'], advice: /The service SomeSvc in svchost\.exe.*Stop-Service 'SomeSvc'/ },
  { name: 'several services in one process', image: `${SYSTEM32}svchost.exe`, services: ['CryptSvc', 'Dnscache', 'NlaSvc'], advice: /One of the services CryptSvc, Dnscache \(DNS Client\) and NlaSvc in svchost\.exe.*netstat -abno/ },
  { name: 'the local security authority', image: `${SYSTEM32}lsass.exe`, services: ['KeyIso', 'SamSs'], advice: /KeyIso .*SamSs .*Windows needs them: take another port/ },
  { name: 'a process of Windows without services', image: `${SYSTEM32}wininit.exe`, advice: /A part of Windows, wininit\.exe.*must not be ended: take another port/ },
  { name: 'a svchost whose services are not known', image: `${SYSTEM32}svchost.exe`, advice: /tasklist \/svc \/fi "PID eq 5000"/ },
  { name: 'file sharing', port: 445, image: '', processId: 4, advice: /file sharing.*LanmanServer/ },
  { name: 'NetBIOS of TCP', port: 139, image: '', processId: 4, advice: /file sharing.*NetBIOS/ },
  { name: 'NetBIOS of UDP', protocol: 'udp', port: 137, image: '', processId: 4, advice: /file sharing.*NetBIOS/ },
  { name: 'http.sys', port: 80, image: '', processId: 4, advice: /http\.sys.*IIS.*"netsh http show servicestate"/ },
  { name: 'WinRM', port: 5985, image: '', processId: 4, advice: /WinRM.*"netsh http show servicestate"/ },
  { name: 'a driver', protocol: 'udp', port: 443, image: '', processId: 4, advice: /driver.*HTTP\/3/ },
  { name: 'RPC in a dynamic range that begins low', image: `${SYSTEM32}lsass.exe`, services: ['Netlogon'], dynamicFrom: base - 10, advice: new RegExp(`Netlogon.*begins low, at ${base - 10}.*setDynamicPortRange\\({ protocols: \\['tcp'\\], startPort: 49152, numberOfPorts: 16384 }\\)\\).*restart`) },
  { name: 'the spooler in a dynamic range that begins low', image: `${SYSTEM32}spoolsv.exe`, services: ['Spooler'], dynamicFrom: 1025, advice: /Spooler.*begins low, at 1025/ },
  { name: 'the service control manager in a dynamic range that begins low', image: `${SYSTEM32}services.exe`, dynamicFrom: 10_000, advice: /services\.exe.*begins low, at 10000/ },
  { name: 'a service of another maker', image: 'C:\\nginx\\nginx.exe', services: ['MSSQL$A'], advice: /The service MSSQL\$A in nginx\.exe \(process 5000\).*stop the service \(Stop-Service 'MSSQL\$A'\)/ },
  { name: 'a service with an apostrophe', image: 'C:\\a\\a.exe', services: ["It's"], advice: /The service It's in a\.exe.*Stop-Service 'It''s'\)/ },
  { name: 'Docker', image: 'C:\\Program Files\\Docker\\com.docker.backend.exe', advice: /container.*docker ps/ },
  { name: 'a program in WSL', image: 'C:\\Program Files\\WSL\\wslrelay.exe', advice: /program in WSL/ },
  { name: 'a program that nobody may open', image: '', advice: /^Process 5000, which Windows does not name, has the port: .*"PID eq 5000"/ },
  { name: 'a nameless process at a UDP port', protocol: 'udp', image: '', processId: 5010, advice: /^Process 5010, which Windows does not name, .*or take another port\.$/ },
  { name: 'a nameless process that hosts a service', protocol: 'udp', image: '', services: ['SharedAccess'], advice: /^The service SharedAccess \(Internet Connection Sharing\) in process 5000 has the port/ },
  { name: 'this process itself', image: 'C:\\a\\node.exe', processId: process.pid, advice: /^node\.exe \(process \d+\) is the process of this session: close its socket \(close\(\)\), or take another port\.$/ },
  { name: 'an ordinary program', image: 'C:\\a\\node.exe', advice: /^Stop node\.exe \(process 5000\), or use another port for one of the two programs\.$/ },
];

for (const { name, protocol = 'tcp', port = base, image, processId = 5000, services = [], dynamicFrom, advice } of CASES) {
  test.serial(`the advice fits the owner: ${name}`, async (t) => {
    simulator.knob('portsim_set_process', processId, image);
    for (const service of services) simulator.knob('portsim_add_service', service, processId);
    simulator.knob('portsim_add_endpoint', protocol === 'tcp' ? TCP : UDP, '0.0.0.0', port, protocol === 'tcp' ? TCP_STATE.listen : 0, processId);
    if (dynamicFrom !== undefined) simulator.knob('portsim_set_dynamic_range', TCP, dynamicFrom, 60_000 - dynamicFrom);
    const found = await reservations.explain(protocol, port);
    t.is(found.reason, 'InUse');
    t.regex(found.advice, advice);
    // No advice ever ends a process of Windows, nor does it have the sc of Windows PowerShell, which writes a file.
    t.notRegex(found.advice, /[Ss]top (a process|process|svchost|lsass|wininit|services|spoolsv|dns|System)|\bsc (?!\.exe)|the process \(/);
  });
}

test.serial('with several owners there is advice for each', async (t) => {
  simulator.knob('portsim_set_process', 5000, 'C:\\a\\one.exe');
  simulator.knob('portsim_set_process', 5001, 'C:\\b\\two.exe');
  simulator.knob('portsim_set_process', 5002, `${SYSTEM32}svchost.exe`);
  simulator.knob('portsim_add_service', 'iphlpsvc', 5002);
  simulator.knob('portsim_add_endpoint', TCP, '127.0.0.1', base, TCP_STATE.listen, 5000);
  simulator.knob('portsim_add_endpoint', TCP, '127.0.0.2', base, TCP_STATE.listen, 5001);
  simulator.knob('portsim_add_endpoint', TCP, '::1', base, TCP_STATE.listen, 5002);
  t.regex((await reservations.explain('tcp', base)).advice,
    /^Stop one\.exe \(process 5000\) and two\.exe \(process 5001\), or .*\. The service iphlpsvc .*\.$/);
});

test.serial('a block of WinNAT is taken back by an exclusion, not by a reservation', async (t) => {
  simulator.knob('portsim_add_system_block', TCP, base, 5, 1);
  simulator.knob('portsim_add_system_block', UDP, base, 5, 1);
  const tcp = await reservations.explain('tcp', base + 1);
  t.true(tcp.advice.includes(`(create({ kind: 'exclusion', protocols: ['tcp'], startPort: ${base + 1}, numberOfPorts: 1, restartWinNat: true }))`), tcp.advice);
  t.regex(tcp.advice, /With a reservation, .* still be refused/);
  t.regex((await reservations.explain('udp', base)).advice, /protocols: \['udp'\]/);
});

test.serial('a persistent reservation says how to make it an exclusion, and doing so lets the program bind', async (t) => {
  const block = { protocol: 'tcp', startPort: base, numberOfPorts: 5 } as const;
  reservations.createPersistent(block);
  const before = await reservations.explain('tcp', base + 2);
  t.false(before.canBind);
  t.true(before.advice.includes(`remove the reservation and create an exclusion instead `
    + `(create({ kind: 'exclusion', protocols: ['tcp'], startPort: ${base}, numberOfPorts: 5 }))`), before.advice);
  await reservations.remove('persistent', block);
  await reservations.create({ kind: 'exclusion', protocols: ['tcp'], startPort: base, numberOfPorts: 5 });
  t.like(await reservations.explain('tcp', base + 2), { canBind: true, reason: 'Exclusion' });
});

test.serial('an exclusion says what it does not do (R7b)', async (t) => {
  await reservations.create({ kind: 'exclusion', protocols: ['udp'], startPort: base, numberOfPorts: 2 });
  const { advice } = await reservations.explain('udp', base);
  t.regex(advice, /explicit bind works/);
  t.regex(advice, /containers .*QUIC servers, are refused by it \(rule R7b\)/);
  await t.throwsAsync(reservations.acquireRuntime({ protocol: 'udp', startPort: base, numberOfPorts: 1 }), { message: /WSAEADDRINUSE/ });
});

test.serial('a free port of the dynamic range is to be excluded', async (t) => {
  simulator.knob('portsim_set_dynamic_range', TCP, base, 100);
  t.regex((await reservations.explain('tcp', base)).advice, new RegExp(`exclude it \\(create\\({ kind: 'exclusion', protocols: \\['tcp'\\], startPort: ${base}, numberOfPorts: 1 }\\)\\)`));
});

test.serial('a connection that only keeps exclusive access from a port is no reason to stop its program', async (t) => {
  simulator.knob('portsim_set_process', 5000, 'C:\\a\\browser.exe');
  simulator.knob('portsim_add_endpoint', TCP, '10.0.0.1', base, TCP_STATE.established, 5000);
  t.notRegex((await reservations.explain('tcp', base)).advice, /[Ss]top/);
});

test.serial('the advice for a dynamic range that begins low, followed to the letter, gives Windows\' default', async (t) => {
  simulator.knob('portsim_set_dynamic_range', TCP, 1025, 13_977);
  simulator.knob('portsim_set_process', 5000, `${SYSTEM32}lsass.exe`);
  simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', 1030, TCP_STATE.listen, 5000);
  const [, startPort, numberOfPorts] = /startPort: (\d+), numberOfPorts: (\d+)/.exec((await reservations.explain('tcp', 1030)).advice) ?? [];
  await reservations.setDynamicPortRange({ protocols: ['tcp'], startPort: Number(startPort), numberOfPorts: Number(numberOfPorts) });
  t.true((await reservations.getDynamicPortRanges(['tcp'])).every(({ isDefault }) => isDefault));
});
