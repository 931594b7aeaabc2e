import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import { toData } from '../../blocks.js';
import type { AddressFamily, Protocol } from '../../blocks.js';
import { invalid } from '../../errors.js';
import { countOption, familyOption, oneOf, open, parsePorts, protocolOption, single, timeoutOption } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { holdUntilEnd, printReservations } from '../output.js';

interface Arguments extends GlobalArguments {
  ports: string | undefined;
  count: number | undefined;
  protocol: Protocol[];
  kind: 'persistent' | 'runtime';
  family: AddressFamily;
  'if-not-exists': boolean;
  timeout: number;
}

export const createCommand = {
  command: 'create [ports]',
  describe: 'Reserve a block of ports',
  builder: (argv: Argv<GlobalArguments>) => argv
    .positional('ports', { type: 'string', describe: 'First port, or a range such as 5000-5019' })
    .option('count', countOption)
    .option('protocol', protocolOption)
    .option('kind', {
      alias: 'k', string: true, default: 'persistent', requiresArg: true, coerce: single('kind', oneOf('kind', ['persistent', 'runtime'])),
      describe: 'persistent: survives a restart, needs an elevated administrator; runtime: held until stdin ends or Ctrl+C',
    })
    .option('family', { ...familyOption, describe: 'runtime: family of the acquiring socket, IPv4 or IPv6' })
    .option('if-not-exists', { type: 'boolean', default: false, describe: 'Succeed when exactly this block is reserved already' })
    .option('timeout', timeoutOption)
    .example('$0 create 5000-5019', 'reserve 20 TCP ports for good')
    .example('$0 create 5000 --protocol tcp,udp --if-not-exists', 'one port in both protocols, safe to run twice')
    .example('$0 create --kind runtime --count 10', 'ten ports of the system\'s choice, while the command runs'),
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    const { ports, count, kind, timeout, json } = args;
    if (ports === undefined && kind === 'persistent') {
      throw invalid('ports', ports, 'is needed for a persistent reservation: only runtime ones have a wildcard (rule R2)');
    }
    const block = ports === undefined ? { numberOfPorts: count ?? 1 } : parsePorts(ports, count);
    using reservations = open(args);
    const made = await reservations.create({
      kind, protocols: args.protocol, ...block, addressFamily: args.family, ifNotExists: args['if-not-exists'], timeout,
    });
    printReservations(made.map(toData), json);
    if (kind === 'runtime') await holdUntilEnd();
  },
} satisfies CommandModule<GlobalArguments, Arguments>;
