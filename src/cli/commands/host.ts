import { resolve } from 'node:path';
import type { CommandModule } from 'yargs';
import { runHost } from '../../host/main.js';
import type { GlobalArguments } from '../options.js';

export const hostCommand = {
  handler: ({ simulator, 'simulator-state': state }: GlobalArguments) => {
    runHost(simulator !== undefined && state !== undefined ? { simulator: { library: resolve(simulator), state: resolve(state) } } : {});
  },
} satisfies CommandModule<GlobalArguments, GlobalArguments>;
