import type { Argv, CommandModule } from 'yargs';
import { readStdinText } from '../../block-files/source.js';
import { answer, answerExport, OPERATIONS } from '../../dsc/resource.js';
import type { Answer, Operation } from '../../dsc/resource.js';
import { parseFilter, parseInstance } from '../../dsc/instance.js';
import { RESOURCE_NAMES, SCHEMAS } from '../../dsc/schema.js';
import type { ResourceName } from '../../dsc/schema.js';
import { isPortReservationError } from '../../errors.js';
import { asciiJson } from '../../util/plain-text.js';
import { DEFAULT_VOICE } from '../../texts/text.js';
import { EXIT_CODES } from '../exit-codes.js';
import { open } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { printJson } from '../output.js';
import { onInterrupt } from '../signals.js';

interface Arguments extends GlobalArguments {
  resource: ResourceName;
  operation: Operation;
}

export const dscCommand = {
  builder: (argv: Argv<GlobalArguments>) => argv
    .positional('resource', { choices: RESOURCE_NAMES, demandOption: true, describe: 'Of PortReservation/' })
    .positional('operation', { choices: OPERATIONS, demandOption: true, describe: 'What DSC asks' }),
  handler: async (args: Arguments) => {
    try {
      const { lines, errors } = await answerOf(args);
      for (const line of lines) printJson(line);
      for (const error of errors) trace(`${error.message}. ${error.advice}`);
      // A failure is worse than what is another's.
      const [worst] = [...errors].sort((a, b) => Number(a.reason === 'PortInUse') - Number(b.reason === 'PortInUse'));
      if (worst && args.operation === 'set') process.exitCode = EXIT_CODES[worst.reason];
    } catch (error) {
      trace(isPortReservationError(error) ? `${error.message}. ${error.advice}` : String(error));
      process.exitCode = isPortReservationError(error) ? EXIT_CODES[error.reason] : EXIT_CODES.NativeError;
    }
  },
} satisfies CommandModule<GlobalArguments, Arguments>;

async function answerOf(args: Arguments): Promise<Answer> {
  const { resource, operation } = args;
  if (operation === 'schema') return { lines: [SCHEMAS[resource]], errors: [] };
  // The properties of a resource have the names of the library's members.
  const voice = DEFAULT_VOICE;
  if (operation === 'export') {
    // A person who tries it out has no filter to give.
    const filter = parseFilter(resource, process.stdin.isTTY ? '' : await readStdinText());
    using reservations = open(args, voice);
    return await answerExport(reservations, resource, filter);
  }
  const instance = parseInstance(resource, await readStdinText());
  using reservations = open(args, voice);
  // The service winnat is not left stopped, nor a block without its successor. Without a line for people: stderr is DSC's.
  using interrupt = operation === 'set' ? onInterrupt(true) : undefined;
  return await answer(reservations, operation, instance, interrupt?.signal);
}

/** A line of stderr as DSC understands it. */
function trace(error: string): void {
  process.stderr.write(`${asciiJson(JSON.stringify({ error }))}\n`);
}
