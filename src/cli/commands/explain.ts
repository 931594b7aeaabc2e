import type { Argv, CommandModule } from 'yargs';
import type { Ports, Protocol } from '../../blocks.js';
import { toExplanationData } from '../../diagnosis/explain.js';
import type { PortExplanation } from '../../diagnosis/explain.js';
import { EXIT_CODES } from '../exit-codes.js';
import { describeExplanation, EXPLANATION_HEADER, toExplanationRow } from '../explanations.js';
import { countOption, open, parsePortsList, protocolOption, textOnce } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { printJson, printLines, printTable, warnNotRead } from '../output.js';
import { Progress } from '../progress.js';

interface Arguments extends GlobalArguments {
  ports: string[];
  count: number | undefined;
  protocol: Protocol[];
  'local-address': string | undefined;
  quiet: boolean;
}

export const explainCommand = {
  builder: (argv: Argv<GlobalArguments>) => argv
    .positional('ports', { type: 'string', array: true, demandOption: true, describe: 'Ports, or ranges such as 8000-8100' })
    .option('count', countOption)
    .option('protocol', protocolOption)
    .option('local-address', {
      string: true, requiresArg: true, coerce: textOnce('local-address'),
      describe: 'Try this address alone, such as 127.0.0.1; 0.0.0.0 or :: for one family (default: all addresses of both)',
    })
    .option('quiet', { alias: 'q', type: 'boolean', default: false, describe: 'No output: only the exit code' })
    .example('$0 explain 50000', 'what to do about EACCES 10013')
    .example('$0 explain 80 443 8000-8100 --protocol tcp,udp', 'a table of 206 ports')
    .example('$0 explain 8080 --quiet && start-server', 'only if the port can be bound'),
  handler: async (args: Arguments) => {
    const { count, protocol: protocols, json, quiet } = args;
    const explanations = await explain(args, parsePortsList(args.ports, count));
    if (!explanations.every(({ canBind }) => canBind)) process.exitCode = EXIT_CODES.PortInUse;
    if (quiet) return;
    if (json) return printJson(explanations.map(toExplanationData));
    explanations.flatMap(({ notRead }) => notRead).forEach(warnNotRead(json));
    if (explanations.length <= protocols.length) printLines(explanations.flatMap(describeExplanation));
    else printTable(EXPLANATION_HEADER, explanations.map(toExplanationRow));
  },
} satisfies CommandModule<GlobalArguments, Arguments>;

async function explain(args: Arguments, all: readonly Ports[]): Promise<PortExplanation[]> {
  const { protocol: protocols, json } = args;
  // Each once, in the order in which they were given.
  const ports = [...new Set(all.flatMap(({ startPort, numberOfPorts }) => Array.from({ length: numberOfPorts }, (_, index) => startPort + index)))];
  using reservations = open(args);
  using progress = new Progress({ total: protocols.length * ports.length, text: 'ports', json });
  const explanations: PortExplanation[] = [];
  for (const protocol of protocols) {
    for await (const explanation of reservations.explainEach(protocol, ports, { localAddress: args['local-address'] })) {
      progress.update(explanations.push(explanation));
    }
  }
  return explanations;
}
