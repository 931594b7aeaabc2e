import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { VERSION } from '../version.js';
import { commandsFor } from './commands.js';
import { consoleWidth } from './console-width.js';
import { EXIT_CODES_HELP } from './exit-codes.js';
import { globalOptions } from './options.js';
import { invalidUsage, outputLost, reportError } from './output.js';

/** Begin of the bundle of the command line, which src/start/command-line.ts runs. */
const args = hideBin(process.argv);

process.stderr.on('error', () => {});
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that stops early, as in `| head`, is not an error; a full disk is.
  if (error.code !== 'EPIPE' && error.code !== 'EOF') process.exitCode = reportError(outputLost(error), args.includes('--json'));
});

void main().catch((error: unknown) => {
  process.exitCode = reportError(error, args.includes('--json'));
});

async function main(): Promise<void> {
  await globalOptions(yargs(args))
    .scriptName('port-reservation')
    .usage('$0 <command>\n\nReserve ports on Windows, see who holds them, and bind sockets from a reservation.')
    .command(await commandsFor(args))
    .demandCommand(1, 'Specify a command')
    .recommendCommands()
    .strict()
    // Messages and logs are in one language, whatever the environment says.
    .detectLocale(false)
    // An option given twice is a mistake, not an array.
    .parserConfiguration({ 'duplicate-arguments-array': true, 'greedy-arrays': false })
    .version(VERSION)
    .wrap(consoleWidth())
    .epilogue(EXIT_CODES_HELP)
    .exitProcess(false)
    .fail((message: string | null, error: unknown) => {
      throw error instanceof Error ? error : invalidUsage(message);
    })
    .parseAsync();
}
