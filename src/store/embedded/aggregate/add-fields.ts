/** $addFields / $set: adds or replaces fields, also inside documents and in each document of an array. */
import { Doc, type Value } from "../bson/value";
import { locationError } from "../command-error";
import { pathsConflict } from "../query/path";
import { type Evaluate, type ExpressionCompiler, type Scope, scopeOf } from "./expression";
import type { StageCompiler } from "./stage";
import { mapStream } from "./stream";

/** What becomes of a field: computed as a whole, or changed inside. */
type Target = { compute: Evaluate } | { inside: Map<string, Target> };

export const addFields: StageCompiler = (argument, { variables }, compiler) => {
  if (!(argument instanceof Doc) || argument.size === 0)
    throw locationError(40177, "$addFields specification must be an object with at least one field");
  const root = new Map<string, Target>();
  const seen: string[] = [];
  const add = (path: string, value: Value): void => {
    const nested = value instanceof Doc && value.size > 0 && !value.keys[0]!.startsWith("$");
    if (nested) {
      for (const [i, key] of value.keys.entries()) add(`${path}.${key}`, value.values[i]!);
      return;
    }
    if (path.split(".").some((part) => part === "" || part.startsWith("$")))
      throw locationError(16410, `FieldPath field names may not start with '$' or be empty: '${path}'`);
    for (const other of seen)
      if (pathsConflict(other, path))
        throw locationError(40176, `specification contains two conflicting paths. Cannot specify both '${path}' and '${other}'`);
    seen.push(path);
    plant(root, path.split("."), value, compiler);
  };
  for (const [i, key] of argument.keys.entries()) add(key, argument.values[i]!);
  return (input) => mapStream(input, (doc) => grow(doc, root, scopeOf(doc, variables)));
};

function plant(tree: Map<string, Target>, path: readonly string[], value: Value, compiler: ExpressionCompiler): void {
  const [name, ...rest] = path;
  if (rest.length === 0) {
    tree.set(name!, { compute: compiler.compile(value) });
    return;
  }
  let target = tree.get(name!);
  if (!target || !("inside" in target)) {
    target = { inside: new Map() };
    tree.set(name!, target);
  }
  plant(target.inside, rest, value, compiler);
}

function grow(doc: Doc, tree: ReadonlyMap<string, Target>, scope: Scope): Doc {
  const out = doc.clone();
  for (const [name, target] of tree) {
    const value = "compute" in target ? target.compute(scope) : inside(out.get(name), target.inside, scope);
    if (value === undefined) out.delete(name);
    else out.set(name, value);
  }
  return out;
}

function inside(value: Value | undefined, tree: ReadonlyMap<string, Target>, scope: Scope): Value {
  if (Array.isArray(value)) return value.map((item) => inside(item, tree, scope));
  return grow(value instanceof Doc ? value : new Doc(), tree, scope);
}
