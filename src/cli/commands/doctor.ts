import type { Argv, CommandModule } from 'yargs';
import { describeUser } from '../../diagnosis/findings.js';
import type { PortHealth } from '../../diagnosis/health.js';
import type { DynamicRangeUse } from '../../diagnosis/range-use.js';
import { FINDINGS_EXIT_CODE } from '../exit-codes.js';
import { open } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { printJson, printTable } from '../output.js';
import { VOICE } from '../voice.js';
import { say } from '../../texts/text.js';

interface Arguments extends GlobalArguments {
  quiet: boolean;
}

export const doctorCommand = {
  builder: (argv: Argv<GlobalArguments>) => argv
    .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'No output: only the exit code' })
    .example('$0 doctor --quiet || send-alert', 'for a monitor'),
  handler: async (args: Arguments) => {
    using reservations = open(args);
    const health = await reservations.measure();
    if (health.findings.some(({ severity }) => severity !== 'Information')) process.exitCode = FINDINGS_EXIT_CODE;
    if (args.quiet) return;
    if (args.json) printJson(health);
    else print(health);
  },
} satisfies CommandModule<GlobalArguments, Arguments>;

function print({ dynamicRanges, heldPorts, winNat, guestPorts, findings }: PortHealth): void {
  const write = (text: string) => process.stdout.write(`${text}\n`);
  if (dynamicRanges.length === 0) write('Dynamic ranges: not read');
  else printTable(['DYNAMIC RANGE', 'PORTS', 'DEFAULT', 'IN USE', 'HELD', 'FREE', 'USED', 'CONNECTIONS'], dynamicRanges.map((range) => [
    `${range.protocol} ${range.startPort}-${range.endPort}`, range.numberOfPorts, range.isDefault ? 'yes' : 'no',
    range.portsInUse, range.portsHeld, range.portsFree, `${range.percentUsed} %`, range.protocol === 'udp' ? '' : range.connections,
  ].map(String)));
  for (const range of dynamicRanges) writeUsers(write, range);
  if (heldPorts.length > 0) {
    write('');
    const rows = heldPorts.map(({ kind, protocol, blocks, ports }) => [kind, protocol, blocks, ports].map(String));
    printTable(['BLOCKS OF KIND', 'PROTOCOL', 'BLOCKS', 'PORTS'], rows);
  }
  write(`\nService winnat: ${winNat ?? 'not installed'}${guestPorts > 0 ? `; ports held for guests: ${guestPorts}` : ''}`);
  for (const { severity, name, text, advice } of findings) write(`\n${severity} ${name}: ${text}\n  ${advice}`);
  if (findings.every(({ severity }) => severity === 'Information')) write('\nNothing to do.');
}

function writeUsers(write: (text: string) => void, { protocol, processes }: DynamicRangeUse): void {
  if (processes.length === 0) return;
  write('');
  printTable([`PORTS OF THE ${protocol.toUpperCase()} RANGE`, 'CONNECTIONS', 'PROCESS'], processes.map((user) =>
    [user.ports, protocol === 'udp' ? '' : user.connections, say(describeUser(user), VOICE)].map(String)));
}
