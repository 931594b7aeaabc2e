import { checkBlock } from '../../src/checks.js';
import { createExclusion, deleteExclusion } from '../../src/kinds/exclusion.js';
import type { Native } from '../../src/native.js';
import { readExcludedPortRanges } from '../../src/netsh/excluded-port-ranges.js';
import type { NativeCalls, Outcome } from './native-calls.js';
import { nameOf } from './setting.js';

/** One thing that no source tells about Windows: what was asked of it, and what it did. */
export interface Observation {
  readonly id: string;
  readonly question: string;
  /** Plain data for JSON. */
  observe(calls: NativeCalls, base: number, native: Native): Promise<Answer> | Answer;
}
export type Answer = Readonly<Record<string, string | number | boolean | null>>;

const PROTOCOLS = ['tcp', 'udp'] as const;

export const observations: readonly Observation[] = [
  ...PROTOCOLS.map((protocol): Observation => ({
    id: `bytes-returned-${protocol}`,
    question: `What do the three control codes write to bytesReturned on a ${protocol} socket?`,
    observe(calls, base) {
      const socket = calls.open(protocol);
      const short = calls.acquire(socket, base, 2, 15);
      const acquire = calls.acquire(socket, base, 2);
      const associate = calls.associate(calls.open(protocol), acquire.token);
      const release = calls.release(socket, acquire.token);
      return {
        acquire: bytes(acquire), associate: bytes(associate), release: bytes(release), acquireWithShortOutput: bytes(short),
      };
    },
  })),
  ...PROTOCOLS.flatMap((protocol) => (['runtime', 'persistent'] as const).map((kind): Observation => ({
    id: `exhausted-${kind}-${protocol}`,
    question: `Which code does a bind to port 0 give when every port of a ${kind} ${protocol} block is bound?`,
    observe(calls, base) {
      const token = kind === 'runtime' ? success(calls.acquire(calls.open(protocol), base, 1)).token : calls.create(protocol, base, 1);
      const [first, second] = [calls.open(protocol), calls.open(protocol)];
      success(calls.associate(first, token));
      success(calls.associate(second, token));
      return { first: nameOf(calls.bind(first)), second: nameOf(calls.bind(second)), explicit: nameOf(calls.bind(second, base)) };
    },
  }))),
  ...PROTOCOLS.map((protocol): Observation => ({
    id: `listed-${protocol}`,
    question: `How does netsh list a persistent and a runtime ${protocol} block: with * or without?`,
    async observe(calls, base, native) {
      calls.create(protocol, base, 3);
      success(calls.acquire(calls.open(protocol), base + 5, 3));
      const rows = await readExcludedPortRanges(native, protocol);
      const mark = (start: number) => {
        const row = rows.find(({ startPort, endPort }) => startPort === start && endPort === start + 2);
        if (!row) return 'not listed';
        return `${row.administered ? 'with *' : 'without *'}${row.survivesRestart ? ', also in the persistent list' : ''}`;
      };
      return { persistent: mark(base), runtime: mark(base + 5) };
    },
  })),
  {
    id: 'exclusion-looked-up',
    question: 'Does LookupPersistentTcpPortReservation find an exclusion that netsh made?',
    async observe(calls, base, native) {
      const block = checkBlock({ protocol: 'tcp', startPort: base, numberOfPorts: 3 });
      await createExclusion(native, block);
      try {
        const { error, token } = native.iphlpapi.LookupPersistentTcpPortReservation(base, 3);
        return { lookup: nameOf(error), token: error === 0 ? token.toString() : null };
      } finally {
        await deleteExclusion(native, block);
      }
    },
  },
  {
    id: 'own-bind-of-hyper-v',
    question: 'Does Hyper-V\'s networking list a socket of the host as a guest\'s?',
    observe(calls, base, { computenetwork }) {
      const bind = calls.bind(calls.open('udp'), base);
      const entries = computenetwork.enumerateGuestNetworkPortReservations();
      const listed = entries?.some(({ startPort, endPort }) => startPort <= base && base <= endPort) ?? null;
      return { bind: nameOf(bind), entries: entries?.length ?? null, listed };
    },
  },
  ...PROTOCOLS.map((protocol): Observation => ({
    id: `release-while-bound-${protocol}`,
    question: `Can a ${protocol} block be released while a socket is bound from it, and what becomes of the socket?`,
    observe(calls, base) {
      const owner = calls.open(protocol);
      const { token } = success(calls.acquire(owner, base, 2));
      const bound = calls.open(protocol);
      success(calls.associate(bound, token));
      const bind = calls.bind(bound);
      const release = calls.release(owner, token);
      return {
        bind: nameOf(bind), release: nameOf(release.code), portAfterwards: calls.portOf(bound),
        ...(protocol === 'tcp' ? { listenAfterwards: nameOf(calls.listen(bound)) } : {}),
        plainBindToTheOtherPort: nameOf(calls.bind(calls.open(protocol), calls.portOf(bound) === base ? base + 1 : base)),
        acquireTheBlockAgain: nameOf(calls.acquire(calls.open(protocol), base, 2).code),
      };
    },
  })),
  ...PROTOCOLS.flatMap((protocol) => ([['IPv4', 'IPv6'], ['IPv6', 'IPv4']] as const).map(([from, to]): Observation => ({
    id: `token-of-${from}-for-${to}-${protocol}`.toLowerCase(),
    question: `Does a token acquired on an ${from} ${protocol} socket serve an ${to} one?`,
    observe(calls, base) {
      const { token } = success(calls.acquire(calls.open(protocol, from), base, 2));
      const other = calls.open(protocol, to);
      const { code } = calls.associate(other, token);
      const bind = calls.bind(other);
      const port = calls.portOf(other) ?? 0;
      return { associate: nameOf(code), bind: nameOf(bind), portIsOfTheBlock: port >= base && port < base + 2 };
    },
  }))),
];

function bytes({ code, bytesReturned }: Outcome): string {
  return `${bytesReturned ?? 'untouched'} (${nameOf(code)})`;
}

function success<Of extends Outcome>(outcome: Of): Of {
  if (outcome.code !== 0) throw new Error(`a control code that had to succeed gave ${nameOf(outcome.code)}`);
  return outcome;
}
