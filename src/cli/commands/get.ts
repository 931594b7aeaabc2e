import type { Argv, CommandModule } from 'yargs';
import { toData } from '../../blocks.js';
import type { Protocol } from '../../blocks.js';
import { countOption, open, parsePortsList, protocolOption } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { printReservations } from '../output.js';

interface Arguments extends GlobalArguments {
  ports: string[];
  count: number | undefined;
  protocol: Protocol[];
}

export const getCommand = {
  builder: (argv: Argv<GlobalArguments>) => argv
    .positional('ports', { type: 'string', array: true, demandOption: true, describe: 'The exact blocks: first port, or a range such as 5000-5019' })
    .option('count', countOption)
    .option('protocol', protocolOption)
    .example('$0 get 5000-5019 --json', 'the current token, for WSAIoctl'),
  handler: (args: Arguments) => {
    const blocks = parsePortsList(args.ports, args.count);
    using reservations = open(args);
    const found = args.protocol.flatMap((protocol) => blocks.map((block) => reservations.lookupPersistent({ protocol, ...block })));
    printReservations(found.map(toData), args.json);
  },
} satisfies CommandModule<GlobalArguments, Arguments>;
