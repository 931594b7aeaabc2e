import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { ADDRESS_FAMILIES, LAST_PORT, PROTOCOLS, STORES } from '../blocks.js';
import type { Ports, Protocol, Store } from '../blocks.js';
import { checkPorts } from '../checks.js';
import type { SimulatorOptions } from '../native.js';
import { openPortReservations } from '../open.js';
import type { PortReservations } from '../port-reservations.js';
import { mistake, VOICE } from './voice.js';

/** Options that every command has. */
export interface GlobalArguments {
  json: boolean;
  simulator: string | undefined;
  'simulator-state': string | undefined;
}

export function globalOptions<T>(argv: Argv<T>) {
  return argv
    .option('json', { type: 'boolean', default: false, global: true, describe: 'JSON on stdout, errors as one line of JSON on stderr' })
    .option('simulator', {
      string: true, requiresArg: true, coerce: textOnce('simulator'), global: true, implies: 'simulator-state',
      describe: 'Use this simulator library instead of Windows',
    })
    .option('simulator-state', {
      string: true, requiresArg: true, coerce: textOnce('simulator-state'), global: true, implies: 'simulator',
      describe: 'State file of the simulator',
    });
}

export function open(args: GlobalArguments, voice = VOICE): PortReservations {
  const simulator = simulatorOf(args);
  // So that nobody takes the simulator for Windows.
  if (simulator) process.stderr.write('port-reservation: running on the simulator, not on Windows\n');
  return openPortReservations({ simulator, voice });
}

/** The simulator that the arguments name; `undefined` for Windows. */
export function simulatorOf({ simulator, 'simulator-state': state }: GlobalArguments): SimulatorOptions | undefined {
  return simulator === undefined || state === undefined ? undefined : { library: resolve(simulator), state: resolve(state) };
}

export const protocolOption = {
  array: true, string: true, alias: 'p', default: ['tcp'], defaultDescription: 'tcp', requiresArg: true,
  describe: `${PROTOCOLS.join(' or ')}, or both: tcp,udp`,
  coerce: (values: string[]): Protocol[] =>
    [...new Set(values.flatMap((value) => value.split(',')).map(oneOf('protocol', PROTOCOLS)))],
} as const;

/** The option of a command that asks about all ports. */
export const bothProtocolsOption = { ...protocolOption, default: [...PROTOCOLS], defaultDescription: PROTOCOLS.join() };

export const addressFamilyOption = {
  string: true, alias: 'family', default: 'IPv4', requiresArg: true, describe: ADDRESS_FAMILIES.join(' or '),
  coerce: single('address-family', oneOf('address-family', ADDRESS_FAMILIES)),
} as const;

export const countOption = {
  string: true, alias: ['c', 'number-of-ports'], requiresArg: true, describe: 'How many ports (default 1)',
  coerce: single('count', (value) => integer('count', value)),
} as const;

export const storeOption = { string: true, requiresArg: true, coerce: single('store', oneOf('store', STORES)) } as const;

export const timeoutOption = {
  string: true, default: '30', requiresArg: true, describe: 'Seconds to wait for a control code, 0 for no limit',
  coerce: single('timeout', (value) => {
    // Number alone would also take '0x10', '1e3' and ' 5 '.
    if (!/^\d+(\.\d+)?$/.test(value) || Number(value) > 86_400) throw mistake('timeout', value, 'must be a number of seconds from 0 to 86400');
    return Number(value) * 1000;
  }),
} as const;

export const untilSignalOption = {
  type: 'boolean', default: false, describe: 'Hold until Ctrl+C or another signal, also where stdin has ended: for service wrappers and scheduled tasks',
} as const;

const inputOption = {
  string: true, requiresArg: true, coerce: textOnce('input'),
  describe: 'Read the blocks from a file, - for stdin: JSON as of list --kind persistent,exclusion --json, or CSV with a column StartPort; '
    + 'a block that fails does not stop the rest',
} as const;

