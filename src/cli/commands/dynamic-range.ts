import type { Argv, CommandModule } from 'yargs';
import type { Protocol } from '../../blocks.js';
import type { DynamicPortRangeSetting } from '../../reservations/dynamic-port-range.js';
import { bothProtocolsOption, countOption, integer, open, protocolOption, single, withoutDefault } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { printJson, printTable } from '../output.js';
import { onInterrupt } from '../signals.js';

interface Arguments extends GlobalArguments {
  protocol: Protocol[];
}

interface SetArguments extends GlobalArguments {
  protocol: Protocol[];
  start: number;
  count: number;
}

const setCommand = {
  command: 'set',
  describe: 'Change the dynamic range of a protocol, for IPv4 and IPv6, through restarts; needs an elevated administrator',
  builder: (argv: Argv<GlobalArguments>) => argv
    .option('protocol', { ...withoutDefault(protocolOption), defaultDescription: undefined, demandOption: true })
    .option('start', {
      string: true, alias: 'start-port', requiresArg: true, demandOption: true, describe: 'First port, 1025 or more',
      coerce: single('start', (value) => integer('start', value)),
    })
    .option('count', { ...countOption, demandOption: true, describe: 'How many ports, 255 or more' })
    .example('$0 dynamic-range set --protocol tcp,udp --start 49152 --count 16384', 'Windows\' default'),
  handler: async (args: SetArguments) => {
    const { protocol: protocols, start: startPort, count: numberOfPorts } = args;
    using reservations = open(args);
    using interrupt = onInterrupt(args.json, 'waiting until the range is changed as a whole');
    print(await reservations.setDynamicPortRange({ protocols, startPort, numberOfPorts, signal: interrupt.signal }), args.json);
  },
} satisfies CommandModule<GlobalArguments, SetArguments>;

export const dynamicRangeCommand = {
  builder: (argv: Argv<GlobalArguments>) => argv
    .command(setCommand)
    .option('protocol', { ...bothProtocolsOption, global: false })
    .example('$0 dynamic-range', 'the range of each protocol and family, and whether it is Windows\' default'),
  handler: async (args: Arguments) => {
    using reservations = open(args);
    print(await reservations.getDynamicPortRanges(args.protocol), args.json);
  },
} satisfies CommandModule<GlobalArguments, Arguments>;

function print(ranges: readonly DynamicPortRangeSetting[], json: boolean): void {
  if (json) return printJson(ranges);
  printTable(['PROTOCOL', 'FAMILY', 'START', 'END', 'PORTS', 'DEFAULT'], ranges.map((range) =>
    [range.protocol, range.addressFamily, range.startPort, range.endPort, range.numberOfPorts, range.isDefault ? 'yes' : 'no'].map(String)));
}
