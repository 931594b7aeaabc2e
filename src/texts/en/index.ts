import { diagnosis } from './diagnosis.js';
import { errors } from './errors.js';
import { lists } from './lists.js';
import { map } from './map.js';

/**
 * Every text of the library and its host, in English. `{port}` is a value, `{$startPort}` what the surface calls it (surfaces.ts). The
 * other languages have the same keys, and the same names between braces.
 */
export const en = () => ({ ...errors(), ...diagnosis(), ...lists(), ...map() }) as const;
