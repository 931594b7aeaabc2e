import test from 'ava';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { within } from '../helpers/deadline.js';
import { offWindows } from '../helpers/platform.js';
import { portsOf } from '../helpers/ports.js';
import { createSimulator } from '../helpers/simulator.js';
import { packAndInstall, ROOT } from '../helpers/tarball.js';

const run = promisify(execFile);
const base = portsOf(import.meta.url);
const installed = await packAndInstall();
test.after.always(() => installed.dispose());
const { project, folder } = installed;

/** Runs a module of the consumer's and gives what it prints as JSON. */
async function inProject(name: string, code: string): Promise<unknown> {
  const file = join(project, `${name}.mjs`);
  writeFileSync(file, code);
  const { stdout, stderr } = await run(process.execPath, [file], { cwd: project });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as unknown;
}

test('the package exports its functions and its error class, and no default', async (t) => {
  t.deepEqual(await inProject('exports', `
    import * as all from 'port-reservation';
    console.log(JSON.stringify(Object.entries(all).map(([name, value]) => \`\${typeof value} \${name}\`).sort()));
  `), [
    'PortReservationError', 'endPortOf', 'formatBlock', 'isPortReservationError', 'listenOn', 'openPortReservations',
    'parseDynamicPortRange', 'parseExcludedPortRanges', 'toChangeData', 'toData', 'toExplanationData',
  ].map((name) => `function ${name}`));
  t.deepEqual(await inProject('edge', `
    console.log(JSON.stringify(Object.keys(await import('port-reservation/edge')).sort()));
  `), ['clrFunction', 'handOver', 'useCoreClr']);
});

test('importing the package prints nothing, keeps nothing open and changes no state of the process', async (t) => {
  const [before, after] = await inProject('effects', `
    const state = () => ({
      open: process.getActiveResourcesInfo(), environment: { ...process.env }, folder: process.cwd(), exitCode: process.exitCode ?? null,
      listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]), globals: Object.getOwnPropertyNames(globalThis).sort(),
    });
    const before = state();
    await import('port-reservation');
    console.log(JSON.stringify([before, state()]));
  `) as [object, object];
  t.deepEqual(after, before);
});

offWindows('calling it off Windows throws PlatformNotSupported, with what to do', async (t) => {
  t.like(await inProject('call', `
    import { openPortReservations, isPortReservationError } from 'port-reservation';
    try {
      openPortReservations();
    } catch (error) {
      console.log(JSON.stringify({ ...error.toJSON(), known: isPortReservationError(error), name: error.name, isError: error instanceof Error }));
    }
  `), { reason: 'PlatformNotSupported', code: 'ENOTSUP', nativeCode: null, syscall: null, known: true, name: 'PortReservationError', isError: true });
});

test('the package works from its own folder, with the simulator given by argument', async (t) => {
  const simulator = await createSimulator();
  t.teardown(() => simulator.dispose());
  t.deepEqual(await inProject('simulated', `
    import { openPortReservations } from 'port-reservation';
    const reservations = openPortReservations({ simulator: ${JSON.stringify(simulator.options)} });
    const { token, ...rest } = reservations.createPersistent({ protocol: 'tcp', startPort: ${base}, numberOfPorts: 2 });
    console.log(JSON.stringify({ ...rest, token: typeof token, backend: reservations.backend }));
  `), {
    protocol: 'tcp', startPort: base, endPort: base + 1, numberOfPorts: 2, kind: 'persistent', addressFamily: null, owningProcess: null, store: 'persistent',
    token: 'bigint', backend: 'simulator',
  });
  const host = spawn(process.execPath, [join(folder, 'dist/port-reservation-host.cjs'), ...simulator.args], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => host.kill('SIGKILL'));
  let answer = '';
  host.stdout.setEncoding('utf8').on('data', (text: string) => (answer += text));
  host.stdin.end('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1}}\n');
  await within(once(host, 'close'), 'the end of the host');
  t.like(JSON.parse(answer), { result: { backend: 'simulator' } });
});

test('what is not exported cannot be imported, and package.json can', async (t) => {
  t.deepEqual(await inProject('inside', `
    import { createRequire } from 'node:module';
    const codes = [];
    for (const path of ['dist/native.js', 'dist/index.js', 'native', 'src/index.ts']) {
      await import('port-reservation/' + path).catch((error) => codes.push(error.code));
    }
    const { name } = createRequire(import.meta.url)('port-reservation/package.json');
    console.log(JSON.stringify([...new Set(codes), codes.length, name]));
  `), ['ERR_PACKAGE_PATH_NOT_EXPORTED', 4, 'port-reservation']);
});

test('a consumer compiles under nodenext, with the libraries checked and tokens that are no numbers', async (t) => {
  writeFileSync(join(project, 'consumer.ts'), `
    import { openPortReservations, isPortReservationError, toData } from 'port-reservation';
    import type { PortBlock, Reservation, ReservationData, AssociatedSocket, Reason } from 'port-reservation';
    import { clrFunction, handOver } from 'port-reservation/edge';
    import type { SocketInformation } from 'port-reservation/edge';

    const block: PortBlock = { protocol: 'tcp', startPort: 5000, numberOfPorts: 10 };
    export async function use(signal: AbortSignal): Promise<ReservationData[]> {
      using reservations = openPortReservations();
      const { token } = reservations.lookupPersistent(block);
      const exact: bigint = token;
      // @ts-expect-error a token never is a number
      const wrong: number = token;
      // @ts-expect-error sctp has no port reservations
      reservations.lookupPersistent({ ...block, protocol: 'sctp' });
      using socket: AssociatedSocket = await reservations.bind({ protocol: 'tcp', token: exact, listen: true, signal, timeout: 1000 });
      const listed: Reservation[] = await reservations.list({ port: socket.localPort + (wrong && 0) });
      return listed.map(toData);
    }
    // What edge-js declares of itself.
    declare const edge: { func<TInput, TOutput>(params: string | { assemblyFile: string; typeName?: string; methodName?: string }):
      { (payload: TInput, callback: (error: Error, result: TOutput) => void): void; (payload: TInput, sync: true): TOutput } };
    export async function give(socket: AssociatedSocket): Promise<number> {
      const serve = clrFunction<{ greeting: string; socket: SocketInformation }, number>(edge, { assemblyFile: '/a.dll', typeName: 'A' });
      // @ts-expect-error the function wants a greeting
      await handOver(socket, serve, {});
      return handOver(socket, serve, { greeting: 'hello' });
    }
    export function reasonOf(error: unknown): Reason | null {
      return isPortReservationError(error) ? error.reason : null;
    }
  `);
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({
    compilerOptions: {
      module: 'nodenext', target: 'es2022', lib: ['es2023', 'esnext.disposable'], strict: true, noEmit: true, skipLibCheck: false,
      exactOptionalPropertyTypes: true, types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')],
    },
    files: ['consumer.ts'],
  }));
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const result = await run(process.execPath, [tsc, '-p', project]).catch((error: unknown) => error as { stdout: string });
  t.is(result.stdout, '');
});
