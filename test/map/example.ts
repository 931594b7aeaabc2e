import { openPortReservations } from '../../src/index.js';
import { readMaps } from '../../src/map/render.js';
import { renderSvg } from '../../src/map/svg.js';
import { TCP, TCP_STATE } from '../helpers/knobs.js';
import { createSimulator } from '../helpers/simulator.js';
import { DEFAULT_VOICE } from '../../src/texts/text.js';

/** Where README finds the picture. */
export const EXAMPLE = new URL('../../docs/map.svg', import.meta.url);

const PROCESSES = new Map([
  [4, 'System'], [700, 'lsass.exe'], [1024, 'svchost.exe'], [1310, 'svchost.exe'], [4420, 'postgres.exe'], [5120, 'node.exe'], [8800, 'msedge.exe'], [9104, 'OneDrive.exe'],
]);
const LISTENERS = [[135, 1024], [139, 4], [445, 4], [3389, 1310], [5357, 4], [5432, 4420], [8443, 5120], [49_664, 700], [49_665, 1024], [49_668, 1310]] as const;
/** As far apart as connections are. */
const CONNECTIONS = Array.from({ length: 14 }, (_, index) => [53_000 + index * index * 163 % 12_000, index % 3 === 0 ? 9104 : 8800] as const);

/** The TCP ports of a developer's machine, drawn from the simulator: the same picture on every machine. */
export async function drawExample(): Promise<string> {
  const simulator = await createSimulator();
  try {
    for (const [processId, name] of PROCESSES) simulator.knob('portsim_set_process', processId, `C:\\Windows\\System32\\${name}`);
    for (const [port, processId] of LISTENERS) simulator.knob('portsim_add_endpoint', TCP, '0.0.0.0', port, TCP_STATE.listen, processId);
    for (const [port, processId] of CONNECTIONS) simulator.knob('portsim_add_endpoint', TCP, '10.0.0.5', port, TCP_STATE.established, processId);
    simulator.knob('portsim_add_exclusion', TCP, 50_000, 60, 1);
    simulator.knob('portsim_add_exclusion', TCP, 8443, 1, 1);
    // As WinNAT takes them.
    for (let start = 50_060; start < 51_960; start += 100) simulator.knob('portsim_add_system_block', TCP, start, 100, 1);
    for (const start of [2869, 49_700]) simulator.knob('portsim_add_system_block', TCP, start, 100, 1);
    using reservations = openPortReservations({ simulator: simulator.options });
    reservations.createPersistent({ protocol: 'tcp', startPort: 25_500, numberOfPorts: 500 });
    const { native } = reservations;
    // The simulator's tables also have the sockets of the machine that draws.
    const ours = new Map<number, number>([...LISTENERS, ...CONNECTIONS]);
    const endpointTables: typeof native.endpointTables = {
      read(protocol, family) {
        const { error, endpoints } = native.endpointTables.read(protocol, family);
        return { error, endpoints: endpoints.filter(({ localPort, processId }) => ours.get(localPort) === processId) };
      },
    };
    const maps = await readMaps({ native: { ...native, endpointTables }, runtimeReservations: [] }, ['tcp'], undefined);
    return renderSvg(maps, { machine: 'DEV-PC', time: '2026-01-02T09:30:00+01:00', remarks: [], voice: DEFAULT_VOICE });
  } finally {
    await simulator.dispose();
  }
}
