import test from 'ava';
import { readFileSync } from 'node:fs';
import { drawExample, EXAMPLE } from './example.js';

test('the picture in README is the one that the map draws today', async (t) => {
  const picture = await drawExample();
  for (const text of ['2,100 ports in system blocks of other programs', '10 ports in use by programs', '500 ports in persistent reservations', 'svchost.exe (1310)']) {
    t.true(picture.includes(text), text);
  }
  t.is(readFileSync(EXAMPLE, 'utf8'), picture, 'npm run draw:map draws it anew');
});
