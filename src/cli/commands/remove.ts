import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import { toData } from '../../blocks.js';
import type { Protocol, Reservation, Store } from '../../blocks.js';
import { isPortReservationError } from '../../errors.js';
import { countOption, oneOf, open, parsePorts, protocolOption, single, storeOption } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { printReservations } from '../output.js';

interface Arguments extends GlobalArguments {
  ports: string;
  count: number | undefined;
  protocol: Protocol[];
  kind: 'persistent' | 'exclusion';
  store: Store | undefined;
  'if-exists': boolean;
}

export const removeCommand = {
  command: 'remove <ports>',
  describe: 'Delete a persistent reservation or an exclusion and show what was deleted',
  builder: (argv: Argv<GlobalArguments>) => argv
    .positional('ports', { type: 'string', demandOption: true, describe: 'Exactly the block: first port, or a range such as 5000-5019' })
    .option('count', countOption)
    .option('protocol', protocolOption)
    .option('kind', {
      alias: 'k', string: true, default: 'persistent', requiresArg: true, describe: 'persistent or exclusion',
      coerce: single('kind', oneOf('kind', ['persistent', 'exclusion'])),
    })
    .option('store', { ...storeOption, describe: 'exclusion: persistent (default) removes it for good, active until the next restart' })
    .option('if-exists', { type: 'boolean', default: false, describe: 'Succeed when there is no such reservation' })
    .example('$0 remove 5000-5019', 'give 20 TCP ports back'),
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    const block = parsePorts(args.ports, args.count);
    using reservations = open(args);
    const removed: Reservation[] = [];
    for (const protocol of args.protocol) {
      try {
        removed.push(await reservations.remove(args.kind, { protocol, ...block }, { store: args.store }));
      } catch (error) {
        if (args['if-exists'] && isPortReservationError(error) && error.reason === 'ReservationNotFound') continue;
        // What is gone is told before the error that stops the rest.
        if (removed.length > 0) printReservations(removed.map(toData), args.json);
        throw error;
      }
    }
    printReservations(removed.map(toData), args.json);
  },
} satisfies CommandModule<GlobalArguments, Arguments>;
