// Runs the TypeScript of the tests as it is; types are checked by tsc in `npm run lint`.
import { register } from 'node:module';

register('ts-node/esm/transpile-only', import.meta.url);
register('./transpiled.mjs', import.meta.url);
