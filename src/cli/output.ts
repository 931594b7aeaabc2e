import type { ReservationData } from '../blocks.js';
import { isPortReservationError, messageOf, PortReservationError } from '../errors.js';
import { collectNotRead, describeNotRead } from '../reservations/not-read.js';
import type { NotRead } from '../reservations/not-read.js';
import { asciiJson, plainText } from '../util/plain-text.js';
import { EXIT_CODES } from './exit-codes.js';
import { VOICE } from './voice.js';
import { english, say } from '../texts/text.js';

export function printJson(value: unknown): void {
  printJsonText(JSON.stringify(value));
}

/** One line of JSON, in ASCII. */
export function printJsonText(json: string): void {
  process.stdout.write(`${asciiJson(json).trimEnd()}\n`);
}

/** Prints lines for people. Control characters, which text from outside may have, are replaced. */
export function printLines(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${plainText(line)}\n`).join(''));
}

/** Reservations as a table for people, or as a JSON array for scripts. */
export function printReservations(reservations: readonly ReservationData[], json: boolean): void {
  if (json) return printJson(reservations);
  const rows = reservations.map(({ protocol, startPort, endPort, numberOfPorts, kind, store, token }) =>
    [protocol, startPort, endPort, numberOfPorts, kind, store ?? '', token ?? ''].map(String));
  printTable(['PROTOCOL', 'START', 'END', 'PORTS', 'KIND', 'STORE', 'TOKEN'], rows);
}

/** Columns of numbers are aligned at the right. */
export function printTable(header: string[], content: string[][]): void {
  const rows = content.map((row) => row.map(plainText));
  const columns = header.map((title, column) => {
    const cells = rows.map((row) => row[column] ?? '');
    const width = cells.reduce((most, { length }) => Math.max(most, length), title.length);
    const numbers = cells.every((cell) => /^\d*$/.test(cell)) && cells.some((cell) => cell !== '');
    return numbers ? (cell: string) => cell.padStart(width) : (cell: string) => cell.padEnd(width);
  });
  for (const row of [header, ...rows]) {
    process.stdout.write(`${row.map((cell, column) => columns[column]?.(cell) ?? cell).join('  ').trimEnd()}\n`);
  }
}

/** Writes one line on stderr, never a stack, and returns the exit code. */
export function reportError(error: unknown, json: boolean): number {
  const known = (isPortReservationError(error) ? error : unexpected(error)).toData(VOICE);
  if (json) process.stderr.write(`${asciiJson(JSON.stringify({ error: known }))}\n`);
  else process.stderr.write(`port-reservation: ${oneLine(`${known.message}${/[.?!]$/.test(known.message) ? '' : '.'} ${known.advice}`)}\n`);
  return EXIT_CODES[known.reason];
}

/** Says what an answer lacks, each text once, because the same failure of netsh often concerns several lists. */
export function warnNotRead(json: boolean): (notRead: NotRead) => void {
  const said = new Set<string>();
  return (notRead) => {
    const text = say(describeNotRead(notRead), VOICE);
    if (said.has(text)) return;
    said.add(text);
    process.stderr.write(json ? `${asciiJson(JSON.stringify({ warning: notRead }))}\n` : `port-reservation: incomplete: ${oneLine(text)}\n`);
  };
}

/** Collects what an answer lacks, for a member of its JSON. Without --json, it is said on stderr, and the list stays empty. */
export function collectOrWarn(json: boolean): ReturnType<typeof collectNotRead> {
  return json ? collectNotRead() : { notRead: [], onNotRead: warnNotRead(json) };
}

/** The error if the work is done, but its output could not be written to stdout. */
export function outputLost({ message, code = 'UNKNOWN' }: NodeJS.ErrnoException): PortReservationError {
  return new PortReservationError(english(`the output could not be written: ${message}`), {
    reason: 'NativeError', code, advice: english('Check where the output is redirected to; list the blocks in force to see what was done.'),
  });
}

/** An error of another class is a bug of this project. */
function unexpected(error: unknown): PortReservationError {
  return new PortReservationError(messageOf(error), { reason: 'NativeError', code: 'UNKNOWN', advice: english('Please report this error.') });
}

function oneLine(text: string): string {
  return plainText(text.replace(/\s+/g, ' ').trim());
}
