import type { Argv, CommandModule } from 'yargs';
import { endPortOf } from '../../blocks.js';
import type { Protocol } from '../../blocks.js';
import { DEFAULT_FROM } from '../../reservations/free-block.js';
import { countOption, integer, open, protocolOption, single } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { collectOrWarn, printJson } from '../output.js';

interface Arguments extends GlobalArguments {
  count: number | undefined;
  from: number | undefined;
  protocol: Protocol[];
}

export const findCommand = {
  builder: (argv: Argv<GlobalArguments>) => argv
    .option('count', countOption)
    .option('from', {
      string: true, requiresArg: true, describe: `Search upwards from this port (default ${DEFAULT_FROM})`,
      coerce: single('from', (value) => integer('from', value)),
    })
    .option('protocol', protocolOption)
    .example('$0 find --count 10 --from 20000', 'the first of ten free ports'),
  handler: async (args: Arguments) => {
    const numberOfPorts = args.count ?? 1;
    using reservations = open(args);
    const { notRead, onNotRead } = collectOrWarn(args.json);
    const startPort = await reservations.findFree({ protocols: args.protocol, numberOfPorts, from: args.from, onNotRead });
    if (args.json) printJson({ protocols: args.protocol, startPort, endPort: endPortOf({ startPort, numberOfPorts }), numberOfPorts, notRead });
    else process.stdout.write(`${startPort}\n`);
  },
} satisfies CommandModule<GlobalArguments, Arguments>;
