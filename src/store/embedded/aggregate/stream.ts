/** Streams of documents between the stages of a pipeline. */
import type { Doc } from "../bson/value";
import { type CommandError, commandError } from "../command-error";

export type Stream = Iterable<Doc>;

export function* mapStream(input: Stream, apply: (doc: Doc) => Doc): Generator<Doc> {
  for (const doc of input) yield apply(doc);
}

/** Sorting, grouping and facets keep at most this much in memory (MongoDB's own limit without disk use). */
export const MEMORY_BYTES = 104_857_600;

export const tooLarge = (what: string): CommandError =>
  commandError(
    "QueryExceededMemoryLimitNoDiskUseAllowed",
    `${what} exceeded its memory limit of ${MEMORY_BYTES} bytes; the embedded store does not spill to disk`,
  );