export const delimiterOption = {
  string: true, requiresArg: true, implies: 'input',
  describe: 'What separates the columns of a CSV file (default: the comma, semicolon or tab that its first line has most of)',
  coerce: single('delimiter', (value) => {
    const delimiter = value.toLowerCase() === 'tab' ? '\t' : value;
    if (delimiter.length !== 1 || /["\r\n]/.test(delimiter)) throw mistake('delimiter', value, 'must be one character, or tab');
    return delimiter;
  }),
} as const;

/** The arguments of a command that takes blocks, also from a file. */
export interface BlocksArguments extends GlobalArguments {
  ports: string[] | undefined;
  count: number | undefined;
  input: string | undefined;
  delimiter: string | undefined;
  protocol: Protocol[] | undefined;
  store: Store | undefined;
}

/** @param others further options that cannot be given with --input, because the file has their values */
export function blocksOptions(argv: Argv<GlobalArguments>, describe: string, others: readonly string[] = []) {
  return argv
    .positional('ports', { type: 'string', array: true, coerce: orUndefined, describe })
    .option('count', countOption)
    .option('input', inputOption)
    .option('delimiter', delimiterOption)
    .conflicts('input', ['ports', 'count', 'protocol', 'kind', 'store', ...others])
    .option('protocol', withoutDefault(protocolOption));
}

/** For an option that excludes others, because yargs takes a default for a given value. */
export function withoutDefault<Option extends { default: unknown }>({ default: value, ...option }: Option) {
  return { ...option, defaultDescription: String(value) };
}

/** Parses an option that may be given once. If it is given twice, yargs makes an array. */
export function single<Value>(name: string, parse: (text: string) => Value) {
  return (value: string | string[]): Value => {
    if (Array.isArray(value)) throw mistake(name, value.join(' '), 'must be given once');
    return parse(value);
  };
}

/** Like {@link single}, for an option whose value is text. */
export function textOnce(name: string) {
  return single(name, (text) => text);
}

/** Ignores case: PowerShell users write Tcp. */
export function oneOf<Value extends string>(name: string, values: readonly Value[]) {
  return (text: string): Value => {
    const value = values.find((candidate) => candidate.toLowerCase() === text.toLowerCase());
    if (value === undefined) throw mistake(name, text, `must be one of ${values.join(', ')}`);
    return value;
  };
}

/** A decimal integer. `Number` would also accept '', ' 5' and '1e3'. */
export function integer(name: string, text: string, lowest: 0 | 1 = 1): number {
  if (!/^\d{1,5}$/.test(text)) {
    throw mistake(name, text, `must be an integer from ${lowest} to ${LAST_PORT} (rule ${lowest === 1 ? 'P3' : 'A2'})`);
  }
  return Number(text);
}

/** For a positional with several values, of which yargs makes an empty array if there are none: that would exclude --input. */
function orUndefined(values: string[]): string[] | undefined {
  return values.length > 0 ? values : undefined;
}

/** Parses `5000`, `5000-5019`, or `5000` with --count 20. The library checks the range itself (rules P3, P4). */
export function parsePorts(ports: string, count: number | undefined): Ports {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(ports);
  if (!match) throw mistake('ports', ports, 'must be a port or a range such as 5000-5019');
  const startPort = Number(match[1]);
  if (match[2] === undefined) return { startPort, numberOfPorts: count ?? 1 };
  const numberOfPorts = Number(match[2]) - startPort + 1;
  if (numberOfPorts < 1) throw mistake('ports', ports, 'must not end before its first port');
  if (Number(match[2]) > LAST_PORT) throw mistake('ports', ports, `must not run past port ${LAST_PORT} (rule P4)`);
  if (count !== undefined && count !== numberOfPorts) {
    throw mistake('count', count, `contradicts the range ${ports}, which has ${numberOfPorts} ports`);
  }
  return { startPort, numberOfPorts };
}

/** Parses several ports or ranges: `80 443`, `80,443` or `80 8000-8100`. All are checked before anything is done with the first. */
export function parsePortsList(list: readonly string[], count: number | undefined): Ports[] {
  const all = list.flatMap((ports) => ports.split(',')).map((ports) => parsePorts(ports, count));
  for (const ports of all) checkPorts(ports);
  return all;
}
