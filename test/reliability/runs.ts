import fc from 'fast-check';
import type { IAsyncProperty } from 'fast-check';

/** How long to try, and what to replay. */
export interface Runs {
  /** How many generated cases. */
  readonly runs: number;
  readonly seed: number;
  /** Where in the seed's sequence a failure is; fast-check tells it. */
  readonly path?: string | undefined;
  /** Whether a failure is made smaller, which tries it again and again. Default true. */
  readonly shrink?: boolean | undefined;
}

/** What was tried, for the table of the soak: whole numbers by what they count. */
export type Figures = Record<string, number>;

/**
 * Tries a property. A failure is shrunk, and its error says how to play it again.
 *
 * @param name the attack's name in the soak
 */
export async function attack<Values>(name: string, property: IAsyncProperty<Values>, { runs, seed, path, shrink = true }: Runs): Promise<void> {
  const details = await fc.check(property, { numRuns: runs, seed, ...(path === undefined ? {} : { path }), endOnFailure: !shrink });
  if (!details.failed) return;
  const again = `npm run soak -- --only ${name} --seed ${details.seed} --path ${details.counterexamplePath ?? ''}`;
  throw new Error(`${name} failed; again: ${again}\n${fc.stringify(details.counterexample)}\n${String(details.errorInstance)}`, {
    cause: details.errorInstance,
  });
}
