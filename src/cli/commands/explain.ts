import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import { checkBlock } from '../../blocks.js';
import type { PortBlock, Protocol } from '../../blocks.js';
import { toExplanationData } from '../../diagnosis/explain.js';
import type { PortExplanation } from '../../diagnosis/explain.js';
import { describeExplanation, EXPLANATION_HEADER, toExplanationRow } from '../explanations.js';
import { countOption, open, parsePorts, protocolOption } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { printJson, printTable } from '../output.js';
import { Progress } from '../progress.js';

interface Arguments extends GlobalArguments {
  ports: string;
  count: number | undefined;
  protocol: Protocol[];
}

export const explainCommand = {
  command: 'explain <ports>',
  describe: 'Explain why ports can or cannot be bound, and what to do about a single port',
  builder: (argv: Argv<GlobalArguments>) => argv
    .positional('ports', { type: 'string', demandOption: true, describe: 'A port, or a range such as 8000-8100' })
    .option('count', countOption)
    .option('protocol', protocolOption)
    .example('$0 explain 50000', 'what to do about EACCES 10013')
    .example('$0 explain 8000-8100 --protocol tcp,udp', 'a table of 202 ports'),
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    const { ports, count, protocol: protocols, json } = args;
    const block = parsePorts(ports, count);
    for (const protocol of protocols) checkBlock({ protocol, ...block });
    const explanations = await explain(args, block);
    if (json) printJson(explanations.map(toExplanationData));
    else if (block.numberOfPorts === 1) for (const explanation of explanations) process.stdout.write(describeExplanation(explanation));
    else printTable(EXPLANATION_HEADER, explanations.map(toExplanationRow));
  },
} satisfies CommandModule<GlobalArguments, Arguments>;

async function explain(args: ArgumentsCamelCase<Arguments>, { startPort, numberOfPorts }: Omit<PortBlock, 'protocol'>): Promise<PortExplanation[]> {
  const { protocol: protocols, json } = args;
  const ports = Array.from({ length: numberOfPorts }, (_, index) => startPort + index);
  using reservations = open(args);
  using progress = new Progress({ total: protocols.length * numberOfPorts, text: 'ports', json });
  const explanations: PortExplanation[] = [];
  for (const protocol of protocols) {
    for await (const explanation of reservations.explainEach(protocol, ports)) progress.update(explanations.push(explanation));
  }
  return explanations;
}
