/** A filter compiled once and tested against many documents. Operators outside MongoDB's list fail when compiling. */
import { Doc, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { refuseFilterOperator } from "../unsupported";
import { each, equalityTest, isOperators, type Leaf, leafOf, not, whole } from "./leaf";
import { collect, type Path, pathOf } from "./path";
import { compileSchema } from "./schema/compile";

/** Compiles the expression of `$expr` to a truth test; given from outside so that filters do not depend on aggregation. */
export type ExpressionTest = (expression: Value) => (doc: Doc) => boolean;

export interface Matcher {
  test(doc: Doc): boolean;
  /** The index of the array element that made the document match: what `$` means in an update. */
  position(doc: Doc): number | undefined;
  /** The top-level fields that are looked at, or null when it may be any. */
  fields: ReadonlySet<string> | null;
  /** True for the empty filter. */
  matchesAll: boolean;
}

interface Node {
  test(doc: Doc): boolean;
  position(doc: Doc): number | undefined;
}

class Compiler {
  readonly fields = new Set<string>();
  anyField = false;
  readonly #expression: ExpressionTest;

  constructor(expression: ExpressionTest) {
    this.#expression = expression;
  }

  nodes(filter: Doc): Node[] {
    const out: Node[] = [];
    for (let i = 0; i < filter.size; i++) {
      const key = filter.keys[i]!;
      const value = filter.values[i]!;
      if (!key.startsWith("$")) out.push(this.field(key, value));
      else if (key !== "$comment") out.push(this.logical(key, value));
    }
    return out;
  }

  private logical(op: string, value: Value): Node {
    if (op === "$and" || op === "$or" || op === "$nor") {
      if (!Array.isArray(value)) throw commandError("BadValue", `${op} must be an array`);
      if (value.length === 0) throw commandError("BadValue", "$and/$or/$nor must be a nonempty array");
      const branches = value.map((item) => {
        if (!(item instanceof Doc)) throw commandError("BadValue", "$or/$and/$nor entries need to be full objects");
        return conjunction(this.nodes(item));
      });
      if (op === "$and") return conjunction(branches);
      if (op === "$nor") return without((doc) => !branches.some((branch) => branch.test(doc)));
      return {
        test: (doc) => branches.some((branch) => branch.test(doc)),
        position: (doc) => branches.find((branch) => branch.test(doc))?.position(doc),
      };
    }
    if (op === "$expr") {
      this.anyField = true;
      return without(this.#expression(value));
    }
    if (op === "$jsonSchema") {
      this.anyField = true;
      const check = compileSchema(value, op);
      return without((doc) => check(doc).length === 0);
    }
    if (op === "$alwaysTrue") return without(() => true);
    if (op === "$alwaysFalse") return without(() => false);
    refuseFilterOperator(op);
    throw commandError(
      "BadValue",
      `unknown top level operator: ${op}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
    );
  }

  private field(name: string, condition: Value): Node {
    const path = pathOf(name);
    this.fields.add(path[0]!);
    const leaves = isOperators(condition) ? this.leaves(condition) : [each(equalityTest(condition))];
    if (leaves.length === 1) return fieldNode(path, leaves[0]!);
    return conjunction(leaves.map((leaf) => fieldNode(path, leaf)));
  }

  /** The conditions in `{$gt: 1, $lt: 5}`. */
  leaves(operators: Doc): Leaf[] {
    const out: Leaf[] = [];
    for (let i = 0; i < operators.size; i++) {
      const op = operators.keys[i]!;
      if (op === "$options") {
        if (!operators.has("$regex")) throw commandError("BadValue", "$options needs a $regex");
        continue;
      }
      if (op !== "$comment") out.push(this.leaf(op, operators.values[i]!, operators));
    }
    return out;
  }

  private leaf(op: string, argument: Value, siblings: Doc): Leaf {
    const simple = leafOf(op, argument, siblings);
    if (simple) return simple;
    if (op === "$elemMatch") return this.elementMatch(argument);
    if (op === "$all") return this.all(argument);
    if (op === "$not") {
      if (isOperators(argument)) return not(this.leaves(argument));
      if (argument instanceof Doc && argument.size === 0) throw commandError("BadValue", "$not cannot be empty");
      if (argument instanceof Doc || typeof argument !== "object")
        throw commandError("BadValue", "$not needs a regex or a document");
      return not([each(equalityTest(argument))]);
    }
    refuseFilterOperator(op);
    throw commandError("BadValue", `unknown operator: ${op}`);
  }

  private all(argument: Value): Leaf {
    if (!Array.isArray(argument)) throw commandError("BadValue", "$all needs an array");
    const parts = argument.map((item) => {
      if (item instanceof Doc && item.keys[0] === "$elemMatch") return this.elementMatch(item.values[0]!);
      if (isOperators(item)) throw commandError("BadValue", "no $ expressions in $all");
      return each(equalityTest(item));
    });
    if (parts.length === 0) return whole(() => false);
    return {
      single: (value) => parts.every((part) => part.single(value)),
      onPath: (values) => parts.every((part) => part.onPath(values)),
    };
  }

  private elementMatch(argument: Value): Leaf {
    const test = this.elementTest(argument);
    return whole((value) => Array.isArray(value) && value.some(test));
  }

  /** The test of one array element under `$elemMatch`. */
  private elementTest(argument: Value): (item: Value) => boolean {
    if (!(argument instanceof Doc)) throw commandError("BadValue", "$elemMatch needs an Object");
    if (isOperators(argument) && !/^\$(and|or|nor|expr)$/.test(argument.keys[0]!)) {
      const leaves = this.leaves(argument);
      return (item) => leaves.every((leaf) => leaf.single(item));
    }
    // The fields inside belong to the elements, not to the document.
    const inner = new Compiler(this.#expression);
    const node = conjunction(inner.nodes(argument));
    return (item) => {
      if (item instanceof Doc) return node.test(item);
      // Arrays inside the array are seen as documents with numbered fields.
      return (
        Array.isArray(item) &&
        node.test(
          new Doc(
            item.map((_, i) => String(i)),
            item,
          ),
        )
      );
    };
  }
}

const without = (test: (doc: Doc) => boolean): Node => ({ test, position: () => undefined });

function conjunction(nodes: readonly Node[]): Node {
  if (nodes.length === 1) return nodes[0]!;
  return {
    test: (doc) => {
      for (const node of nodes) if (!node.test(doc)) return false;
      return true;
    },
    position: (doc) => {
      let last: number | undefined;
      for (const node of nodes) last = node.position(doc) ?? last;
      return last;
    },
  };
}

function fieldNode(path: Path, leaf: Leaf): Node {
  const name = path[0]!;
  const test =
    path.length === 1
      ? (doc: Doc) => {
          const value = doc.get(name);
          return Array.isArray(value) ? leaf.onPath([value]) : leaf.single(value);
        }
      : (doc: Doc) => {
          const values: (Value | undefined)[] = [];
          collect(doc, path, 0, values);
          return leaf.onPath(values);
        };
  return { test, position: (doc) => positionOf(doc, path, 0, leaf) };
}

/** The index in the first array on the path whose element satisfies the condition. */
function positionOf(value: Value | undefined, path: Path, from: number, leaf: Leaf): number | undefined {
  if (Array.isArray(value)) {
    const found = value.findIndex((item) => {
      if (from === path.length) return leaf.single(item) || leaf.onPath([[item]]);
      const values: (Value | undefined)[] = [];
      if (item instanceof Doc) collect(item, path, from, values);
      return leaf.onPath(values);
    });
    return found < 0 ? undefined : found;
  }
  if (from === path.length || !(value instanceof Doc)) return undefined;
  return positionOf(value.get(path[from]!), path, from + 1, leaf);
}

/** Compiles a filter. */
export function compileFilter(filter: Doc, expression: ExpressionTest): Matcher {
  const compiler = new Compiler(expression);
  const nodes = compiler.nodes(filter);
  const node = conjunction(nodes);
  return {
    test: nodes.length === 0 ? () => true : node.test,
    position: node.position,
    fields: compiler.anyField ? null : compiler.fields,
    matchesAll: nodes.length === 0,
  };
}
