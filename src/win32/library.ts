import { PortReservationError } from '../errors.js';
import { text } from '../texts/text.js';
import koffi from './koffi.js';

/** A native function: fixed-width integers as number or bigint, memory as a Buffer or an address of koffi.alloc. */
type NativeFunction = (...args: unknown[]) => number | bigint;

/** A loaded DLL whose exports are looked up on their first call, so that a missing one affects only its callers. */
interface Library {
  /** @param prototype a C prototype in koffi's syntax, with fixed-width types only: `long` differs between systems. */
  func(prototype: string): NativeFunction;
}

/** Loads a DLL by its full path, so that no search order decides what runs. */
export function openLibrary(path: string): Library {
  let handle: ReturnType<typeof koffi.load>;
  try {
    handle = koffi.load(path);
  } catch (cause) {
    throw new PortReservationError(text('system.library', { path, cause: (cause as Error).message }), {
      reason: 'NotSupported', code: 'ENOENT', syscall: 'LoadLibrary',
      advice: text('system.library.advice'),
    }, { cause });
  }
  return {
    func(prototype) {
      let native: NativeFunction | undefined;
      return (...args) => (native ??= bind(handle, path, prototype))(...args);
    },
  };
}

function bind(handle: ReturnType<typeof koffi.load>, path: string, prototype: string): NativeFunction {
  try {
    return handle.func(prototype) as NativeFunction;
  } catch (cause) {
    const name = /(\w+)\s*\(/.exec(prototype)?.[1] ?? prototype;
    throw new PortReservationError(text('system.function', { path, name }), {
      reason: 'NotSupported', code: 'ENOTSUP', syscall: name,
      advice: text('system.function.advice'),
    }, { cause });
  }
}
