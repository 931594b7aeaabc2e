import { writeFileSync } from 'node:fs';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { isJsonAsked } from '../start/json-asked.js';
import { VERSION } from '../version.js';
import { commandsFor } from './commands.js';
import { consoleWidth } from './console-width.js';
import { exitCodesHelp } from './exit-codes.js';
import { globalOptions } from './options.js';
import { outputLost, reportError } from './output.js';
import { checkArguments, invalidUsage, isCompletion, readArguments } from './usage.js';

/** The entry of the command line's bundle, which src/start/command-line.ts runs. */
const given = hideBin(process.argv);
const isJson = isJsonAsked(given);

process.stderr.on('error', () => {});
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that stops early, as in `| head`, is not an error; a full disk is.
  if (error.code !== 'EPIPE' && error.code !== 'EOF') process.exitCode = reportError(outputLost(error), isJson);
});
// To a file, Node.js writes as much as there is room for, and takes that for all. On a full disk half a list was written, with exit code 0.
if ((process.stdout as { _type?: string })._type === 'fs') {
  process.stdout._write = (chunk: Buffer, _encoding, done) => {
    try {
      writeFileSync(process.stdout.fd, chunk);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
}

void main().catch((error: unknown) => {
  // Nothing is written for a completion: it would appear in the middle of the line that is typed.
  if (!isCompletion(given)) process.exitCode = reportError(error, isJson);
});

async function main(): Promise<void> {
  const args = readArguments(given);
  await globalOptions(yargs(args))
    .scriptName('port-reservation')
    .usage('$0 <command>\n\nReserve ports on Windows, see who holds them, and bind sockets from a reservation.')
    .command(await commandsFor(args))
    .demandCommand(1, 'Specify a command')
    .strict()
    // Messages are English, whatever the environment says, so that logs have one language.
    .detectLocale(false)
    // An option that is given twice becomes an array, which is refused. There are no members (--kind.x), no negations (--no-kind), and no
    // second names: with --dryRun for --dry-run, `--dry-run --dryRun=false` made the changes.
    .parserConfiguration({
      'duplicate-arguments-array': true, 'greedy-arrays': false, 'dot-notation': false, 'boolean-negation': false, 'camel-case-expansion': false,
    })
    .check((parsed) => checkArguments(args, parsed))
    .version(VERSION)
    .wrap(consoleWidth())
    .epilogue(exitCodesHelp())
    .exitProcess(false)
    .fail((message: string | null, error: unknown, usage: object) => {
      // A YError comes from the coercion of an argument.
      throw error instanceof Error && error.name !== 'YError' ? error : invalidUsage(message, args, optionsOf(usage));
    })
    .parseAsync();
}

/** The names of the command's options, from what yargs passes along with a failure. */
function optionsOf(usage: { getDescriptions?: () => Readonly<Record<string, unknown>> }): string[] {
  return Object.keys(usage.getDescriptions?.() ?? {});
}
