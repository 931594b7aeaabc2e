import { checkOneOf, checkRequest } from './checks.js';
import { openNative } from './native.js';
import type { SimulatorOptions } from './native.js';
import { PortReservations } from './port-reservations.js';
import { SURFACE_NAMES } from './texts/surfaces.js';
import { DEFAULT_VOICE, LANGUAGES } from './texts/text.js';
import type { Voice } from './texts/text.js';

/** Options of {@link openPortReservations}. */
export interface OpenOptions {
  /** The simulator to use instead of Windows. Default none. */
  readonly simulator?: SimulatorOptions | undefined;
  /**
   * The language and the words of explanations, findings and what could not be read. Default English, in the words of this library.
   * The message of an error is always that; `toData` says it otherwise.
   */
  readonly voice?: Partial<Voice> | undefined;
}

/**
 * Opens the port reservations of this Windows system, or of a simulator. Close the object, or declare it with `using`. One of a
 * worker thread is closed with its thread, unless that is ended by `terminate()`, which lets it run no code: its runtime reservations and
 * sockets then last until the process ends.
 *
 * @throws PortReservationError: PlatformNotSupported off Windows without a simulator; NotSupported for a 32-bit Node.js or a
 *   library that cannot be loaded; InvalidParameter for a relative path; NativeError for a state file that cannot be used
 */
export function openPortReservations(options: OpenOptions = {}): PortReservations {
  checkRequest('options', options);
  return new PortReservations(openNative(options.simulator, voiceOf(options.voice)));
}

function voiceOf(voice: Partial<Voice> | undefined): Voice {
  if (voice === undefined) return DEFAULT_VOICE;
  checkRequest('voice', voice);
  const { language = DEFAULT_VOICE.language, surface = DEFAULT_VOICE.surface } = voice;
  checkOneOf('voice.language', language, LANGUAGES);
  checkOneOf('voice.surface', surface, SURFACE_NAMES);
  return { language, surface };
}
