import { acquire, associate, bindAny, bindTo, close, create, knob, open, release, remove } from './steps.js';
import type { Case } from './steps.js';

export const associationCases: Case[] = [
  {
    rules: ['A1'], title: 'a bound socket cannot be associated',
    steps: [create('tcp', 0, 3, { token: 'a' }), open('s', 'tcp'), bindTo('s', 10), associate('s', 'a', { gives: 'WSAEINVAL' }), close('s'), remove('tcp', 0, 3)],
  },
  {
    rules: ['A2', 'A10'], title: 'after it a bind to port 0 gets a port of the block, each socket another one',
    steps: [
      create('tcp', 0, 3, { token: 'a' }),
      ...['one', 'two', 'three'].flatMap((socket) => [open(socket, 'tcp'), associate(socket, 'a'), bindAny(socket, { within: 'a' })]),
      close('one'), close('two'), close('three'), remove('tcp', 0, 3),
    ],
  },
  {
    rules: ['A2a'], title: 'after it an explicit port of the block is got, and is then in use',
    steps: [
      create('udp', 0, 3, { token: 'a' }), open('s', 'udp'), associate('s', 'a'), bindTo('s', 2),
      open('t', 'udp'), associate('t', 'a'), bindTo('t', 2, { gives: 'WSAEADDRINUSE' }), bindTo('t', 1),
      close('s'), close('t'), remove('udp', 0, 3),
    ],
  },
  {
    rules: ['A2a'], title: 'after it a port outside the block is refused', choice: true,
    steps: [create('tcp', 0, 3, { token: 'a' }), open('s', 'tcp'), associate('s', 'a'), bindTo('s', 5, { gives: 'WSAEACCES' }), close('s'), remove('tcp', 0, 3)],
  },
  {
    rules: ['A2b'], title: 'one token serves IPv4, IPv6 and dual-stack sockets',
    steps: [
      create('tcp', 0, 4, { token: 'a' }), open('four', 'tcp'), associate('four', 'a'), bindTo('four', 0),
      open('six', 'tcp', 'IPv6'), associate('six', 'a'), bindTo('six', 1),
      open('both', 'tcp', 'IPv6'), { do: 'dualStack', socket: 'both' }, associate('both', 'a'), bindTo('both', 2),
      close('four'), close('six'), close('both'), remove('tcp', 0, 4),
    ],
  },
  {
    rules: ['A3'], title: 'with no free port left in the block bind fails', choice: true,
    steps: [
      create('tcp', 0, 1, { token: 'a' }), open('s', 'tcp'), associate('s', 'a'), bindAny('s', { within: 'a' }),
      open('t', 'tcp'), associate('t', 'a'), bindAny('t', { gives: 'WSAEADDRINUSE' }), close('s'), close('t'), remove('tcp', 0, 1),
    ],
  },
  {
    rules: ['A4'], title: 'a persistent token needs an elevated administrator', simulatorOnly: true,
    steps: [
      create('tcp', 0, 3, { token: 'a' }), knob('portsim_set_elevated', 0), open('s', 'tcp'), associate('s', 'a', { gives: 'WSAEACCES' }),
      knob('portsim_set_elevated', 1), associate('s', 'a'), close('s'), remove('tcp', 0, 3),
    ],
  },
  {
    rules: ['A5'], title: 'an unknown token, a released one and one of the other protocol are refused', choice: true,
    steps: [
      open('s', 'tcp'), associate('s', 'never given', { gives: 'WSAEINVAL' }),
      acquire('s', 0, 3, { token: 'a' }), open('u', 'udp'), associate('u', 'a', { gives: 'WSAEINVAL' }),
      release('s', 'a'), associate('s', 'a', { gives: 'WSAEINVAL' }),
    ],
  },
  {
    rules: ['A5', 'P10'], title: 'the token of a deleted reservation is refused', choice: true,
    steps: [create('tcp', 0, 3, { token: 'a' }), remove('tcp', 0, 3), open('s', 'tcp'), associate('s', 'a', { gives: 'WSAEINVAL' })],
  },
  {
    rules: ['A6'], title: 'what is no socket gives WSAENOTSOCK',
    steps: [associate('no socket', 'never given', { gives: 'WSAENOTSOCK' })],
  },
  {
    rules: ['A6'], title: 'a Windows too old for the control codes answers WSAEOPNOTSUPP', simulatorOnly: true,
    steps: [knob('portsim_set_unsupported', 1), open('s', 'tcp'), acquire('s', 0, 3, { gives: 'WSAEOPNOTSUPP' }),
      associate('s', 'never given', { gives: 'WSAEOPNOTSUPP' }), knob('portsim_set_unsupported', 0), acquire('s', 0, 3)],
  },
  {
    rules: ['A7'], title: 'an output buffer is invalid, and a short input buffer as well',
    steps: [
      create('tcp', 0, 3, { token: 'a' }), open('s', 'tcp'), associate('s', 'a', { outputSize: 8, gives: 'WSAEINVAL' }),
      associate('s', 'a', { inputSize: 7, gives: ['WSAEFAULT', 'WSAEINVAL'] }), associate('s', 'a'), close('s'), remove('tcp', 0, 3),
    ],
  },
  {
    rules: ['A11'], title: 'deleting the reservation leaves sockets bound from it as they are', choice: true,
    steps: [create('tcp', 0, 1, { token: 'a' }), open('s', 'tcp'), associate('s', 'a'), bindAny('s', { within: 'a' }), remove('tcp', 0, 1),
      create('tcp', 0, 1, { gives: 'ERROR_SHARING_VIOLATION' }), close('s'), create('tcp', 0, 1), remove('tcp', 0, 1)],
  },
];
