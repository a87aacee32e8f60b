/** Other processes that work on the same data, as far as they can be told something at once. Nothing told here is kept. */

export interface Neighbours {
  /** Tells the others, if they are there. Whoever is not misses it: nothing may depend on it for long. */
  tell(subject: string, message: unknown): void;
  /** Calls back with what another process tells, and its name. Gives the end of listening. */
  listen(subject: string, listener: (message: never, from: string) => void): () => void;
}

/** There is no other process, or no way to tell it. */
export const NOBODY: Neighbours = { tell: () => {}, listen: () => () => {} };
