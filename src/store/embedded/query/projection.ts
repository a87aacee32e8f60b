/** Projections of find and findAndModify: inclusion, exclusion, $slice, $elemMatch, `$`, and computed fields. */
import { walkElements } from "../bson/decode";
import { encodeElements } from "../bson/encode";
import { Doc, isNumeric, type Value } from "../bson/value";
import { commandError, locationError } from "../command-error";
import { isOperators, truthy, wholeNumber } from "./leaf";
import { compileFilter, type ExpressionTest } from "./matcher";
import { pathOf } from "./path";

export interface Projection {
  /** Applies to a decoded document; `position` is the array index the filter matched, for `field.$`. */
  apply(doc: Doc, position: () => number | undefined): Doc;
  /** Applies to the bytes without decoding; null when the projection is not that simple. */
  applyRaw: ((bytes: Uint8Array) => Uint8Array) | null;
}

export interface ProjectionCompiler {
  expression: ExpressionTest;
  /** Compiles an aggregation expression to a function of the document. */
  compute(expression: Value): (doc: Doc) => Value | undefined;
}

/** A tree of field names; a leaf is kept or dropped as a whole, or changed by a function. */
interface Tree {
  children: Map<string, Tree>;
  leaf: boolean;
  change: ((value: Value | undefined, root: Doc, position: () => number | undefined) => Value | undefined) | null;
}

const newTree = (): Tree => ({ children: new Map(), leaf: false, change: null });

/** In find, `$slice` and `$elemMatch` choose elements; in a `$project` stage they are expressions like any other. */
export type ProjectionDialect = "find" | "stage";

/** Reads a projection; null when there is none. */
export function compileProjection(
  spec: Value | undefined,
  compiler: ProjectionCompiler,
  dialect: ProjectionDialect = "find",
): Projection | null {
  if (spec === undefined || spec === null) return null;
  if (!(spec instanceof Doc)) throw commandError("TypeMismatch", "projection must be an object");
  if (spec.size === 0) return null;
  const reader = new Reader(compiler, dialect);
  for (const [i, path] of spec.keys.entries()) reader.field(path, spec.values[i]!);
  return reader.finish();
}

class Reader {
  readonly #compiler: ProjectionCompiler;
  readonly #dialect: ProjectionDialect;
  readonly #tree = newTree();
  #mode: "include" | "exclude" | null = null;
  #id: boolean | null = null;
  #plain = true;

  constructor(compiler: ProjectionCompiler, dialect: ProjectionDialect) {
    this.#compiler = compiler;
    this.#dialect = dialect;
  }

  field(path: string, value: Value): void {
    if (path === "" || path.startsWith("$") || path.endsWith("."))
      throw locationError(16410, `FieldPath field names may not start with '$' or be empty: '${path}'`);
    if (path.endsWith(".$")) {
      this.positional(path.slice(0, -2));
      return;
    }
    if (path.includes(".$"))
      throw locationError(
        31394,
        "As of 4.4, it's illegal to specify positional operator in the middle of a path.Positional projection may only be used at the end.",
      );
    if (typeof value === "boolean" || isNumeric(value)) {
      this.flag(path, truthy(value));
      return;
    }
    if (this.#dialect === "find" && isOperators(value)) {
      if (value.has("$slice")) {
        this.slice(path, value.get("$slice")!);
        return;
      }
      if (value.has("$elemMatch")) {
        this.elementMatch(path, value.get("$elemMatch")!);
        return;
      }
      if (value.has("$meta")) throw commandError("NotImplemented", "$meta projections are not supported by the embedded store");
    }
    if (value instanceof Doc && !isOperators(value)) {
      if (value.size === 0)
        throw locationError(51270, "An empty sub-projection is not a valid value. Found empty object at path");
      for (const [i, key] of value.keys.entries()) this.field(`${path}.${key}`, value.values[i]!);
      return;
    }
    const compute = this.#compiler.compute(value);
    this.computed(path, (_, root) => compute(root));
  }

  private flag(path: string, on: boolean): void {
    if (path === "_id") {
      this.#id = on;
      return;
    }
    this.mode(on ? "include" : "exclude", path);
    this.leaf(path);
  }

