/** Dotted paths through documents and arrays, as MongoDB walks them. */
import { Doc, type Value } from "../bson/value";

export type Path = readonly string[];

const known = new Map<string, Path>();
const MOST_KNOWN = 10_000;

/** The parts of a dotted path; paths come from a small set, so they are kept. */
export function pathOf(text: string): Path {
  let path = known.get(text);
  if (!path) {
    path = text.split(".");
    if (known.size < MOST_KNOWN) known.set(text, path);
  }
  return path;
}

/** The array index a path part stands for, or -1. */
export function arrayIndex(part: string): number {
  if (part.length === 0 || part.length > 7) return -1;
  for (let i = 0; i < part.length; i++) {
    const code = part.charCodeAt(i);
    if (code < 48 || code > 57) return -1;
  }
  return part.length > 1 && part[0] === "0" ? -1 : Number(part);
}

/**
 * Collects every value a filter sees at a path: arrays on the way are opened (each document in them, and the element of
 * that number), a missing field gives undefined. An array at the end is given whole.
 */
export function collect(value: Value | undefined, path: Path, from: number, out: (Value | undefined)[]): void {
  if (from === path.length) {
    out.push(value);
    return;
  }
  if (Array.isArray(value)) {
    const index = arrayIndex(path[from]!);
    if (index >= 0 && index < value.length) collect(value[index], path, from + 1, out);
    for (const item of value) if (item instanceof Doc) collect(item, path, from, out);
    return;
  }
  if (!(value instanceof Doc)) {
    out.push(undefined);
    return;
  }
  const next = value.get(path[from]!);
  if (next === undefined) out.push(undefined);
  else collect(next, path, from + 1, out);
}

/** True when one path is the other or leads through it. */
export function pathsConflict(a: string, b: string): boolean {
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}
