// Turns the simulator's knobs for the PowerShell tests: node portsim-knob.mjs <library> <state file>
//
// Prints "ready", then reads a line of JSON for each call, ["portsim_set_elevated", 0], and prints what it gave.
import { createRequire } from 'node:module';
import process from 'node:process';
import { createInterface } from 'node:readline';

const [library, state] = process.argv.slice(2);
const portsim = loadKoffi().load(library);

/** koffi's native part: a package has no more of it. On Linux, which of the two loads depends on the C library. */
function loadKoffi() {
  const { platform, arch } = process;
  const { resolve } = createRequire(import.meta.url);
  const koffi = { exports: {} };
  const load = (name) => process.dlopen(koffi, resolve(`@koromix/koffi-${platform}-${arch}/${name}_${arch}/koffi.node`));
  try {
    load(platform);
  } catch (error) {
    if (platform !== 'linux') throw error;
    load('musl');
  }
  return koffi.exports;
}

function call([name, ...values]) {
  const types = values.map((value) => (typeof value === 'string' ? 'str' : 'uint32_t'));
  return portsim.func(`uint32_t ${name}(${types.join(', ')})`)(...values);
}

const error = call(['portsim_open', state]);
console.log(error === 0 ? 'ready' : `portsim_open gave ${error}`);
createInterface({ input: process.stdin }).on('line', (line) => console.log(String(call(JSON.parse(line)))));
