import type { Argv, CommandModule } from 'yargs';
import { checkDelimiter, readDesired } from '../../block-files/desired.js';
import { toChangeData } from '../../desired-state/change-data.js';
import type { AppliedChange, Plan, PlannedChange } from '../../desired-state/change.js';
import { parseRange } from '../../desired-state/ranges.js';
import type { PortReservations } from '../../port-reservations.js';
import { CHANGED_EXIT_CODE, EXIT_CODES } from '../exit-codes.js';
import { delimiterOption, open, textOnce } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { printJson, printTable, reportError } from '../output.js';
import { Progress } from '../progress.js';
import { onInterrupt } from '../signals.js';
import { mistake, VOICE } from '../voice.js';

interface Arguments extends GlobalArguments {
  file: string;
  delimiter: string | undefined;
  purge: boolean;
  within: string[] | undefined;
  previous: string | undefined;
  'dry-run': boolean;
  'restart-winnat': boolean;
}

export const applyCommand = {
  builder: (argv: Argv<GlobalArguments>) => argv
    .positional('file', {
      type: 'string', demandOption: true, coerce: fileOf,
      describe: 'JSON (schemas/blocks.schema.json, or what export writes) or CSV; - for stdin',
    })
    .option('delimiter', { ...delimiterOption, implies: undefined })
    .option('purge', { type: 'boolean', default: false, describe: 'Remove blocks that the file does not list; needs --within, --previous or both' })
    .option('within', {
      array: true, string: true, requiresArg: true, implies: 'purge',
      describe: 'Ports that belong to this file alone, such as 20000-39999 or udp:5000-5999: --purge reaches only what lies in them',
    })
    .option('previous', {
      string: true, requiresArg: true, implies: 'purge', coerce: textOnce('previous'),
      describe: 'The file that was applied before: --purge removes exactly its blocks',
    })
    .option('dry-run', { type: 'boolean', default: false, describe: 'Show what would be changed, and change nothing' })
    .option('restart-winnat', { type: 'boolean', default: false, describe: 'If WinNAT holds parts of blocks, stop its service once for all of them' })
    .example('$0 apply ports.json', 'make what is missing, replace what is wrong')
    .example('$0 apply ports.csv --purge --within 20000-39999', 'and remove what is not listed any more')
    .example('$0 apply ports.json --dry-run --json', 'for a monitor'),
  handler: async (args: Arguments) => {
    const { file, delimiter, purge, previous, json, 'dry-run': dryRun, 'restart-winnat': restartWinNat } = args;
    const within = args.within?.flatMap((value) => value.split(',')).map(parseRange);
    const list = await readDesired('file', file, { delimiter, stdin: true });
    const before = previous === undefined ? undefined : await readDesired('previous', previous, { delimiter });
    // The previous file may be of another format.
    checkDelimiter(delimiter, file, list.isTable || before?.isTable === true);
    using reservations = open(args);
    const plan = await reservations.plan(list.blocks, { purge, within, previous: before?.blocks, restartWinNat, placeOf: list.placeOf });
    const changes = dryRun ? plan.changes : await apply(reservations, plan, json);
    print(changes, json);
    process.exitCode = exitCodeOf(changes, dryRun);
  },
} satisfies CommandModule<GlobalArguments, Arguments>;

/** yargs makes an empty text of a lone `-`. An argument that is empty, as from an unset variable of a script, must not mean stdin. */
function fileOf(path: string): string {
  if (path !== '') return path;
  if (process.argv.includes('-') && !process.argv.includes('')) return '-';
  throw mistake('file', path, 'must be the path of a file, or - for stdin');
}

async function apply(reservations: PortReservations, plan: Plan, json: boolean): Promise<AppliedChange[]> {
  using interrupt = onInterrupt(json);
  using progress = new Progress({ total: plan.changes.length, text: 'blocks', json });
  return await reservations.apply(plan, { signal: interrupt.signal, onProgress: (done) => progress.update(done) });
}

function print(changes: readonly (PlannedChange | AppliedChange)[], json: boolean): void {
  const data = changes.map((change) => toChangeData(change, VOICE));
  if (json) printJson(data);
  else {
    const rows = data.map(({ change, changed, protocol, startPort, endPort, numberOfPorts, kind, store, reason, error }) =>
      [change, changed ? 'yes' : 'no', protocol, startPort, endPort, numberOfPorts, kind, store ?? '', error ? '' : reason ?? ''].map(String));
    printTable(['CHANGE', 'CHANGED', 'PROTOCOL', 'START', 'END', 'PORTS', 'KIND', 'STORE', 'REASON'], rows);
  }
  // An error that several blocks share is reported once.
  const errors = new Map(changes.flatMap(({ error }) => (error ? [[error.message, error] as const] : [])));
  for (const error of errors.values()) reportError(error, json);
}

/** A failure comes before a conflict, and that before a change. */
function exitCodeOf(changes: readonly (PlannedChange | AppliedChange)[], dryRun: boolean): number {
  const failure = changes.find(({ change, error }) => error && change !== 'conflict')?.error;
  if (failure) return EXIT_CODES[failure.reason];
  if (changes.some(({ change }) => change === 'conflict')) return EXIT_CODES.PortInUse;
  return changes.some((change) => ('changed' in change && change.changed) || (dryRun && change.change !== 'none')) ? CHANGED_EXIT_CODE : 0;
}
