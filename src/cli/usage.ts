import { PortReservationError } from '../errors.js';
import { meantBy } from '../util/misspelt.js';
import { shortened } from '../util/plain-text.js';
import { say, english } from '../texts/text.js';
import { nameOf } from '../texts/surfaces.js';
import { commandNames, isCommand, neededBy } from './commands.js';
import { mistake, VOICE } from './voice.js';

/** Turns a name in a message of yargs into what was typed on the command line. */
type Called = (name: string) => string;

/** Messages of yargs, whose names have no dashes, and what is said instead. */
const MEANT: readonly (readonly [RegExp, (called: Called, match: readonly string[], args: readonly string[], options: readonly string[]) => string])[] = [
  [/^Unknown (?:argument|command)s?: (.+)$/, (called, [, names = ''], args, options) =>
    unknownCommand(args) ?? unknown([...new Set(names.split(', ').map(called))], options)],
  [/^Specify a command$/, (_, [said = ''], args) => swallowed(args) ?? said],
  [/^Missing required arguments?: (.+)$/, (called, [, names = '']) => isOrAre(names.split(', ').map(called), 'missing')],
  [/^Not enough arguments following: (.+)$/, (called, [, name = '']) => `${called(name)} needs a value`],
  [/^Arguments (\S+) and (\S+) are mutually exclusive$/, (called, [, one = '', other = '']) => `${called(one)} and ${called(other)} cannot be given together`],
  [/^(?:Missing dependent arguments|Implications failed):\s+(\S+) -> (\S+)/, (called, [, one = '', other = '']) => `${called(one)} needs ${called(other)}`],
  [/^Invalid values:\s+Argument: (\S+), Given: (.*?), Choices: ([^\n]*)/, (called, [, name = '', given = '', choices = '']) =>
    `${called(name)} ${given} is not valid: it must be one of ${choices.replaceAll('"', '')}`],
];

/** Names of the arguments that are given without an option. */
const POSITIONALS: ReadonlySet<string> = new Set(['ports', 'file', 'shell', 'resource', 'operation']);

/** Options with names that yargs uses for something of its own: it would accept them, or call them something else in an error. */
const OWN_OF_YARGS = /^--?(?:\$0|_|__proto__|get-yargs-completions)(?==|$)/;

/**
 * The error for what yargs says about the arguments: `Unknown argument: cout`, `Did you mean list?`.
 *
 * @param options the names of those that the command has
 */
export function invalidUsage(message: string | null, args: readonly string[], options: readonly string[]): PortReservationError {
  const said = message ?? 'the arguments are not valid';
  for (const [pattern, meant] of MEANT) {
    const match = pattern.exec(said);
    if (match) return usage(meant((name) => calledOn(args, name), match, args, options), args);
  }
  const [, given] = /^Not enough non-option arguments: got (\d+)/.exec(said) ?? [];
  if (given === undefined) return usage(said, args);
  return usage(isOrAre(neededBy(commandOf(args)).slice(Number(given)).map((name) => calledOn(args, name)), 'missing'), args);
}

/**
 * Refuses what yargs lets through:
 * - a switch with a value: every value but `true` means no, so --dry-run=1 and --dry-run=yes made the changes
 * - a switch that is given with two values: the last one counts, so --dry-run --dry-run=false made them too
 * - an option for an array without a value, which gets its default: `explain 80 --protocol` asked for TCP
 * - several letters behind one dash, where all of that happens again: `explain 80 -qp` asked for TCP, and `-q1` was not quiet
 * - a lone `-`, which is dropped: `create -` reserved the first free port, and `explain -` found every port free
 */
export function checkArguments(args: readonly string[], given: Readonly<Record<string, unknown>>): true {
  // With help, nothing is done.
  if (given['help'] === true) return true;
  const isSwitch = (name: string) => Object.hasOwn(given, name) && [given[name]].flat().some((value) => typeof value === 'boolean');
  const switches = new Map<string, string>();
  for (const [index, arg] of args.entries()) {
    const next = args[index + 1] ?? '';
    const [, option = '', name = '', value] = /^(--?([^=]+))(?:=(.*))?$/s.exec(arg) ?? [];
    // A number may follow its letter: -c5.
    if (/^-[a-z][^=]/i.test(arg) && (isSwitch(arg.charAt(1)) || !/^-[a-z]\d+$/i.test(arg))) throw usage(`${arg} is not known`, args);
    if (isSwitch(name)) checkSwitch({ option, name }, value ?? (next === 'false' ? 'false' : 'true'), switches);
    else if (Array.isArray(given[name]) && value === undefined && /^(-|$)/.test(next)) throw usage(`${option} needs a value`, args);
    if (arg === '-' && given['file'] !== '-' && !isForValue(args[index - 1], isSwitch)) {
      throw usage('"-" is not known: only apply and --input read stdin', args);
    }
  }
  return true;
}

/** @param switches the names of those before, and the value of each */
function checkSwitch({ option, name }: { option: string; name: string }, value: string, switches: Map<string, string>): void {
  if (value !== 'true' && value !== 'false') throw mistake(option, value, 'must be true or false, or left out: it is a switch');
  if ((switches.get(name) ?? value) !== value) throw mistake(option, 'true false', 'must be given once');
  switches.set(name, value);
}

