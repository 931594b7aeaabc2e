import { createRequire } from 'node:module';

/** Version of this package; the bundler puts the number in place of the look-up. */
export const VERSION: string = (createRequire(import.meta.url)('../package.json') as { version: string }).version;
