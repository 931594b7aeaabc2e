import type { Argv, CommandModule } from 'yargs';
import { formatBlock, OWN_KINDS, sameBlock, toData } from '../../blocks.js';
import type { AddressFamily, OwnKind, ReservationData } from '../../blocks.js';
import { kindOf, ownKindOf } from '../../kinds/kinds.js';
import type { PortReservations } from '../../port-reservations.js';
import type { CreateRequest, WinNatStep } from '../../reservations/create-request.js';
import { DEFAULT_FROM } from '../../reservations/free-block.js';
import { eachBlock } from '../each-block.js';
import { readInput } from '../../block-files/desired.js';
import {
  addressFamilyOption, blocksOptions, integer, oneOf, open, parsePortsList, single, storeOption, timeoutOption, untilSignalOption, withoutDefault,
} from '../options.js';
import type { BlocksArguments, GlobalArguments } from '../options.js';
import { mistake } from '../voice.js';
import { printReservations } from '../output.js';
import { Progress } from '../progress.js';
import { holdUntilEnd, onInterrupt } from '../signals.js';

interface Arguments extends BlocksArguments {
  kind: OwnKind | undefined;
  from: number | undefined;
  'address-family': AddressFamily | undefined;
  'if-not-exists': boolean;
  'restart-winnat': boolean;
  timeout: number | undefined;
  'until-signal': boolean;
}

const STEPS: Readonly<Record<WinNatStep, { readonly done: number; readonly text: string }>> = {
  stopping: { done: 0, text: 'stopping winnat' }, creating: { done: 1, text: 'creating' }, starting: { done: 2, text: 'starting winnat' },
};

export const createCommand = {
  builder: (argv: Argv<GlobalArguments>) => blocksOptions(argv, 'Blocks: first port, or a range such as 5000-5019', ['from', 'address-family', 'timeout'])
    .option('kind', {
      alias: 'k', string: true, defaultDescription: 'persistent', requiresArg: true, coerce: single('kind', oneOf('kind', OWN_KINDS)),
      describe: 'persistent: only associated sockets get its ports; runtime: the same, until stdin ends or Ctrl+C; '
        + 'exclusion: never assigned by Windows, but free for an explicit bind. All but runtime need an elevated administrator',
    })
    .option('from', {
      string: true, requiresArg: true, describe: `Without ports: take the first free block from this port upwards (default ${DEFAULT_FROM})`,
      coerce: single('from', (value) => integer('from', value)),
    })
    .option('store', { ...storeOption, describe: 'exclusion: persistent (default) survives a restart, active does not' })
    .option('address-family', { ...withoutDefault(addressFamilyOption), describe: 'runtime: family of the acquiring socket, IPv4 or IPv6' })
    .option('if-not-exists', { type: 'boolean', default: false, describe: 'Succeed if exactly this block is reserved already, or an exclusion contains it' })
    .option('restart-winnat', {
      type: 'boolean', default: false, describe: 'If WinNAT holds a part of the block, stop its service, create, and start it again',
    })
    .option('timeout', withoutDefault(timeoutOption))
    .option('until-signal', untilSignalOption)
    .example('$0 create 5000-5019', 'reserve 20 TCP ports permanently')
    .example('$0 create 8080 9090 5000-5019', 'three blocks; one that fails does not stop the rest')
    .example('$0 create 5000 --protocol tcp,udp --if-not-exists', 'one port in both protocols, safe to run twice')
    .example('$0 create --count 10 --protocol tcp,udp', 'the first ten ports that are free in both')
    .example('$0 create 8080 --kind exclusion', 'keep 8080 free for a service that binds it itself')
    .example('$0 create --input ports.json --if-not-exists', 'what list --kind persistent,exclusion --json wrote elsewhere')
    .example('$0 create --kind runtime --count 10', 'ten ports that the system chooses, while the command runs'),
  handler: async (args: Arguments) => {
    const { ports = [], count, input, kind = 'persistent', json, protocol: protocols = ['tcp'] } = args;
    const { endsWithProcess } = kindOf(kind);
    // Whoever gives it takes the block for one that ends with the signal.
    if (args['until-signal'] && !endsWithProcess) throw mistake('until-signal', true, 'applies only to runtime reservations');
    if (input !== undefined) {
      const blocks = await readInput(input, args.delimiter);
      return createEach(args, blocks.map(({ protocol, ...block }) => ({ protocols: [protocol], ...block })));
    }
    const blocks = parsePortsList(ports, count);
    // Refused here, because the library's error would name milliseconds.
    if (args.timeout !== undefined && !endsWithProcess) throw mistake('timeout', args.timeout / 1000, 'applies only to runtime reservations');
    const options = { protocols, kind, from: args.from, store: args.store, addressFamily: args['address-family'], timeout: args.timeout };
    if (blocks.length > 1) return createEach(args, blocks.map((block) => ({ ...options, ...block })));
    using reservations = open(args);
    const made = await create(reservations, args, { ...options, ...blocks[0] ?? { numberOfPorts: count ?? 1 } });
    // Signals are heeded before anything is printed, because the reader may send one at once.
    const ended = hold(reservations, args);
    printReservations(made, json);
    await ended;
  },
} satisfies CommandModule<GlobalArguments, Arguments>;

