import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import { toData } from '../../blocks.js';
import type { AddressFamily, Protocol, Store } from '../../blocks.js';
import type { OwnKind } from '../../port-reservations.js';
import {
  countOption, familyOption, integer, oneOf, open, OWN_KINDS, parsePorts, protocolOption, single, storeOption, timeoutOption,
} from '../options.js';
import type { GlobalArguments } from '../options.js';
import { holdUntilEnd, printReservations } from '../output.js';

interface Arguments extends GlobalArguments {
  ports: string | undefined;
  count: number | undefined;
  protocol: Protocol[];
  kind: OwnKind;
  from: number | undefined;
  store: Store | undefined;
  family: AddressFamily;
  'if-not-exists': boolean;
  'restart-winnat': boolean;
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
      alias: 'k', string: true, default: 'persistent', requiresArg: true, coerce: single('kind', oneOf('kind', OWN_KINDS)),
      describe: 'persistent: only associated sockets get its ports; runtime: the same, held until stdin ends or Ctrl+C; '
        + 'exclusion: out of the dynamic range, free for an explicit bind. All but runtime need an elevated administrator',
    })
    .option('from', {
      string: true, requiresArg: true, describe: 'Without ports: take the first free block upwards from here (default 20000)',
      coerce: single('from', (value) => integer('from', value)),
    })
    .option('store', { ...storeOption, describe: 'exclusion: persistent (default) survives a restart, active does not' })
    .option('family', { ...familyOption, describe: 'runtime: family of the acquiring socket, IPv4 or IPv6' })
    .option('if-not-exists', { type: 'boolean', default: false, describe: 'Succeed when exactly this block is reserved already' })
    .option('restart-winnat', { type: 'boolean', default: false, describe: 'When WinNAT holds a part of the block: stop the service, create, start it again' })
    .option('timeout', timeoutOption)
    .example('$0 create 5000-5019', 'reserve 20 TCP ports for good')
    .example('$0 create 5000 --protocol tcp,udp --if-not-exists', 'one port in both protocols, safe to run twice')
    .example('$0 create --count 10 --protocol tcp,udp', 'the first ten ports that are free in both')
    .example('$0 create 8080 --kind exclusion', 'keep 8080 free for a service that binds it by itself')
    .example('$0 create --kind runtime --count 10', 'ten ports of the system\'s choice, while the command runs'),
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    const { ports, count, kind, from, store, timeout, json } = args;
    const block = ports === undefined ? { numberOfPorts: count ?? 1 } : parsePorts(ports, count);
    using reservations = open(args);
    const made = await reservations.create({
      kind, protocols: args.protocol, ...block, from, store, addressFamily: args.family, ifNotExists: args['if-not-exists'],
      restartWinNat: args['restart-winnat'], timeout,
    });
    const ended = kind === 'runtime' ? holdUntilEnd() : undefined;
    printReservations(made.map(toData), json);
    await ended;
  },
} satisfies CommandModule<GlobalArguments, Arguments>;
