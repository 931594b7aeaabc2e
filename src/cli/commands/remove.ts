import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import { toData } from '../../blocks.js';
import type { PortBlock, Protocol, ReservationData, Store } from '../../blocks.js';
import { isPortReservationError } from '../../errors.js';
import type { PortReservations } from '../../port-reservations.js';
import { eachBlock } from '../each-block.js';
import { readInput } from '../../block-files/input.js';
import type { DesiredBlock } from '../../desired-state/desired.js';
import { countOption, delimiterOption, inputOption, oneOf, open, orUndefined, parsePortsList, protocolOption, single, storeOption, withoutDefault } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { onInterrupt } from '../signals.js';
import { mistake } from '../voice.js';

type RemovableKind = 'persistent' | 'exclusion';

interface Arguments extends GlobalArguments {
  ports: string[] | undefined;
  count: number | undefined;
  input: string | undefined;
  delimiter: string | undefined;
  protocol: Protocol[] | undefined;
  kind: RemovableKind | undefined;
  store: Store | undefined;
  'if-exists': boolean;
}

export const removeCommand = {
  builder: (argv: Argv<GlobalArguments>) => argv
    .positional('ports', {
      type: 'string', array: true, coerce: orUndefined, describe: 'The exact blocks: first port, or a range such as 5000-5019',
    })
    .option('count', countOption)
    .option('input', inputOption)
    .option('delimiter', delimiterOption)
    .conflicts('input', ['ports', 'count', 'protocol', 'kind', 'store'])
    .option('protocol', withoutDefault(protocolOption))
    .option('kind', {
      alias: 'k', string: true, defaultDescription: 'persistent', requiresArg: true, describe: 'persistent or exclusion',
      coerce: single('kind', oneOf('kind', ['persistent', 'exclusion'])),
    })
    .option('store', { ...storeOption, describe: 'exclusion: persistent (default) removes it permanently, active until the next restart' })
    .option('if-exists', { type: 'boolean', default: false, describe: 'Succeed even if there is no such reservation' })
    .example('$0 remove --input ports.json --if-exists', 'what list --kind persistent,exclusion --json wrote')
    .example('$0 remove 5000-5019', 'give 20 TCP ports back'),
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    const { ports, count, input, protocol: protocols = ['tcp'], kind = 'persistent', store } = args;
    if (input !== undefined) return removeEach(args, await readInput(input, args.delimiter));
    if (ports === undefined) throw mistake('ports', undefined, 'must be given, unless --input is');
    const blocks = parsePortsList(ports, count, protocols);
    await removeEach(args, blocks.flatMap((block) => protocols.map((protocol) => ({ protocol, ...block, kind, store }))));
  },
} satisfies CommandModule<GlobalArguments, Arguments>;

async function removeEach(args: ArgumentsCamelCase<Arguments>, blocks: readonly DesiredBlock[]): Promise<void> {
  using reservations = open(args);
  using interrupt = onInterrupt({ mustFinish: false });
  await eachBlock(blocks, { text: 'blocks', json: args.json, signal: interrupt.signal },
    ({ kind, store, ...block }) => remove(reservations, args, kind, block, store));
}

/** The reservation that was removed; none if it did not exist and --if-exists is given. */
async function remove(reservations: PortReservations, args: ArgumentsCamelCase<Arguments>, kind: RemovableKind, block: PortBlock,
  store: Store | undefined): Promise<ReservationData[]> {
  try {
    return [toData(await reservations.remove(kind, block, { store }))];
  } catch (error) {
    if (args['if-exists'] && isPortReservationError(error) && error.reason === 'ReservationNotFound') return [];
    throw error;
  }
}
