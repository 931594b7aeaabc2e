import { acquire, acquireAny, associate, bindAny, bindTo, close, create, elsewhere, killedElsewhere, knob, listed, notListed, open, release, remove, TCP } from './steps.js';
import type { Case } from './steps.js';

export const runtimeCases: Case[] = [
  {
    rules: ['R1'], title: 'acquire reserves the block asked for, for the protocol of the socket',
    steps: (['tcp', 'udp'] as const).flatMap((protocol) => [
      open(protocol, protocol), acquire(protocol, 0, 5, { token: protocol }), listed(protocol, 0, 5),
    ]),
  },
  {
    rules: ['R2'], title: 'start port 0 lets the system pick a block, and each pick is another one',
    steps: [open('a', 'tcp'), acquireAny('a', 8, { token: 'a' }), open('b', 'tcp'), acquireAny('b', 8, { token: 'b' }),
      open('s', 'tcp'), associate('s', 'a'), bindAny('s', { within: 'a', outside: 'b' })],
  },
  {
    rules: ['R3'], title: 'closing the socket ends the reservation',
    steps: [open('s', 'tcp'), acquire('s', 0, 5), close('s'), notListed('tcp', 0, 5), create('tcp', 0, 5), remove('tcp', 0, 5)],
  },
  {
    rules: ['R3'], title: 'the end of the process ends the reservation, also when it is killed',
    steps: [
      elsewhere(open('s', 'tcp'), acquire('s', 0, 5)), create('tcp', 0, 5), remove('tcp', 0, 5),
      killedElsewhere(open('s', 'udp'), acquire('s', 0, 5)), create('udp', 0, 5), remove('udp', 0, 5),
    ],
  },
  {
    rules: ['R4'], title: 'release ends the reservation early',
    steps: [open('s', 'tcp'), acquire('s', 0, 5, { token: 'a' }), release('s', 'a'), notListed('tcp', 0, 5), acquire('s', 0, 5)],
  },
  {
    rules: ['R4', 'A5'], title: 'a reservation is released only once', choice: true,
    steps: [open('s', 'tcp'), acquire('s', 0, 5, { token: 'a' }), release('s', 'a'), release('s', 'a', { gives: 'WSAEINVAL' })],
  },
  {
    rules: ['R4', 'R5', 'A5'], title: 'another process can neither release the reservation nor associate with it', choice: true,
    steps: [
      open('s', 'tcp'), acquire('s', 0, 5, { token: 'a' }),
      elsewhere(open('s', 'tcp'), release('s', 'a', { gives: 'WSAEINVAL' }), associate('s', 'a', { gives: 'WSAEINVAL' })),
      listed('tcp', 0, 5),
    ],
  },
  {
    rules: ['R6'], title: 'acquire needs no administrator', simulatorOnly: true,
    steps: [knob('portsim_set_elevated', 0), open('s', 'tcp'), acquire('s', 0, 5, { token: 'a' }), associate('s', 'a'),
      bindAny('s', { within: 'a' }), knob('portsim_set_elevated', 1)],
  },
  {
    rules: ['R7'], title: 'the acquiring socket may itself be associated and bound',
    steps: [open('s', 'udp', 'IPv6'), acquire('s', 0, 5, { token: 'a' }), associate('s', 'a'), bindAny('s', { within: 'a' })],
  },
  {
    rules: ['R7a'], title: 'one socket can acquire several blocks',
    steps: [
      open('s', 'tcp'), acquire('s', 0, 5, { token: 'a' }), acquire('s', 5, 5, { token: 'b' }), { do: 'differ', tokens: ['a', 'b'] },
      release('s', 'a'), notListed('tcp', 0, 5), listed('tcp', 5, 5),
    ],
  },
  {
    rules: ['R7b'], title: 'a block with a port in use or reserved gives WSAEADDRINUSE',
    steps: [
      open('s', 'tcp'), open('listener', 'tcp'), bindTo('listener', 3), acquire('s', 0, 5, { gives: 'WSAEADDRINUSE' }), close('listener'),
      create('tcp', 4, 2), acquire('s', 0, 5, { gives: 'WSAEADDRINUSE' }), remove('tcp', 4, 2),
      open('other', 'tcp'), acquire('other', 1, 1), acquire('s', 0, 5, { gives: 'WSAEADDRINUSE' }), close('other'),
      acquire('s', 0, 5),
    ],
  },
  {
    rules: ['R7b', 'N3'], title: 'a block with an excluded port gives WSAEADDRINUSE, although a plain bind to it works', simulatorOnly: true,
    steps: [
      knob('portsim_add_exclusion', TCP, { at: 2 }, 1, 1), open('s', 'tcp'), acquire('s', 0, 5, { gives: 'WSAEADDRINUSE' }),
      bindTo('s', 2), knob('portsim_remove_exclusion', TCP, { at: 2 }, 1),
    ],
  },
  {
    rules: ['R8'], title: 'an output buffer under 16 bytes is invalid and nothing is reserved',
    steps: [open('s', 'tcp'), acquire('s', 0, 5, { outputSize: 15, gives: 'WSAEINVAL' }), notListed('tcp', 0, 5), create('tcp', 0, 5), remove('tcp', 0, 5)],
  },
  {
    rules: ['N6'], title: 'a block acquired on an IPv6 socket is taken for IPv4 as well',
    steps: [open('six', 'tcp', 'IPv6'), acquire('six', 0, 5), open('four', 'tcp'), acquire('four', 0, 5, { gives: 'WSAEADDRINUSE' }),
      bindTo('four', 2, { gives: 'WSAEACCES' })],
  },
  {
    rules: ['P2', 'R3'], title: 'a restart ends runtime reservations', simulatorOnly: true,
    steps: [open('s', 'tcp'), acquire('s', 0, 5), knob('portsim_restart'), notListed('tcp', 0, 5)],
  },
];
