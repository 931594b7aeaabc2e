import test from 'ava';
import { setImmediate } from 'node:timers/promises';
import { settleAll } from '../../src/util/settle-all.js';

test('settleAll gives what each gave, in their order', async (t) => {
  t.deepEqual(await settleAll([setImmediate('late'), 'at once', Promise.resolve(3)]), ['late', 'at once', 3]);
});

test('settleAll tells the first error when nothing goes on any more', async (t) => {
  const order: string[] = [];
  let finish = () => {};
  const slow = new Promise<void>((resolve) => { finish = resolve; }).then(() => void order.push('finished'));
  const told = settleAll([Promise.reject(new Error('first')), slow, Promise.reject(new Error('second'))])
    .catch((error: unknown) => void order.push(String(error)));
  await setImmediate();
  t.deepEqual(order, []);
  finish();
  await told;
  t.deepEqual(order, ['finished', 'Error: first']);
});
