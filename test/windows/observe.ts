// npm run observe:windows [-- --json]: asks this Windows what no source tells, in an elevated console. It judges nothing.
//
// Exit codes: 0 every question was answered, 1 one was not, 3 cannot run here.
import { setImmediate } from 'node:timers/promises';
import { NativeCalls } from './native-calls.js';
import { observations } from './observations.js';
import type { Answer } from './observations.js';
import { formatTable, onInterrupt, openSetting } from './setting.js';

interface Result {
  readonly id: string;
  readonly question: string;
  readonly answer: Answer | null;
  /** Why there is no answer. */
  readonly failure: string | null;
}

const { native, base, json, description } = await openSetting('observe:windows');
const calls = new NativeCalls(native);
onInterrupt(() => calls[Symbol.dispose]());

const results: Result[] = [];
for (const { id, question, observe } of observations) {
  try {
    results.push({ id, question, answer: await observe(calls, base, native), failure: null });
  } catch (error) {
    results.push({ id, question, answer: null, failure: (error as Error).message });
  } finally {
    calls[Symbol.dispose]();
  }
  // The native calls do not wait, so without this no Ctrl+C would be heard between two questions.
  await setImmediate();
}

const unanswered = results.filter(({ failure }) => failure !== null).length;
if (json) {
  console.log(JSON.stringify({
    backend: native.backend, windowsBuild: native.windowsBuild, nodeVersion: process.versions.node, arch: process.arch,
    firstPort: base, observations: results,
  }, null, 2));
} else {
  console.log(formatTable(['QUESTION', 'ANSWER'], results.map(({ question, answer, failure }) =>
    [question, answer ? Object.entries(answer).map(([name, value]) => `${name}: ${value ?? 'none'}`).join(', ') : `NO ANSWER: ${failure ?? ''}`])));
  console.log(`\nOn ${description}: ${results.length - unanswered} answered, ${unanswered} not`);
}
process.exitCode = unanswered === 0 ? 0 : 1;