  private mode(mode: "include" | "exclude", path: string): void {
    this.#mode ??= mode;
    if (this.#mode === mode) return;
    if (mode === "exclude") throw locationError(31254, `Cannot do exclusion on field ${path} in inclusion projection`);
    throw locationError(31253, `Cannot do inclusion on field ${path} in exclusion projection`);
  }

  private leaf(path: string): Tree {
    let tree = this.#tree;
    for (const part of pathOf(path)) {
      if (tree.leaf) throw locationError(31249, `Path collision at ${path} remaining portion ${part}`);
      let next = tree.children.get(part);
      if (!next) {
        next = newTree();
        tree.children.set(part, next);
      }
      tree = next;
    }
    if (tree.leaf || tree.children.size > 0) throw locationError(31250, `Path collision at ${path}`);
    tree.leaf = true;
    return tree;
  }

  private computed(path: string, change: Tree["change"]): void {
    this.#plain = false;
    this.mode("include", path);
    this.leaf(path).change = change;
  }

  /** $slice keeps everything else unless the projection includes fields. */
  private slice(path: string, argument: Value): void {
    this.#plain = false;
    const [skip, limit] = readSlice(argument);
    this.leaf(path).change = (value) => {
      if (!Array.isArray(value)) return value;
      if (skip === null) return limit >= 0 ? value.slice(0, limit) : value.slice(limit);
      const from = skip < 0 ? Math.max(value.length + skip, 0) : skip;
      return value.slice(from, from + limit);
    };
  }

  private elementMatch(path: string, argument: Value): void {
    const matcher = compileFilter(new Doc(["e"], [new Doc(["$elemMatch"], [argument])]), this.#compiler.expression);
    this.computed(path, (value) => {
      if (!Array.isArray(value)) return undefined;
      const found = value.find((item) => matcher.test(new Doc(["e"], [[item]])));
      return found === undefined ? undefined : [found];
    });
  }

  private positional(path: string): void {
    this.computed(path, (value, _root, position) => {
      if (!Array.isArray(value)) return value;
      const at = position();
      if (at === undefined || value[at] === undefined) {
        throw locationError(
          51246,
          "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
        );
      }
      return [value[at]];
    });
  }

  finish(): Projection {
    const including = this.#mode === "include" || (this.#mode === null && this.#id === true && this.#tree.children.size === 0);
    const keepId = this.#id ?? true;
    if (including ? keepId : !keepId) {
      const id = newTree();
      id.leaf = true;
      if (!this.#tree.children.has("_id")) this.#tree.children.set("_id", id);
    }
    const tree = this.#tree;
    const flat = this.#plain && [...tree.children.values()].every((child) => child.leaf);
    return {
      apply: (doc, position) => (including ? include(doc, tree, doc, position) : exclude(doc, tree, doc, position)),
      applyRaw: flat ? rawFields(new Set(tree.children.keys()), including) : null,
    };
  }
}

function readSlice(argument: Value): [number | null, number] {
  if (isNumeric(argument)) return [null, wholeNumber(argument) ?? 0];
  const numbers = Array.isArray(argument) ? argument.map(wholeNumber) : [];
  const [skip, limit] = numbers;
  if (numbers.length !== 2 || skip === null || limit === null || skip === undefined || limit === undefined) {
    throw locationError(28667, "Invalid $slice syntax. The given syntax did not match the find() syntax.");
  }
  if (limit <= 0) throw locationError(28724, "First argument to $slice must be an positive number");
  return [skip, limit];
}

type Position = () => number | undefined;

function include(doc: Doc, tree: Tree, root: Doc, position: Position): Doc {
  const out = new Doc();
  doc.keys.forEach((key, i) => {
    const branch = tree.children.get(key);
    if (!branch) return;
    const value = doc.values[i]!;
    const kept = branch.change
      ? branch.change(value, root, position)
      : branch.leaf
        ? value
        : includeInside(value, branch, root, position);
    if (kept !== undefined) out.push(key, kept);
  });
  for (const [key, branch] of tree.children) {
    if (doc.has(key)) continue;
    const made = branch.change
      ? branch.change(undefined, root, position)
      : hasComputed(branch)
        ? include(new Doc(), branch, root, position)
        : undefined;
    if (made !== undefined) out.push(key, made);
  }
  return out;
}

const hasComputed = (tree: Tree): boolean =>
  [...tree.children.values()].some((child) => child.change !== null || hasComputed(child));

function includeInside(value: Value, tree: Tree, root: Doc, position: Position): Value | undefined {
  if (value instanceof Doc) return include(value, tree, root, position);
  if (!Array.isArray(value)) return hasComputed(tree) ? include(new Doc(), tree, root, position) : undefined;
  return value.map((item) => includeInside(item, tree, root, position)).filter((item) => item !== undefined);
}

function exclude(doc: Doc, tree: Tree, root: Doc, position: Position): Doc {
  const out = new Doc();
  doc.keys.forEach((key, i) => {
    const branch = tree.children.get(key);
    const value = doc.values[i]!;
    if (!branch) {
      out.push(key, value);
      return;
    }
    if (branch.leaf && !branch.change) return;
    const kept = branch.change ? branch.change(value, root, position) : excludeInside(value, branch, root, position);
    if (kept !== undefined) out.push(key, kept);
  });
  return out;
}

function excludeInside(value: Value, tree: Tree, root: Doc, position: Position): Value {
  if (value instanceof Doc) return exclude(value, tree, root, position);
  return Array.isArray(value) ? value.map((item) => excludeInside(item, tree, root, position)) : value;
}

/** Copies whole top-level elements: no value is decoded. */
function rawFields(names: ReadonlySet<string>, keep: boolean): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    const parts: Uint8Array[] = [];
    walkElements(bytes, ({ name, from, to }) => {
      if (names.has(name) === keep) parts.push(bytes.subarray(from, to));
      return undefined;
    });
    return encodeElements(parts);
  };
}
