// The arguments of this project's programs: each begins with a comment that tells how it is used.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const WRONG_ARGUMENTS = 2;

/**
 * As parseArgs, with --help. With arguments that are wrong it says why, and ends the program.
 *
 * @param program import.meta.url of it
 * @param config that of parseArgs
 * @param check gives what is wrong with { values, positionals }, or nothing
 * @param more what else is to be told of how it is used
 */
export function readArguments(program, config = {}, check = () => {}, more = '') {
  let read;
  let fault;
  try {
    read = parseArgs({ ...config, options: { ...config.options, help: { type: 'boolean', short: 'h' } } });
    fault = read.values.help ? undefined : check(read);
  } catch (error) {
    fault = error.message;
  }
  if (fault === undefined && !read.values.help) return read;
  const said = `${usageOf(program)}\n${more === '' ? '' : `${more}\n`}`;
  if (fault === undefined) process.stdout.write(said);
  else process.stderr.write(`${fault}\n\n${said}`);
  return process.exit(fault === undefined ? 0 : WRONG_ARGUMENTS);
}

function usageOf(program) {
  const lines = readFileSync(fileURLToPath(program), 'utf8').split(/\r?\n/);
  return lines.slice(0, lines.findIndex((line) => !line.startsWith('//'))).map((line) => line.replace(/^\/\/ ?/, '')).join('\n');
}