/** Whether an argument is an option that takes the next argument as its value. */
function isForValue(arg: string | undefined, isSwitch: (name: string) => boolean): boolean {
  const [, name] = /^--?([^=-][^=]*)$/.exec(arg ?? '') ?? [];
  return name !== undefined && !isSwitch(name);
}

/** Whether the console asks how a half-typed line could go on. Nothing in it is a mistake yet. */
export function isCompletion(args: readonly string[]): boolean {
  return args[0] === '--get-yargs-completions';
}

/**
 * The arguments with those behind `--` put in the place of ports or a file. yargs itself passes none of these to the command, so that
 * `create -- 5000` reserved the first free port. `help create` means `create --help`, as in many programs.
 */
export function readArguments([first, ...others]: readonly string[]): string[] {
  if (first === '--') return readArguments(others);
  if (first === 'help') return readArguments([...others, '--help']);
  const all = first === undefined ? [] : [first, ...others];
  if (isCompletion(all)) return all;
  const end = all.indexOf('--');
  const behind = end < 0 ? [] : all.slice(end + 1);
  // Behind `--` it would be no option, and a port or range has no dash in front. A file can be written otherwise.
  const dashed = behind.find((arg) => arg.startsWith('-'));
  if (dashed !== undefined) throw mistake('--', dashed, 'must have only ports, or a file such as ./-x, behind it');
  // yargs accepts a positional as an option too, and then loses one of the two: `remove 5000 --ports 5001` removed 5000.
  const named = all.map((arg) => /^--([^=]+)/.exec(arg)?.[1]).find((name) => name !== undefined && POSITIONALS.has(name));
  if (named !== undefined) throw usage(`--${named} is not known: ${say(nameOf(named), VOICE)} must be given without an option`, all);
  const own = all.map((arg) => OWN_OF_YARGS.exec(arg)?.[0]).find((name) => name !== undefined);
  if (own !== undefined) throw usage(`${own} is not known`, all);
  if (end < 0) return all;
  // Put before the last options, because one of them may lack its value: `create --count -- 5000` reserved the first 5000 free ports.
  const place = all.slice(0, end).findLastIndex((arg) => !arg.startsWith('-')) + 1;
  return [...all.slice(0, place), ...behind, ...all.slice(place, end)];
}

function usage(message: string, args: readonly string[]): PortReservationError {
  const command = commandOf(args);
  const words = [...command === '' ? [] : [command], ...command === 'dynamic-range' && args.includes('set') ? ['set'] : []];
  return new PortReservationError(english(message.replace(/\.$/, '')), {
    reason: 'InvalidParameter', code: 'EINVAL', advice: english(`See ${['port-reservation', ...words, '--help'].join(' ')}.`),
  });
}

/** The command that the arguments name; empty for none. */
function commandOf(args: readonly string[]): string {
  return args.find(isCommand) ?? '';
}

/** The message where no command is named, but a word is in its place. Not by yargs, which took `reserve` for `remove`. */
function unknownCommand(args: readonly string[]): string | undefined {
  const word = args.find((arg) => !arg.startsWith('-'));
  if (word === undefined || commandOf(args) !== '') return undefined;
  const meant = meantBy(word, commandNames());
  return `the command ${JSON.stringify(shortened(word))} is not known${meant === undefined ? '' : `: did you mean ${meant}?`}`;
}

/** The message where an option has taken the command for its value; `undefined` if there is no command at all. */
function swallowed(args: readonly string[]): string | undefined {
  const place = args.findIndex(isCommand);
  const option = args[place - 1];
  return option === undefined ? undefined : `${option} has "${args[place]}" for its value: the command comes first`;
}

/** `--count`, `-c`, `-pudp`, `the file`; what was typed without a dash, in quotation marks. */
function calledOn(args: readonly string[], name: string): string {
  if (POSITIONALS.has(name)) return say(nameOf(name), VOICE);
  if (args.includes(name)) return JSON.stringify(name);
  // yargs takes each letter behind a single dash for an option.
  return name.length > 1 ? `--${name}` : args.find((arg) => /^-[^-]/.test(arg) && arg.includes(name)) ?? `-${name}`;
}

/** What is not known, and for a single option the one that is meant: it begins so, or is misspelt. */
function unknown(names: readonly string[], options: readonly string[]): string {
  const what = isOrAre(names, 'not known');
  const [, typed] = names.length === 1 ? /^--?([a-z].+)$/i.exec(names.join()) ?? [] : [];
  if (typed === undefined) return what;
  const words = options.filter((name) => name.length > 1);
  const begun = words.filter((name) => name.startsWith(typed.toLowerCase()));
  const meant = begun.length === 1 ? begun[0] : meantBy(typed, words);
  return meant === undefined ? what : `${what}: did you mean --${meant}?`;
}

function isOrAre(names: readonly string[], what: string): string {
  return `${say([...names], VOICE)} ${names.length === 1 ? 'is' : 'are'} ${what}`;
}
