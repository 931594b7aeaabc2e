import { diagnosis } from './diagnosis.js';
import { errors } from './errors.js';
import { lists } from './lists.js';
import { map } from './map.js';

/** Every text of ../en/index.ts, in the words of ps/de-DE/Messages.psd1. */
export const de = () => ({ ...errors(), ...diagnosis(), ...lists(), ...map() }) as const;
