import { acquire, bindTo, close, create, elsewhere, killedElsewhere, knob, listed, lookup, notListed, open, remove } from './steps.js';
import type { Case } from './steps.js';

export const persistentCases: Case[] = [
  {
    rules: ['P1', 'P9', 'P10'], title: 'a block is recorded, found by its exact range with the same token, and deleted',
    steps: [
      create('tcp', 0, 10, { token: 'a' }), lookup('tcp', 0, 10, { token: 'a' }), listed('tcp', 0, 10),
      remove('tcp', 0, 10), lookup('tcp', 0, 10, { gives: 'ERROR_NOT_FOUND' }), notListed('tcp', 0, 10),
    ],
  },
  {
    rules: ['P1'], title: 'a block outlives the process that made it',
    steps: [elsewhere(create('udp', 0, 3)), lookup('udp', 0, 3), remove('udp', 0, 3)],
  },
  {
    rules: ['P1'], title: 'a block outlives a process that is killed',
    steps: [killedElsewhere(create('tcp', 0, 3)), lookup('tcp', 0, 3), remove('tcp', 0, 3)],
  },
  {
    rules: ['P2'], title: 'a restart keeps the block and changes its token', simulatorOnly: true,
    steps: [
      create('tcp', 0, 2, { token: 'before' }), knob('portsim_restart'), lookup('tcp', 0, 2, { token: 'after' }),
      { do: 'differ', tokens: ['before', 'after'] }, remove('tcp', 0, 2),
    ],
  },
  {
    rules: ['P3'], title: 'port 0 and a count of 0 are invalid in create, lookup and delete',
    steps: (['tcp', 'udp'] as const).flatMap((protocol) => [
      create(protocol, 0, 1, { port: 0, gives: 'ERROR_INVALID_PARAMETER' }), create(protocol, 0, 0, { gives: 'ERROR_INVALID_PARAMETER' }),
      lookup(protocol, 0, 1, { port: 0, gives: 'ERROR_INVALID_PARAMETER' }), lookup(protocol, 0, 0, { gives: 'ERROR_INVALID_PARAMETER' }),
      remove(protocol, 0, 1, { port: 0, gives: 'ERROR_INVALID_PARAMETER' }), remove(protocol, 0, 0, { gives: 'ERROR_INVALID_PARAMETER' }),
    ]),
  },
  {
    rules: ['P4'], title: 'a block that runs past port 65535 is invalid',
    steps: [
      create('tcp', 0, 2, { port: 65535, gives: 'ERROR_INVALID_PARAMETER' }),
      create('udp', 0, 65535, { port: 2, gives: 'ERROR_INVALID_PARAMETER' }),
    ],
  },
  {
    rules: ['P4'], title: 'the very last port can be reserved',
    steps: [create('tcp', 0, 1, { port: 65535 }), remove('tcp', 0, 1, { port: 65535 })],
  },
  {
    rules: ['P5'], title: 'a block with a port in use is a sharing violation, whichever family uses it',
    steps: (['IPv4', 'IPv6'] as const).flatMap((family) => [
      open(family, 'tcp', family), bindTo(family, 4), create('tcp', 0, 10, { gives: 'ERROR_SHARING_VIOLATION' }),
      close(family), create('tcp', 0, 10), remove('tcp', 0, 10),
    ]),
  },
  {
    rules: ['P6'], title: 'a block that equals or overlaps a reservation of the protocol is a sharing violation',
    steps: [
      create('tcp', 5, 10), create('tcp', 5, 10, { gives: 'ERROR_SHARING_VIOLATION' }),
      create('tcp', 0, 6, { gives: 'ERROR_SHARING_VIOLATION' }), create('tcp', 14, 1, { gives: 'ERROR_SHARING_VIOLATION' }),
      create('tcp', 7, 2, { gives: 'ERROR_SHARING_VIOLATION' }), create('tcp', 0, 30, { gives: 'ERROR_SHARING_VIOLATION' }),
      create('tcp', 0, 5), create('tcp', 15, 5),
      remove('tcp', 0, 5), remove('tcp', 5, 10), remove('tcp', 15, 5),
    ],
  },
  {
    rules: ['P6', 'R7b'], title: 'a block that overlaps a runtime reservation is a sharing violation',
    steps: [open('s', 'tcp'), acquire('s', 2, 2), create('tcp', 0, 5, { gives: 'ERROR_SHARING_VIOLATION' }), close('s'),
      create('tcp', 0, 5), remove('tcp', 0, 5)],
  },
  {
    rules: ['P7'], title: 'TCP and UDP are separate port spaces with tokens of their own',
    steps: [
      create('tcp', 0, 5, { token: 'tcp' }), create('udp', 0, 5, { token: 'udp' }), { do: 'differ', tokens: ['tcp', 'udp'] },
      remove('tcp', 0, 5), lookup('udp', 0, 5, { token: 'udp' }), remove('udp', 0, 5),
    ],
  },
  {
    rules: ['P8', 'P8a'], title: 'create and delete need an elevated administrator, lookup does not', simulatorOnly: true,
    steps: [
      create('tcp', 0, 2, { token: 'a' }), knob('portsim_set_elevated', 0),
      create('tcp', 5, 2, { gives: 'ERROR_ACCESS_DENIED' }), remove('tcp', 0, 2, { gives: 'ERROR_ACCESS_DENIED' }),
      lookup('tcp', 0, 2, { token: 'a' }), knob('portsim_set_elevated', 1), remove('tcp', 0, 2),
    ],
  },
  {
    rules: ['P9', 'P10'], title: 'a part of a block, and more than it, is not found and deletes nothing',
    steps: [
      create('udp', 2, 6, { token: 'a' }),
      lookup('udp', 2, 5, { gives: 'ERROR_NOT_FOUND' }), lookup('udp', 3, 5, { gives: 'ERROR_NOT_FOUND' }),
      lookup('udp', 2, 7, { gives: 'ERROR_NOT_FOUND' }), lookup('tcp', 2, 6, { gives: 'ERROR_NOT_FOUND' }),
      remove('udp', 2, 5, { gives: 'ERROR_NOT_FOUND' }), remove('udp', 3, 5, { gives: 'ERROR_NOT_FOUND' }),
      remove('tcp', 2, 6, { gives: 'ERROR_NOT_FOUND' }),
      lookup('udp', 2, 6, { token: 'a' }), remove('udp', 2, 6),
    ],
  },
  {
    rules: ['P11'], title: 'another process may look up and delete any reservation',
    steps: [create('tcp', 0, 4), elsewhere(lookup('tcp', 0, 4), remove('tcp', 0, 4)), lookup('tcp', 0, 4, { gives: 'ERROR_NOT_FOUND' })],
  },
  {
    rules: ['P13'], title: 'a socket that is not associated cannot bind to a port of the block',
    steps: [create('tcp', 0, 3), open('s', 'tcp'), bindTo('s', 1, { gives: 'WSAEACCES' }), bindTo('s', 3), close('s'), remove('tcp', 0, 3)],
  },
];
