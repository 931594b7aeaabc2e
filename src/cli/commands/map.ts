import type { Argv, CommandModule } from 'yargs';
import type { Protocol } from '../../blocks.js';
import { LARGEST_EXTENT } from '../../checks.js';
import { pictureOf } from '../../map/render.js';
import { consoleWidth } from '../console-width.js';
import { mistake } from '../voice.js';
import { bothProtocolsOption, open, textOnce } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { collectOrWarn, printJson, printJsonText } from '../output.js';
import { writeReport } from '../report-file.js';

interface Arguments extends GlobalArguments {
  protocol: Protocol[];
  path: string | undefined;
  force: boolean;
}

export const mapCommand = {
  builder: (argv: Argv<GlobalArguments>) => argv
    .option('protocol', bothProtocolsOption)
    .option('path', { string: true, requiresArg: true, coerce: textOnce('path'), describe: 'Write a report: a file that ends in .svg, .html or .htm' })
    .option('force', { type: 'boolean', default: false, describe: 'Replace the file if it exists' })
    .example('$0 map --path ports.html', 'a report to view or send'),
  handler: async (args: Arguments) => {
    const { path, protocol: protocols, force, json } = args;
    const format = formatOf(path, json);
    using reservations = open(args);
    const { isTTY, rows } = process.stdout;
    const color = isTTY && process.stdout.hasColors(256);
    const { notRead, onNotRead } = collectOrWarn(json);
    // A terminal that does not know its size has no rows.
    const height = isTTY && rows > 0 ? Math.min(rows, LARGEST_EXTENT) : undefined;
    const map = await reservations.renderMap({ protocols, format, width: consoleWidth(), height, color, onNotRead });
    if (path === undefined) {
      if (json) printJsonText(map);
      else process.stdout.write(map);
    } else {
      writeReport('path', path, map, force);
      if (json) printJson({ path, notRead });
    }
  },
} satisfies CommandModule<GlobalArguments, Arguments>;

function formatOf(path: string | undefined, json: boolean): 'svg' | 'html' | 'json' | 'text' {
  if (path === undefined) return json ? 'json' : 'text';
  const format = pictureOf(path);
  if (format === null) throw mistake('path', path, 'must end in .svg, .html or .htm');
  return format;
}
