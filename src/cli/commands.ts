import type { CommandModule } from 'yargs';
import { settleAll } from '../util/settle-all.js';
import { CHANGED_EXIT_CODE, EXIT_CODES, FINDINGS_EXIT_CODE } from './exit-codes.js';
import type { GlobalArguments } from './options.js';

/** A command: its usage and its line in the help, and the rest of it, which is loaded only if the command line names it. */
interface Command {
  readonly command: string;
  readonly describe: string;
  readonly load: () => Promise<object>;
}

const COMMANDS: readonly Command[] = [
  {
    command: 'create [ports..]',
    describe: 'Reserve blocks of ports, those given or those in a file',
    load: async () => (await import('./commands/create.js')).createCommand,
  },
  {
    command: 'explain <ports..>',
    describe: 'Explain why ports can or cannot be bound, and what to do about a single port; '
      + `the exit code is 0 if every port can be bound, and ${EXIT_CODES.PortInUse} if one cannot`,
    load: async () => (await import('./commands/explain.js')).explainCommand,
  },
  {
    command: 'find',
    describe: 'Find a free block, outside every listed block and the dynamic range; to make sure of it, create it',
    load: async () => (await import('./commands/find.js')).findCommand,
  },
  {
    command: 'get <ports..>',
    describe: 'Look up a persistent reservation and its token; needs no administrator',
    load: async () => (await import('./commands/get.js')).getCommand,
  },
  {
    command: 'list',
    describe: 'List every block: persistent reservations, exclusions, and system blocks of other programs',
    load: async () => (await import('./commands/list.js')).listCommand,
  },
  {
    command: 'remove [ports..]',
    describe: 'Delete persistent reservations or exclusions, those given or those in a file, and show what was deleted',
    load: async () => (await import('./commands/remove.js')).removeCommand,
  },
  {
    command: 'apply <file>',
    describe: 'Bring this machine to the blocks of a file, and show what was changed; safe to run twice. '
      + `The exit code is 0 if there was nothing to do, ${CHANGED_EXIT_CODE} if something was changed, ${EXIT_CODES.PortInUse} if a block is another's, `
      + 'and otherwise that of the first failure',
    load: async () => (await import('./commands/apply.js')).applyCommand,
  },
  {
    command: 'export [file]',
    describe: 'Write the persistent reservations and exclusions of this machine as a file for apply',
    load: async () => (await import('./commands/export.js')).exportCommand,
  },
  {
    command: 'map',
    describe: 'Show the 65,536 ports as a picture, in the console or as a file',
    load: async () => (await import('./commands/map.js')).mapCommand,
  },
  {
    command: 'bind [ports]',
    describe: 'Bind a socket from a reservation, print its port, and hold it until stdin ends or Ctrl+C',
    load: async () => (await import('./commands/bind.js')).bindCommand,
  },
  {
    command: 'doctor',
    describe: 'Check the ports of this system: the dynamic ranges, who uses and who holds them, and what to do; '
      + `the exit code is 0 if there is nothing to do, and ${FINDINGS_EXIT_CODE} if there are errors or warnings`,
    load: async () => (await import('./commands/doctor.js')).doctorCommand,
  },
  {
    command: 'dynamic-range',
    describe: 'Show the dynamic ranges, from which Windows assigns ports to any program; change them with "dynamic-range set"',
    load: async () => (await import('./commands/dynamic-range.js')).dynamicRangeCommand,
  },
  {
    command: 'dsc <resource> <operation>',
    describe: 'Answer Microsoft DSC, which reads the resource manifests beside this program: an instance on stdin, its state on stdout',
    load: async () => (await import('./commands/dsc.js')).dscCommand,
  },
  {
    command: 'host',
    describe: 'Serve JSON-RPC, one object per line, on stdin and stdout until stdin ends',
    load: async () => (await import('./commands/host.js')).hostCommand,
  },
  {
    command: 'completion [shell]',
    describe: 'Print a completion script for bash, zsh or PowerShell',
    load: async () => (await import('./commands/completion.js')).completionCommand,
  },
];

/** Whether there is a command of this name. */
export function isCommand(name: string): boolean {
  return commandNames().includes(name);
}

export function commandNames(): string[] {
  return COMMANDS.map(nameOf);
}

/** The arguments that a command needs, in their order: `resource` and `operation` of `dsc <resource> <operation>`. */
export function neededBy(name: string): string[] {
  const { command = '' } = COMMANDS.find((candidate) => nameOf(candidate) === name) ?? {};
  return [...command.matchAll(/<(\w+)/g)].map(([, needed = '']) => needed);
}

function nameOf({ command }: Pick<Command, 'command'>): string {
  return command.split(' ')[0] ?? '';
}

/** All commands for yargs. Those that the arguments do not name have only what the help, and the error for a mistake, need. */
export function commandsFor(args: readonly string[]): Promise<CommandModule<GlobalArguments>[]> {
  return settleAll(COMMANDS.map(async ({ command, describe, load }) => ({
    command, describe, handler: () => {}, ...args.includes(nameOf({ command })) ? await load() : undefined,
  })));
}
