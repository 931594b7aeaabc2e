import { endPortOf, formatRange } from '../blocks.js';
import type { PortBlock, Protocol } from '../blocks.js';
import type { DynamicPortRange } from '../reservations/dynamic-port-range.js';

/** How to create an exclusion, as a cmdlet and on the command line. */
export function createExclusion(block: PortBlock, { restartWinNat = false } = {}): string {
  const { protocol, startPort, numberOfPorts } = block;
  const isUdp = protocol === 'udp';
  const cmdlet = `New-PortReservation${isUdp ? ' -Protocol Udp' : ''} -StartPort ${startPort}`
    + `${endPortOf(block) === startPort ? '' : ` -NumberOfPorts ${numberOfPorts}`} -Kind Exclusion${restartWinNat ? ' -RestartWinNat' : ''}`;
  const line = `create ${formatRange(block)}${isUdp ? ' --protocol udp' : ''} --kind exclusion${restartWinNat ? ' --restart-winnat' : ''}`;
  return `${cmdlet}, on the command line: ${line}`;
}

/** How to set the dynamic range of a protocol, as a cmdlet and on the command line. */
export function setDynamicRange(protocol: Protocol, { startPort, numberOfPorts }: DynamicPortRange): string {
  return `Set-DynamicPortRange -Protocol ${protocol === 'tcp' ? 'Tcp' : 'Udp'} -StartPort ${startPort} -NumberOfPorts ${numberOfPorts}, `
    + `on the command line: dynamic-range set --protocol ${protocol} --start ${startPort} --count ${numberOfPorts}`;
}
