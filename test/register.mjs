// Runs the TypeScript of the tests as it is; types are checked by tsc in `npm run lint`.
import module from 'node:module';

// From Node.js 22.15 on without a thread for the hooks, which is half of what a small test costs.
if (module.registerHooks) module.registerHooks(await import('./transpiled.mjs'));
else module.register('./transpiled.mjs', import.meta.url);
