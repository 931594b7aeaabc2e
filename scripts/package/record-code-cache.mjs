// node record-code-cache.mjs <bundle> [arguments]: runs a bundle as src/start/run.ts does, and writes V8's code cache of what has run
// by then beside it, as NAME.cache. It is of use to this very Node.js and this very bundle only.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

const [, , filename] = process.argv;
const bundle = readFileSync(filename);
const script = new Script(`(function (exports, require, module, __filename, __dirname) {${bundle.toString('latin1')}\n})`, { filename });
process.argv.splice(1, 1);
process.on('exit', () => {
  const data = script.createCachedData();
  // Twice, by which damage is noticed: V8 runs what it is given.
  writeFileSync(filename.replace(/\.main\.cjs$/, '.cache'), Buffer.concat([bundle, data, data]));
  // That of the bundle: off Windows, its commands are refused.
  process.exitCode = 0;
});
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(filename), module, filename, dirname(filename));
