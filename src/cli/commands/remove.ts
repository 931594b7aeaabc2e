import type { Argv, CommandModule } from 'yargs';
import { toData } from '../../blocks.js';
import { hasReason } from '../../errors.js';
import { eachBlock } from '../each-block.js';
import { readInput } from '../../block-files/desired.js';
import { LASTING_KINDS } from '../../desired-state/desired.js';
import type { DesiredBlock, LastingKind } from '../../desired-state/desired.js';
import { blocksOptions, oneOf, open, parsePortsList, single, storeOption } from '../options.js';
import type { BlocksArguments, GlobalArguments } from '../options.js';
import { onInterrupt } from '../signals.js';
import { mistake } from '../voice.js';

interface Arguments extends BlocksArguments {
  kind: LastingKind | undefined;
  'if-exists': boolean;
}

export const removeCommand = {
  builder: (argv: Argv<GlobalArguments>) => blocksOptions(argv, 'The exact blocks: first port, or a range such as 5000-5019')
    .option('kind', {
      alias: 'k', string: true, defaultDescription: 'persistent', requiresArg: true, describe: 'persistent or exclusion',
      coerce: single('kind', oneOf('kind', LASTING_KINDS)),
    })
    .option('store', { ...storeOption, describe: 'exclusion: persistent (default) removes it permanently, active until the next restart' })
    .option('if-exists', { type: 'boolean', default: false, describe: 'Succeed even if there is no such reservation' })
    .example('$0 remove --input ports.json --if-exists', 'what list --kind persistent,exclusion --json wrote')
    .example('$0 remove 5000-5019', 'give 20 TCP ports back'),
  handler: async (args: Arguments) => {
    const { ports, count, input, protocol: protocols = ['tcp'], kind = 'persistent', store } = args;
    if (input !== undefined) return removeEach(args, await readInput(input, args.delimiter));
    if (ports === undefined) throw mistake('ports', undefined, 'must be given, unless --input is');
    const blocks = parsePortsList(ports, count);
    await removeEach(args, blocks.flatMap((block) => protocols.map((protocol) => ({ protocol, ...block, kind, store }))));
  },
} satisfies CommandModule<GlobalArguments, Arguments>;

async function removeEach(args: Arguments, blocks: readonly DesiredBlock[]): Promise<void> {
  using reservations = open(args);
  using interrupt = onInterrupt(args.json);
  await eachBlock(blocks, { json: args.json, signal: interrupt.signal }, async ({ kind, store, ...block }) => {
    try {
      return [toData(await reservations.remove(kind, block, { store }))];
    } catch (error) {
      if (args['if-exists'] && hasReason(error, 'ReservationNotFound')) return [];
      throw error;
    }
  });
}