/** How many blocks are made before Ctrl+C is looked for. */
const AT_ONCE = 100;

/** A reservation, and whether it was made now. */
type CreatedData = ReservationData & { readonly created: boolean };

async function create(reservations: PortReservations, args: Arguments, block: CreateRequest): Promise<CreatedData[]> {
  const { json, 'restart-winnat': restartWinNat } = args;
  using progress = restartWinNat ? new Progress({ total: Object.keys(STEPS).length, text: 'creating', json }) : undefined;
  // Ctrl+C between two protocols undoes the first, so that neither or both are made.
  using interrupt = onInterrupt(json, waitingFor(restartWinNat));
  const made = await createAndTell(reservations, json, {
    ...block, ifNotExists: args['if-not-exists'], restartWinNat,
    signal: interrupt.signal, onStep: (step) => progress?.update(STEPS[step].done, STEPS[step].text),
  });
  // A signal while winnat is started again undoes nothing. Whoever sent it sends no second one, to end what would be held.
  if (kindOf(block.kind).endsWithProcess) interrupt.signal.throwIfAborted();
  return made;
}

/** Tells of a larger exclusion that serves the request, so that nobody takes its ports for those that were asked for. */
async function createAndTell(reservations: PortReservations, json: boolean, request: CreateRequest): Promise<CreatedData[]> {
  const results = await reservations.createOrFind(request);
  const { startPort, numberOfPorts } = request;
  for (const { reservation: found, created } of results) {
    const asked = { protocol: found.protocol, startPort: startPort ?? found.startPort, numberOfPorts };
    if (created || json || sameBlock(asked, found)) continue;
    process.stderr.write(`port-reservation: ${formatBlock(asked)} is already in the exclusion ${formatBlock(found)}\n`);
  }
  return results.map(({ reservation, created }) => ({ ...toData(reservation), created }));
}

function waitingFor(restartWinNat: boolean): string | undefined {
  return restartWinNat ? 'waiting until the service winnat runs again' : undefined;
}

/** Several at a time, so that refusals share one reading of netsh. Only those that one call makes at once, so that they stay in order. */
function atOnce(blocks: readonly CreateRequest[]): number | undefined {
  const areMadeInOneCall = blocks.every(({ kind, protocols, startPort }) =>
    ownKindOf(kind).isMadeInOneCall && protocols.length === 1 && startPort !== undefined);
  return areMadeInOneCall ? AT_ONCE : undefined;
}

async function createEach(args: Arguments, blocks: readonly CreateRequest[]): Promise<void> {
  const { json, 'restart-winnat': restartWinNat } = args;
  using reservations = open(args);
  {
    using interrupt = onInterrupt(json, waitingFor(restartWinNat));
    const { signal } = interrupt;
    const together = restartWinNat ? blocks.length : atOnce(blocks);
    await eachBlock(blocks, { json, signal, together }, (block, say) => createAndTell(reservations, json, {
      ...block, ifNotExists: args['if-not-exists'], restartWinNat, signal, onStep: (step) => say(STEPS[step].text),
    }));
    // Whoever ends it sends no second signal.
    if (signal.aborted) return;
  }
  // Even if one failed, others may be in force.
  await hold(reservations, args);
}

/** If there are runtime reservations, which end with this process, holds them until it is told to end. */
async function hold({ runtimeReservations }: PortReservations, args: Arguments): Promise<void> {
  if (runtimeReservations.length > 0) await holdUntilEnd(args);
}
