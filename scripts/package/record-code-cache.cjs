// node record-code-cache.cjs <bundle> [arguments]: runs a bundle as src/start/run.ts does, and writes V8's code cache of what has run
// by then beside it, as NAME.cache. It is of use to this very node.exe and this very bundle only.
const { readFileSync, writeFileSync } = require('node:fs');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

const [, , filename] = process.argv;
const bundle = readFileSync(filename);
const script = new Script(`(function (exports, require, module, __filename, __dirname) {${bundle.toString('latin1')}\n})`, { filename });
process.argv.splice(1, 1);
process.on('exit', () => {
  writeFileSync(filename.replace(/\.main\.cjs$/, '.cache'), Buffer.concat([bundle, script.createCachedData()]));
  process.exitCode = 0;
});
const module_ = { exports: {} };
script.runInThisContext()(module_.exports, require, module_, filename, dirname(filename));
