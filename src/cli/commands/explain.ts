import type { Argv, ArgumentsCamelCase, CommandModule } from 'yargs';
import { checkPort, formatBlock, toData } from '../../blocks.js';
import type { Protocol } from '../../blocks.js';
import type { PortExplanation } from '../../diagnosis/explain.js';
import { integer, open, protocolOption, single } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { printJson } from '../output.js';

interface Arguments extends GlobalArguments {
  port: number;
  protocol: Protocol[];
}

export const explainCommand = {
  command: 'explain <port>',
  describe: 'Tell whether a port can be bound, and if not, why, and what to do',
  builder: (argv: Argv<GlobalArguments>) => argv
    .positional('port', { type: 'string', demandOption: true, describe: 'The port', coerce: single('port', (value) => integer('port', value)) })
    .option('protocol', protocolOption)
    .example('$0 explain 50000', 'what to do with EACCES 10013'),
  handler: async (args: ArgumentsCamelCase<Arguments>) => {
    checkPort('port', args.port);
    using reservations = open(args);
    const explanations: PortExplanation[] = [];
    for (const protocol of args.protocol) explanations.push(await reservations.explain(protocol, args.port));
    if (args.json) printJson(explanations.map((explanation) => ({ ...explanation, block: explanation.block && toData(explanation.block) })));
    else for (const explanation of explanations) process.stdout.write(describe(explanation));
  },
} satisfies CommandModule<GlobalArguments, Arguments>;

function describe(explanation: PortExplanation): string {
  const { protocol, port, canBind, bindError, reason, block, owningProcess, processName, processStartTime } = explanation;
  const lines = [`${protocol} ${port}: ${canBind ? 'can be bound' : `cannot be bound (${bindError})`}, ${reason}`];
  if (block) lines.push(`block:   ${formatBlock(block)} (${block.kind})`);
  if (owningProcess !== null) {
    lines.push(`process: ${processName ?? '?'} (${owningProcess})${processStartTime ? `, since ${processStartTime}` : ''}`);
  }
  if (explanation.inDynamicRange) lines.push('dynamic: the port lies in the dynamic range');
  if (explanation.disagreement) lines.push(`note:    ${explanation.disagreement}`);
  lines.push(`advice:  ${explanation.advice}`);
  return `${lines.join('\n')}\n`;
}
