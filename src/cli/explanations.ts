import { formatBlock, formatRange } from '../blocks.js';
import type { PortExplanation } from '../diagnosis/explain.js';
import type { PortOwner } from '../diagnosis/owners.js';
import { groupBy } from '../util/group-by.js';
import { say, text } from '../texts/text.js';
import { VOICE } from './voice.js';

export const EXPLANATION_HEADER = ['PROTOCOL', 'PORT', 'BIND', 'REASON', 'BLOCK', 'PROCESS'];

export function toExplanationRow({ protocol, port, canBind, bindError, reason, block, owners }: PortExplanation): string[] {
  const processes = owners.filter(({ processId }) => processId !== null).map(formatProcess);
  return [
    protocol, String(port), canBind ? 'ok' : bindError ?? '', reason, block ? formatRange(block) : '', [...new Set(processes)].join(', '),
  ];
}

/** Everything that is known about a port, line by line. */
export function describeExplanation(explanation: PortExplanation): string[] {
  const { protocol, port, localAddress, canBind, bindError, reason, block, owners } = explanation;
  const at = localAddress === null ? '' : ` at ${localAddress}`;
  const lines = [`${protocol} ${port}${at}: ${canBind ? 'can be bound' : `cannot be bound (${bindError})`}, ${reason}`];
  if (block) lines.push(`block:   ${formatBlock(block)} (${say(text(`kind.${block.kind}`), VOICE)})`);
  // Grouped, so that a process is told once, with all its addresses.
  for (const same of groupBy(owners, ({ processId }) => processId).values()) lines.push(...describeProcess(same));
  if (explanation.inDynamicRange) lines.push('dynamic: the port is in the dynamic range');
  if (explanation.disagreement) lines.push(`note:    ${explanation.disagreement}`);
  lines.push(`advice:  ${explanation.advice}`);
  return lines;
}

function describeProcess(same: readonly PortOwner[]): string[] {
  const [first] = same;
  if (!first) return [];
  const { processId, startTime, path, services } = first;
  const lines: string[] = [];
  if (processId !== null) lines.push(`process: ${formatProcess(first)}${startTime ? `, since ${startTime}` : ''}`);
  if (services.length > 0) lines.push(`service: ${services.join(', ')}`);
  if (path !== null) lines.push(`path:    ${path}`);
  lines.push(`address: ${same.map(({ localAddress, state }) => (state === null ? localAddress : `${localAddress} (${state})`)).join(', ')}`);
  return lines;
}

function formatProcess({ processName, processId }: PortOwner): string {
  return `${processName ?? '?'} (${processId})`;
}
