import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import type { Protocol } from '../../blocks.js';
import { invalid } from '../../errors.js';
import { open, protocolOption } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { printJson } from '../output.js';
import { writeReport } from '../report-file.js';

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
    .option('path', { type: 'string', requiresArg: true, describe: 'Write a report: a file that ends in .svg, .html or .htm' })
    .option('force', { type: 'boolean', default: false, describe: 'Replace the file when it is there' })
    .example('$0 map --path ports.html', 'a report to look at or to send'),
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    const { path, protocol: protocols, force, json } = args;
    if (path !== undefined) {
      const format = formatOf(path);
      using reservations = open(args);
      await writeReport(path, await reservations.renderMap({ protocols, format }), force);
      if (json) printJson({ path });
      return;
    }
    using reservations = open(args);
    const colour = process.stdout.isTTY && process.stdout.hasColors(256);
    process.stdout.write(await reservations.renderMap({ protocols, format: json ? 'json' : 'text', width: process.stdout.columns, colour }));
  },
} satisfies CommandModule<GlobalArguments, Arguments>;

function formatOf(path: string): 'svg' | 'html' {
  const extension = /\.(svg|html?)$/i.exec(path)?.[1]?.toLowerCase();
  if (extension === undefined) throw invalid('path', path, 'ends in .svg, .html or .htm');
  return extension === 'svg' ? 'svg' : 'html';
}
