/**
 * The values the engine works with. Every BSON type has exactly one form here, so that a document read from the file
 * and written again keeps its types, its key order and its bytes:
 * int32 is a JS number that is an integer of 32 bits; any other JS number is a double, and a double that looks like
 * an int32 is a Dbl; int64 is a bigint; documents are Doc (plain objects would reorder numeric keys).
 */

export const BsonType = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
} as const;

export class Doc {
  readonly keys: string[];
  readonly values: Value[];

  constructor(keys: string[] = [], values: Value[] = []) {
    this.keys = keys;
    this.values = values;
  }

  /** Builds a Doc from an object literal; fields that are undefined are left out. */
  static of(fields: Record<string, Value | undefined>): Doc {
    const doc = new Doc();
    for (const key of Object.keys(fields)) {
      const value = fields[key];
      if (value !== undefined) doc.push(key, value);
    }
    return doc;
  }

  get t(): number {
    return BsonType.object;
  }

  get size(): number {
    return this.keys.length;
  }

  get(name: string): Value | undefined {
    const at = this.keys.indexOf(name);
    return at < 0 ? undefined : this.values[at];
  }

  has(name: string): boolean {
    return this.keys.includes(name);
  }

  /** Replaces the field in its place, or appends it. */
  set(name: string, value: Value): void {
    const at = this.keys.indexOf(name);
    if (at < 0) this.push(name, value);
    else this.values[at] = value;
  }

  /** Appends without looking for an earlier field of the same name. */
  push(name: string, value: Value): void {
    this.keys.push(name);
    this.values.push(value);
  }

  delete(name: string): boolean {
    const at = this.keys.indexOf(name);
    if (at < 0) return false;
    this.keys.splice(at, 1);
    this.values.splice(at, 1);
    return true;
  }

  /** A copy that shares the values. */
  clone(): Doc {
    return new Doc(this.keys.slice(), this.values.slice());
  }
}

/** A double whose value is also an int32 (5.0, -0): without the wrapper it would be written as an int32. */
export class Dbl {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
  get t(): number {
    return BsonType.double;
  }
}

/** Milliseconds since 1970; `exact` holds the int64 when it is beyond what a number can carry. */
export class DateTime {
  readonly ms: number;
  readonly exact: bigint | null;
  constructor(ms: number, exact: bigint | null = null) {
    this.ms = ms;
    this.exact = exact;
  }
  get t(): number {
    return BsonType.date;
  }
}

export class Oid {
  /** 24 lower-case hex characters. */
  readonly hex: string;
  constructor(hex: string) {
    this.hex = hex;
  }
  get t(): number {
    return BsonType.objectId;
  }
}

export class Bin {
  readonly subtype: number;
  readonly bytes: Uint8Array;
  constructor(subtype: number, bytes: Uint8Array) {
    this.subtype = subtype;
    this.bytes = bytes;
  }
  get t(): number {
    return BsonType.binData;
  }
}

export class Regex {
  readonly pattern: string;
  readonly options: string;
  constructor(pattern: string, options: string) {
    this.pattern = pattern;
    this.options = options;
  }
  get t(): number {
    return BsonType.regex;
  }
}

/** IEEE 754 decimal in the 16 little-endian bytes of BSON; `decimal.ts` calculates with it. */
export class Decimal {
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  get t(): number {
    return BsonType.decimal;
  }
}

export class Timestamp {
  readonly seconds: number;
  readonly increment: number;
  constructor(seconds: number, increment: number) {
    this.seconds = seconds;
    this.increment = increment;
  }
  get t(): number {
    return BsonType.timestamp;
  }
}

export class Code {
  readonly source: string;
  readonly scope: Doc | null;
  constructor(source: string, scope: Doc | null) {
    this.source = source;
    this.scope = scope;
  }
  get t(): number {
    return this.scope ? BsonType.javascriptWithScope : BsonType.javascript;
  }
}

export class Sym {
  readonly value: string;
  constructor(value: string) {
    this.value = value;
  }
  get t(): number {
    return BsonType.symbol;
  }
}

export class DbPointer {
  readonly namespace: string;
  readonly id: Oid;
  constructor(namespace: string, id: Oid) {
    this.namespace = namespace;
    this.id = id;
  }
  get t(): number {
    return BsonType.dbPointer;
  }
}

/** The three types without a payload. */
export class Mark {
  readonly t: number;
  constructor(t: number) {
    this.t = t;
  }
}
export const MIN_KEY = new Mark(BsonType.minKey);
export const MAX_KEY = new Mark(BsonType.maxKey);
/** The deprecated BSON type "undefined"; JS `undefined` means "missing" everywhere in the engine. */
export const UNDEFINED = new Mark(BsonType.undefined);

export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Doc
  | Value[]
  | Dbl
  | DateTime
  | Oid
  | Bin
  | Regex
  | Decimal
  | Timestamp
  | Code
  | Sym
  | DbPointer
  | Mark;

/** The BSON type number of a value. */
export function typeOf(value: Value): number {
  switch (typeof value) {
    case "string":
      return BsonType.string;
    case "number":
      return (value | 0) === value ? BsonType.int : BsonType.double;
    case "boolean":
      return BsonType.bool;
    case "bigint":
      return BsonType.long;
  }
  if (value === null) return BsonType.null;
  return Array.isArray(value) ? BsonType.array : value.t;
}

/** A double in the form the engine uses for it. */
export const double = (value: number): number | Dbl => ((value | 0) === value ? new Dbl(value) : value);

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
export const fitsInt64 = (value: bigint): boolean => value >= INT64_MIN && value <= INT64_MAX;

export const isNumeric = (value: Value | undefined): value is number | bigint | Dbl | Decimal =>
  typeof value === "number" || typeof value === "bigint" || value instanceof Dbl || value instanceof Decimal;

/** A number of any type except decimal as a JS number (int64 beyond 2^53 loses digits); NaN for everything else. */
export function toNumber(value: Value | undefined): number {
  if (typeof value === "number") return value;
  if (value instanceof Dbl) return value.value;
  return typeof value === "bigint" ? Number(value) : Number.NaN;
}

const TYPE_NAMES = new Map<number, string>(Object.entries(BsonType).map(([name, code]) => [code, name]));

/** The alias of a type as `$type` and error messages use it. */
export const typeName = (value: Value | undefined): string =>
  value === undefined ? "missing" : (TYPE_NAMES.get(typeOf(value)) ?? "unknown");
