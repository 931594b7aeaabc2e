import type { Argv, CommandModule } from 'yargs';
import { PROTOCOLS, TOKEN_KINDS } from '../../blocks.js';
import type { AddressFamily, Protocol } from '../../blocks.js';
import { kindOf } from '../../kinds/kinds.js';
import { mistake } from '../voice.js';
import { addressFamilyOption, countOption, integer, oneOf, open, parsePorts, single, textOnce, timeoutOption, untilSignalOption } from '../options.js';
import type { GlobalArguments } from '../options.js';
import { printJson } from '../output.js';
import { holdUntilEnd } from '../signals.js';

interface Arguments extends GlobalArguments {
  ports: string | undefined;
  count: number | undefined;
  token: bigint | undefined;
  kind: (typeof TOKEN_KINDS)[number];
  protocol: Protocol;
  port: number;
  'address-family': AddressFamily;
  'local-address': string | undefined;
  'dual-stack': boolean;
  listen: boolean;
  backlog: number | undefined;
  timeout: number;
  'until-signal': boolean;
}

export const bindCommand = {
  builder: (argv: Argv<GlobalArguments>) => argv
    .positional('ports', { type: 'string', describe: 'Block of the reservation: first port, or a range such as 5000-5019' })
    .option('count', countOption)
    .option('token', {
      string: true, requiresArg: true, describe: 'Token of a persistent reservation, instead of its block',
      coerce: single('token', (value) => {
        if (!/^[1-9]\d{0,19}$/.test(value)) throw mistake('token', value, 'must be a whole number from 1 to 18446744073709551615');
        return BigInt(value);
      }),
    })
    .option('kind', {
      alias: 'k', string: true, default: 'persistent', requiresArg: true, coerce: single('kind', oneOf('kind', TOKEN_KINDS)),
      describe: 'runtime: acquire the block first; without ports, the system chooses it',
    })
    .option('protocol', {
      alias: 'p', string: true, default: 'tcp', requiresArg: true, describe: 'tcp or udp',
      coerce: single('protocol', oneOf('protocol', PROTOCOLS)),
    })
    .option('port', {
      string: true, default: '0', requiresArg: true, describe: 'A port of the block, or 0 for any free one',
      coerce: single('port', (value) => integer('port', value, 0)),
    })
    .option('address-family', addressFamilyOption)
    .option('local-address', {
      string: true, requiresArg: true, coerce: textOnce('local-address'), describe: 'Numeric address (default: the unspecified one)',
    })
    .option('dual-stack', { type: 'boolean', default: false, describe: 'IPv6: accept IPv4 too' })
    .option('listen', { type: 'boolean', default: false, describe: 'tcp: listen at once' })
    .option('backlog', {
      string: true, requiresArg: true, describe: 'tcp: listen, with at most this many waiting connections (default: the system\'s maximum)',
      coerce: single('backlog', (value) => integer('backlog', value)),
    })
    .option('timeout', timeoutOption)
    .option('until-signal', untilSignalOption)
    .example('$0 bind 5000-5019 --listen', 'listen on any free port of the block')
    .example('$0 bind --kind runtime --count 5 --json', 'a block and a port that the system chooses; needs no administrator'),
  handler: async (args: Arguments) => {
    using reservations = open(args);
    const { protocol, timeout, port } = args;
    const source = await findSource(reservations, args);
    const socket = await reservations.bind({
      ...source, protocol, port, timeout,
      addressFamily: args['address-family'], localAddress: args['local-address'], dualStack: args['dual-stack'],
      listen: args.listen, backlog: args.backlog,
    });
    const { addressFamily, localAddress, localPort, state } = socket;
    // Signals are heeded before the port is printed, because the reader may send one at once.
    const ended = holdUntilEnd(args);
    if (args.json) printJson({ protocol, addressFamily, localAddress, localPort, state, token: source.token.toString() });
    else process.stdout.write(`${localPort}\n`);
    await ended;
  },
} satisfies CommandModule<GlobalArguments, Arguments>;

async function findSource(reservations: ReturnType<typeof open>, args: Arguments) {
  const { ports, count, token, kind, protocol, timeout } = args;
  // A kind that ends with its process has to be acquired here first.
  const isAcquiredHere = kindOf(kind).endsWithProcess;
  if (token !== undefined) {
    if (ports !== undefined || count !== undefined || isAcquiredHere) throw mistake('token', token, 'must be given without ports, --count and --kind runtime');
    return { token };
  }
  if (isAcquiredHere) {
    const block = ports === undefined ? { numberOfPorts: count ?? 1 } : parsePorts(ports, count);
    const reservation = await reservations.acquireRuntime({ protocol, ...block, addressFamily: args['address-family'], timeout });
    return { token: reservation.token, block: reservation };
  }
  if (ports === undefined) throw mistake('ports', ports, 'must be given, unless --token is');
  const block = { protocol, ...parsePorts(ports, count) };
  return { token: reservations.lookupPersistent(block).token, block };
}
