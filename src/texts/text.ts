import { plainText } from '../util/plain-text.js';
import { de } from './de/index.js';
import { en } from './en/index.js';
import { fr } from './fr/index.js';
import { SURFACE_NAMES, SURFACES } from './surfaces.js';
import type { Name, Operation, Surface } from './surfaces.js';

/** Languages that every text exists in. */
export const LANGUAGES = ['en', 'de', 'fr'] as const;
/** `en`, `de` or `fr`. */
export type Language = (typeof LANGUAGES)[number];

/** In which language, and in whose words, a text is said. */
export interface Voice {
  /** Default `en`. */
  readonly language: Language;
  /** Default `library`. */
  readonly surface: Surface;
}

/** How a language writes numbers and lists: in English without a comma before the last `and`. */
const LOCALES: Readonly<Record<Language, { readonly numbers: string; readonly lists: string }>> = {
  en: { numbers: 'en-US', lists: 'en-GB' }, de: { numbers: 'de', lists: 'de' }, fr: { numbers: 'fr', lists: 'fr' },
};

/** A number with its groups: `16,384`. */
export function grouped(value: number, { language }: Pick<Voice, 'language'>): string {
  return value.toLocaleString(LOCALES[language].numbers);
}

/** What {@link Error.message} of the library is said in. */
export const DEFAULT_VOICE: Voice = { language: 'en', surface: 'library' };

/** A voice with all of it: what is left out or unknown is that of {@link DEFAULT_VOICE}. An error that is told must not end in another one. */
export function wholeVoice(voice: { readonly [Part in keyof Voice]?: Voice[Part] | undefined } | null | undefined): Voice {
  const { language, surface } = { ...voice };
  return {
    language: LANGUAGES.find((known) => known === language) ?? DEFAULT_VOICE.language,
    surface: SURFACE_NAMES.find((known) => known === surface) ?? DEFAULT_VOICE.surface,
  };
}

type English = ReturnType<typeof en>;
export type TextId = keyof English;

/**
 * A text in no language yet: which one, and its values. Who throws or explains makes one, and whoever shows it says it in the
 * language and the words of the reader.
 */
export interface Text {
  readonly id: TextId;
  readonly values: Readonly<Record<string, Value>>;
}

/** Several texts in a row, with something between them. */
interface Joined {
  readonly parts: readonly Value[];
  readonly separator: string | Text;
}

/** A list is said with commas and `and`. Text from outside may be a value: it loses its control characters. */
export type Value = string | number | Text | Joined | Operation | readonly Value[];

/** The names between braces, but for those of {@link Name}, which the surface knows. */
type Placeholder<Template extends string> = Template extends `${string}{${infer Key}}${infer Rest}`
  ? (Key extends `$${Name}` ? never : Key) | Placeholder<Rest> : never;
type Values<Id extends TextId> = Readonly<Record<Placeholder<English[Id]>, Value>>;

/** `text('portFree', { port: 8080 })`; the compiler knows the values that each text needs. */
export function text<Id extends TextId>(id: Id, ...[values]: keyof Values<Id> extends never ? [] : [values: Values<Id>]): Text {
  return { id, values: values ?? {} };
}

/** A text that needs no values, by an id that is only known later. */
export type PlainId = { [Id in TextId]: keyof Values<Id> extends never ? Id : never }[TextId];

export function isText(value: Value | undefined): value is Text {
  return typeof value === 'object' && 'id' in value;
}

export function joined(parts: readonly Value[], separator: string | Text): Joined {
  return { parts, separator };
}

/** A text that is in English only. */
export function english(words: string): Text {
  return text('literal', { text: words });
}

/** `1 port`, `5 ports`. @param shown the number as it is written, where that is not plain */
export function countOfPorts(count: number, shown: string | number = count): Text {
  return text(count === 1 ? 'count.port' : 'count.ports', { count: shown });
}

/** Two sentences. The first may lack its full stop, as the message of an error does. */
export function sentences(first: Value, second: Value): Text {
  return text('sentences', { first, second });
}

type Texts = Readonly<Record<TextId, string>>;
/** Made when the first text of a language is said: many programs end without one. */
const MAKE: Readonly<Record<Language, () => Texts>> = { en, de, fr };
const TEXTS = new Map<Language, Texts>();

function textsOf(language: Language): Texts {
  const texts = TEXTS.get(language) ?? MAKE[language]();
  TEXTS.set(language, texts);
  return texts;
}

/** A text on one line, without control characters. */
export function say(value: Value, voice: Voice = DEFAULT_VOICE): string {
  return plainText(sayPart(value, voice));
}

function sayPart(value: Value, voice: Voice): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if (typeof value === 'function') return value(SURFACES[voice.surface]);
  if (isText(value)) {
    return textsOf(voice.language)[value.id].replace(/\{(\$?)(\w+)\}/g, (braces, dollar: string, key: string) =>
      (dollar ? SURFACES[voice.surface].names[key] ?? braces : sayPart(value.values[key] ?? braces, voice)));
  }
  if ('parts' in value) return value.parts.map((part) => sayPart(part, voice)).join(sayPart(value.separator, voice));
  return new Intl.ListFormat(LOCALES[voice.language].lists).format(value.map((part) => sayPart(part, voice)));
}
