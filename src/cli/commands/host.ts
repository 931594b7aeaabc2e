import type { CommandModule } from 'yargs';
import { runHost } from '../../host/main.js';
import { simulatorOf } from '../options.js';
import type { GlobalArguments } from '../options.js';

export const hostCommand = {
  handler: (args: GlobalArguments) => runHost({ simulator: simulatorOf(args) }),
} satisfies CommandModule<GlobalArguments, GlobalArguments>;
