// npm run observe:windows [-- --json]: asks this Windows what no source tells, in an elevated console. It judges nothing.
//
// Exit codes: 0 every question was answered, 1 one was not, 3 cannot run here.
import { NativeCalls } from './native-calls.js';
import { observations } from './observations.js';
import type { Answer } from './observations.js';
import { openSetting, runInterruptibly } from './setting.js';

interface Result {
  readonly id: string;
  readonly question: string;
  readonly answer: Answer | null;
  /** Why there is no answer. */
  readonly failure: string | null;
}

const { native, base, json, description } = await openSetting('observe:windows', import.meta.url);
const results: Result[] = [];
await runInterruptibly(observations, async ({ id, question, observe }) => {
  using calls = new NativeCalls(native);
  try {
    results.push({ id, question, answer: await observe(calls, base, native), failure: null });
  } catch (error) {
    results.push({ id, question, answer: null, failure: (error as Error).message });
  }
});

const unanswered = results.filter(({ failure }) => failure !== null).length;
if (json) {
  console.log(JSON.stringify({
    backend: native.backend, windowsBuild: native.windowsBuild, nodeVersion: process.versions.node, arch: process.arch,
    firstPort: base, observations: results,
  }, null, 2));
} else {
  const width = Math.max(...results.map(({ question }) => question.length));
  for (const { question, answer, failure } of results) {
    const said = answer ? Object.entries(answer).map(([name, value]) => `${name}: ${value ?? 'none'}`).join(', ') : `NO ANSWER: ${failure ?? ''}`;
    console.log(`${question.padEnd(width)}  ${said}`);
  }
  console.log(`\nOn ${description}: ${results.length - unanswered} answered, ${unanswered} not`);
}
process.exitCode = unanswered === 0 ? 0 : 1;
