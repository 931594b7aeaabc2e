import type { JSONRPCID } from 'json-rpc-2.0';
import { MAX_UNDER_WAY } from './answers.js';

/** Something that a request made: its name, for a client that is told it could not be undone, and what undoes it. */
interface Undoable {
  readonly name: string;
  readonly undo: () => unknown;
}

/** What could not be undone, and why. */
interface Left {
  readonly name: string;
  readonly message: string;
}

/** Remembers what the last requests made, for a client that has got the answer but can no longer pass it on, and wants it undone. */
export class Made {
  readonly #things = new Map<JSONRPCID, readonly Undoable[]>();
  readonly #say: (error: unknown) => string;

  /** @param say makes the message of an error, in the client's language and words */
  constructor(say: (error: unknown) => string) {
    this.#say = say;
  }

  add(id: JSONRPCID, things: readonly Undoable[]): void {
    this.#things.set(id, things);
    for (const oldest of this.#things.keys()) {
      // As many as may be under way: a client may make others between an answer and what it passes on of it.
      if (this.#things.size <= MAX_UNDER_WAY) break;
      this.#things.delete(oldest);
    }
  }

  /** Undoes what these requests made, the last first, except the first `given` things, which the client has passed on. */
  async undo(ids: readonly JSONRPCID[], given: number): Promise<Left[]> {
    const things = ids.flatMap((id) => this.#things.get(id) ?? []).slice(given).reverse();
    for (const id of ids) this.#things.delete(id);
    const left: Left[] = [];
    for (const { name, undo } of things) {
      try {
        await undo();
      } catch (error) {
        left.push({ name, message: this.#say(error) });
      }
    }
    return left;
  }
}
