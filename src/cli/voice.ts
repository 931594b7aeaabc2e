import { invalid } from '../errors.js';
import type { PortReservationError } from '../errors.js';
import { nameOf } from '../texts/surfaces.js';
import { english, say } from '../texts/text.js';
import type { Voice } from '../texts/text.js';

/** The command line speaks English, as its help does: a message in two languages is worse than one in another. */
export const VOICE: Voice = { language: 'en', surface: 'cli' };

/** An argument that breaks a rule of the command line: `mistake('timeout', 'x', 'must be a number of seconds')`. */
export function mistake(name: string, value: unknown, rule: string): PortReservationError {
  // By its own name at once: yargs keeps only the message of what the coercion of an argument throws.
  return invalid(say(nameOf(name), VOICE), value, english(rule));
}
