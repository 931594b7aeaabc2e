import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import { toData } from '../../blocks.js';
import type { Protocol, Reservation } from '../../blocks.js';
import { isPortReservationError } from '../../errors.js';
import { countOption, open, parsePorts, protocolOption } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { printReservations } from '../output.js';

interface Arguments extends GlobalArguments {
  ports: string;
  count: number | undefined;
  protocol: Protocol[];
  'if-exists': boolean;
}

export const removeCommand = {
  command: 'remove <ports>',
  describe: 'Delete a persistent reservation and show what was deleted',
  builder: (argv: Argv<GlobalArguments>) => argv
    .positional('ports', { type: 'string', demandOption: true, describe: 'Exactly the block: first port, or a range such as 5000-5019' })
    .option('count', countOption)
    .option('protocol', protocolOption)
    .option('if-exists', { type: 'boolean', default: false, describe: 'Succeed when there is no such reservation' })
    .example('$0 remove 5000-5019', 'give 20 TCP ports back'),
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    const block = parsePorts(args.ports, args.count);
    using reservations = open(args);
    const removed: Reservation[] = [];
    for (const protocol of args.protocol) {
      try {
        removed.push(await reservations.remove('persistent', { protocol, ...block }));
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
