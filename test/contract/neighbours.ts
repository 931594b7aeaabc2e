import { acquire, bindAny, bindTo, close, create, elsewhere, knob, listed, notListed, open, remove, TCP, UDP } from './steps.js';
import type { Case } from './steps.js';

export const neighbourCases: Case[] = [
  {
    rules: ['N1'], title: 'a bind to port 0 without association never gets a reserved or excluded port', simulatorOnly: true,
    steps: [
      // Of the ten dynamic ports nine are taken, each in another way.
      knob('portsim_set_dynamic_range', TCP, { at: 0 }, 10), create('tcp', 0, 3, { token: 'a' }),
      open('r', 'tcp'), acquire('r', 3, 2, { token: 'b' }), knob('portsim_add_exclusion', TCP, { at: 5 }, 2, 0),
      knob('portsim_add_system_block', TCP, { at: 7 }, 2, 0),
      open('s', 'tcp'), bindAny('s', { outside: 'a' }), open('t', 'tcp'), bindAny('t', { gives: ['WSAENOBUFS', 'WSAEADDRINUSE'] }),
      remove('tcp', 0, 3),
    ],
  },
  {
    rules: ['N2'], title: 'a bind to a port of someone\'s runtime reservation gives WSAEACCES',
    steps: [open('r', 'tcp'), acquire('r', 0, 4), elsewhere(open('s', 'tcp'), bindTo('s', 2, { gives: 'WSAEACCES' })),
      open('s', 'tcp'), bindTo('s', 3, { gives: 'WSAEACCES' })],
  },
  {
    rules: ['N2'], title: 'a bind to a port of a block of WinNAT gives WSAEACCES, and the block cannot be reserved', simulatorOnly: true,
    steps: [
      knob('portsim_add_system_block', UDP, { at: 0 }, 5, 0), listed('udp', 0, 5, false), open('s', 'udp'), bindTo('s', 2, { gives: 'WSAEACCES' }),
      create('udp', 4, 5, { gives: 'ERROR_SHARING_VIOLATION' }), acquire('s', 4, 5, { gives: 'WSAEADDRINUSE' }),
      knob('portsim_remove_system_block', UDP, { at: 0 }, 5), notListed('udp', 0, 5), bindTo('s', 2),
    ],
  },
  {
    rules: ['N3', 'N4'], title: 'an exclusion is listed with * and an explicit bind to it works', simulatorOnly: true,
    steps: [knob('portsim_add_exclusion', TCP, { at: 0 }, 2, 1), listed('tcp', 0, 2, true), open('s', 'tcp'), bindTo('s', 1)],
  },
  {
    rules: ['N4'], title: 'adjacent blocks are never merged',
    steps: [create('tcp', 0, 2), create('tcp', 2, 2), listed('tcp', 0, 2), listed('tcp', 2, 2), notListed('tcp', 0, 4), remove('tcp', 0, 2), remove('tcp', 2, 2)],
  },
  {
    rules: ['N7'], title: 'a hidden holder is in no list and gives WSAEADDRINUSE', simulatorOnly: true,
    steps: [knob('portsim_add_hidden_holder', TCP, { at: 0 }, 3), notListed('tcp', 0, 3), open('s', 'tcp'), bindTo('s', 1, { gives: 'WSAEADDRINUSE' }),
      knob('portsim_remove_hidden_holder', TCP, { at: 0 }, 3), bindTo('s', 1), close('s')],
  },
];
