/** Which entries a document has in an index: MongoDB's rules for arrays (multikey), missing fields, sparse and partial. */
import { compoundKey } from "../bson/key";
import { Doc, UNDEFINED, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { arrayIndex, type Path } from "../query/path";

/** The values of one entry, in the order of the index fields; undefined where the field is missing. */
export type Tuple = (Value | undefined)[];

export interface Extraction {
  tuples: Tuple[];
  /** Bit i is set when the path of field i went through an array. */
  multikey: number;
}

/** All entries of a document; empty when a sparse index skips it. */
export function extractTuples(doc: Doc, paths: readonly Path[], sparse: boolean): Extraction {
  const plain: Tuple = [];
  for (const path of paths) {
    const value = path.length === 1 ? doc.get(path[0]!) : plainValue(doc, path);
    if (value === ARRAY || Array.isArray(value)) return extractMultikey(doc, paths, sparse);
    plain.push(value);
  }
  if (sparse && plain.every((value) => value === undefined)) return { tuples: [], multikey: 0 };
  return { tuples: [plain], multikey: 0 };
}

const ARRAY = Symbol("array on the path");

function plainValue(doc: Doc, path: Path): Value | undefined | typeof ARRAY {
  let current: Value | undefined = doc;
  for (const part of path) {
    if (Array.isArray(current)) return ARRAY;
    current = current instanceof Doc ? current.get(part) : undefined;
  }
  return current;
}

/** One index field on its way through the document. */
interface Cursor {
  value: Value | undefined;
  /** Parts of the path that are left. */
  rest: Path;
  /** True when the value is an entry as it is, also when it is an array. */
  done: boolean;
}

const isOpen = (cursor: Cursor): boolean => !cursor.done && Array.isArray(cursor.value);

function extractMultikey(doc: Doc, paths: readonly Path[], sparse: boolean): Extraction {
  const found = new Map<string, Tuple>();
  const directions = paths.map(() => 1);
  let multikey = 0;
  const expand = (cursors: readonly Cursor[]): void => {
    const moved = cursors.map(advance);
    const array = moved.find(isOpen)?.value;
    if (!Array.isArray(array)) {
      const tuple = moved.map((cursor) => cursor.value);
      found.set(Buffer.from(compoundKey(tuple, directions)).toString("latin1"), tuple);
      return;
    }
    moved.forEach((cursor, i) => {
      if (!isOpen(cursor)) return;
      if (cursor.value !== array) refuseParallel(paths, moved, array, i);
      multikey |= 1 << i;
    });
    if (array.length === 0) {
      expand(moved.map((cursor) => (isOpen(cursor) ? openEmpty(cursor) : cursor)));
      return;
    }
    for (const item of array) expand(moved.map((cursor) => (isOpen(cursor) ? openItem(cursor, item) : cursor)));
  };
  expand(paths.map((rest) => ({ value: doc, rest, done: false })));
  const tuples = [...found.values()];
  const skipped = sparse && tuples.every((tuple) => tuple.every((value) => value === undefined));
  return { tuples: skipped ? [] : tuples, multikey };
}

/** Walks until the value is final or an array that has to be opened. */
function advance(cursor: Cursor): Cursor {
  if (cursor.done) return cursor;
  let { value, rest } = cursor;
  while (rest.length > 0) {
    if (Array.isArray(value)) {
      const index = arrayIndex(rest[0]!);
      if (index < 0 || index >= value.length) return { value, rest, done: false };
      value = value[index];
    } else value = value instanceof Doc ? value.get(rest[0]!) : undefined;
    rest = rest.slice(1);
  }
  return { value, rest, done: !Array.isArray(value) };
}

const openEmpty = ({ rest }: Cursor): Cursor => ({ value: rest.length === 0 ? UNDEFINED : undefined, rest: [], done: true });

function openItem({ rest }: Cursor, item: Value): Cursor {
  if (rest.length === 0) return { value: item, rest, done: true };
  // An array directly inside an array is not searched for field names.
  if (Array.isArray(item) && arrayIndex(rest[0]!) < 0) return { value: undefined, rest: [], done: true };
  return { value: item, rest, done: false };
}

function refuseParallel(paths: readonly Path[], cursors: readonly Cursor[], array: Value[], at: number): never {
  const first = cursors.findIndex((cursor) => cursor.value === array);
  throw commandError(
    "CannotIndexParallelArrays",
    `cannot index parallel arrays [${paths[at]!.at(-1)}] [${paths[first]!.at(-1)}]`,
  );
}
