import { writeFile } from 'node:fs/promises';
import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import type { Protocol } from '../../blocks.js';
import { invalid } from '../../errors.js';
import { open, protocolOption } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { printJson } from '../output.js';

interface Arguments extends GlobalArguments {
  protocol: Protocol[];
  path: string | undefined;
  force: boolean;
}

export const mapCommand = {
  command: 'map',
  describe: 'Show the 65,536 ports as a picture, in the console or as a file',
  builder: (argv: Argv<GlobalArguments>) => argv
    .option('protocol', { ...protocolOption, default: ['tcp', 'udp'] })
    .option('path', { type: 'string', requiresArg: true, describe: 'Write a report: a file that ends in .svg or .html' })
    .option('force', { type: 'boolean', default: false, describe: 'Replace the file when it is there' })
    .example('$0 map --path ports.html', 'a report to look at or to send'),
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    const { path, protocol: protocols, force, json } = args;
    const format = formatOf(path);
    using reservations = open(args);
    if (path === undefined || format === 'text') {
      const colour = process.stdout.isTTY && process.stdout.hasColors(256);
      process.stdout.write(await reservations.renderMap({ protocols, format: 'text', width: process.stdout.columns, colour }));
      return;
    }
    await writeFile(path, await reservations.renderMap({ protocols, format }), { flag: force ? 'w' : 'wx' }).catch((error: unknown) => {
      throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? invalid('path', path, 'is a new file; --force replaces an old one') : error;
    });
    if (json) printJson({ path });
  },
} satisfies CommandModule<GlobalArguments, Arguments>;

function formatOf(path: string | undefined): 'text' | 'svg' | 'html' {
  if (path === undefined) return 'text';
  const format = /\.(svg|html)$/i.exec(path)?.[1]?.toLowerCase();
  if (format !== 'svg' && format !== 'html') throw invalid('path', path, 'ends in .svg or .html');
  return format;
}
