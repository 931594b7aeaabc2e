import type { Argv, CommandModule } from 'yargs';
import { KINDS, toData } from '../../blocks.js';
import type { Kind, Protocol, Store } from '../../blocks.js';
import { kindOf } from '../../kinds/kinds.js';
import { bothProtocolsOption, integer, oneOf, open, storeOption } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { printReservations, warnNotRead } from '../output.js';

interface Arguments extends GlobalArguments {
  protocol: Protocol[];
  kind: Kind[] | undefined;
  port: number[] | undefined;
  store: Store | undefined;
}

/** What ends with its process is not of this one, which has just begun, and that of others is of kind system. */
const LISTED = KINDS.filter((kind) => !kindOf(kind).endsWithProcess);

export const listCommand = {
  builder: (argv: Argv<GlobalArguments>) => argv
    .option('protocol', bothProtocolsOption)
    .option('kind', {
      alias: 'k', array: true, string: true, requiresArg: true, describe: `Only these: ${LISTED.join(', ')}`,
      coerce: (values: string[] | undefined) => values?.flatMap((value) => value.split(',')).map(oneOf('kind', LISTED)),
    })
    .option('store', { ...storeOption, describe: 'active (default): blocks in force now; persistent: blocks in force after a restart' })
    .option('port', {
      array: true, string: true, requiresArg: true, describe: 'Only the blocks that contain one of these ports',
      coerce: (values: string[] | undefined) => values?.flatMap((value) => value.split(',')).map((value) => integer('port', value)),
    })
    .example('$0 list --port 50000 --json', 'whose block the port is in'),
  handler: async (args: Arguments) => {
    using reservations = open(args);
    const blocks = await reservations.list({
      protocols: args.protocol, kinds: args.kind, store: args.store, port: args.port, onNotRead: warnNotRead(args.json),
    });
    printReservations(blocks.map(toData), args.json);
  },
} satisfies CommandModule<GlobalArguments, Arguments>;
