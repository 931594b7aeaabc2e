import type { Argv, CommandModule } from 'yargs';
import type { Protocol } from '../../blocks.js';
import { exportBlocks } from '../../desired-state/export.js';
import { asciiJson } from '../../util/plain-text.js';
import { bothProtocolsOption, open } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { printJson } from '../output.js';
import { writeReport } from '../report-file.js';

interface Arguments extends GlobalArguments {
  file: string | undefined;
  protocol: Protocol[];
  force: boolean;
}

export const exportCommand = {
  builder: (argv: Argv<GlobalArguments>) => argv
    .positional('file', { type: 'string', describe: 'The new file (default: stdout)' })
    .option('protocol', bothProtocolsOption)
    .option('force', { type: 'boolean', default: false, describe: 'Replace the file if it exists' })
    .example('$0 export ports.json', 'what another machine can be brought to'),
  handler: async ({ file, protocol, force, json, ...args }: Arguments) => {
    using reservations = open({ ...args, json });
    const document = await exportBlocks(reservations, protocol);
    const text = `${asciiJson(JSON.stringify(document, null, 2))}\n`;
    if (file !== undefined) writeReport('file', file, text, force);
    if (json) printJson(file === undefined ? document : { path: file, blocks: document.blocks.length });
    else if (file === undefined) process.stdout.write(text);
  },
} satisfies CommandModule<GlobalArguments, Arguments>;
