import test from 'ava';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findClr } from '../helpers/clr.js';
import { clrTest } from '../helpers/clr-test.js';
import { createSimulator } from '../helpers/simulator.js';

const simulator = await createSimulator();
test.after.always(() => simulator.dispose());

const clr = findClr('EchoServer');

clrTest(clr)('06: a server in .NET on a socket from a reservation', (t) => {
  if (typeof clr === 'string') return t.fail();
  const name = '06-dotnet-server';
  const server = fileURLToPath(new URL(`../../examples/${name}/server.mjs`, import.meta.url));
  // The tests keep edge-js in a folder of their own, so its name stands for that here.
  const hook = `export const resolve = (name, context, next) => name === 'edge-js'
    ? { url: ${JSON.stringify(pathToFileURL(join(clr.edgeJs, 'lib', 'edge.js')).href)}, shortCircuit: true } : next(name, context);`;
  const register = `import { register } from 'node:module'; register('data:text/javascript,${encodeURIComponent(hook).replaceAll('\'', '%27')}');`;
  const { status, stdout, stderr } = spawnSync(process.execPath, [`--import=data:text/javascript,${encodeURIComponent(register)}`,
    server, clr.folder, simulator.options.library, simulator.options.state],
  { encoding: 'utf8' });
  t.is(stderr, '');
  t.regex(stdout, /^\.NET serves port \d+ of \d+-\d+ on simulator; here the socket is closed\nit answered hello\ngiven back\n$/);
  t.is(status, 0);
});
