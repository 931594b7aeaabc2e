import { PortReservationError } from '../errors.js';

/** Members of the library, in the words of the command line. */
const WORDS: Readonly<Record<string, string>> = {
  startPort: 'the first port', numberOfPorts: 'the number of ports (--count)', protocols: '--protocol', addressFamily: '--address-family',
  addressFamilies: '--address-family', localAddress: '--local-address', dualStack: '--dual-stack', ifNotExists: '--if-not-exists',
  restartWinNat: '--restart-winnat',
};
/** Options that are named like a word of the language: only where an error begins with them. */
const OPTIONS = ['address-family', 'backlog', 'count', 'from', 'input', 'kind', 'listen', 'local-address', 'path', 'port', 'protocol', 'simulator',
  'simulator-state', 'store', 'timeout', 'token'];

const MEMBER = new RegExp(`(?<![\\w.])(?:${Object.keys(WORDS).join('|')})\\b`, 'g');
const OPTION = new RegExp(`^(Correct )?(${OPTIONS.join('|')})(?= |\\.$)`);

/** The same error, naming what was typed: the library speaks of its own members. */
export function inOwnWords(error: PortReservationError): PortReservationError {
  // An element of a file is named as in the file: `input[0].startPort`, `input line 2 startPort`.
  if (error.reason !== 'InvalidParameter' || /^input(\[| line )/.test(error.message)) return error;
  const say = (text: string) => text.replace(MEMBER, (member) => WORDS[member] ?? member).replace(OPTION, '$1--$2');
  return new PortReservationError(say(error.message), { ...error.toJSON(), advice: say(error.advice) }, { cause: error });
}
