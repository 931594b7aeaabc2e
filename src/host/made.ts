import type { JSONRPCID } from 'json-rpc-2.0';

/** Something that a request made: what it is called where it is left, and what takes it back. */
export interface Undoable {
  readonly name: string;
  readonly undo: () => unknown;
}

/** What could not be taken back, and why. */
export interface Left {
  readonly name: string;
  readonly message: string;
}

/** Requests whose things are remembered: those of one batch. */
const MAX_REQUESTS = 1_000;

/** What the last requests made, for a client that has the answer, and can no longer give it to anybody. */
export class Made {
  readonly #things = new Map<JSONRPCID, readonly Undoable[]>();
  readonly #say: (error: unknown) => string;

  /** @param say an error in the words of the client */
  constructor(say: (error: unknown) => string) {
    this.#say = say;
  }

  add(id: JSONRPCID, things: readonly Undoable[]): void {
    this.#things.set(id, things);
    for (const oldest of this.#things.keys()) {
      if (this.#things.size <= MAX_REQUESTS) break;
      this.#things.delete(oldest);
    }
  }

  /** Takes back what these requests made, the last first, but not the first `given` things of them all. */
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
