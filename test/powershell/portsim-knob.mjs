// Turns the simulator's knobs for the PowerShell tests: node portsim-knob.mjs <library> <state file>
//
// Prints "ready", then reads a line of JSON for each call, ["portsim_set_elevated", 0], and prints what it gave.
import koffi from 'koffi';
import process from 'node:process';
import { createInterface } from 'node:readline';

const [library, state] = process.argv.slice(2);
const portsim = koffi.load(library);

function call([name, ...values]) {
  const types = values.map((value) => (typeof value === 'string' ? 'str' : 'uint32_t'));
  return portsim.func(`uint32_t ${name}(${types.join(', ')})`)(...values);
}

const error = call(['portsim_open', state]);
console.log(error === 0 ? 'ready' : `portsim_open gave ${error}`);
createInterface({ input: process.stdin }).on('line', (line) => console.log(String(call(JSON.parse(line)))));
