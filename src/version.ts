import { createRequire } from 'node:module';

/** Version of this package. The bundler replaces the look-up with the number. */
export const VERSION: string = (createRequire(import.meta.url)('../package.json') as { version: string }).version;
