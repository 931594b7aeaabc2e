import test from 'ava';
import koffi from 'koffi';
import own from '../../src/win32/koffi.js';

test('koffi\'s own JavaScript gives nothing that the binary does not, but what is deprecated', (t) => {
  const names = (module: object) => Object.keys(module).sort();
  const written = Object.entries(koffi as object).filter(([, value]) => typeof value === 'function' && !/\{ \[native code\] \}$/.test(String(value))).map(([name]) => name);
  // load() adds `cdecl` and the like to a library; register() warns of a use that we do not make.
  t.deepEqual(written.sort(), ['introspect', 'load', 'register', 'resolve']);
  t.deepEqual(names(koffi as object).filter((name) => !(name in own)), ['introspect', 'resolve']);
  t.deepEqual(names(own).filter((name) => !(name in koffi)), []);
  t.is(own.version, koffi.version);
});
