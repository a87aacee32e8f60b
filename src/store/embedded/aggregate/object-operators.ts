/** Documents: merging, fields by name, conversion to and from arrays, variables. */
import { Doc, typeName, type Value } from "../bson/value";
import { commandError, locationError } from "../command-error";
import { docOf, isNullish, listOf, unaryNull } from "./argument";
import { type Operator, type OperatorCall, withVariables } from "./expression";

function letOperator({ argument, compiler }: OperatorCall) {
  const vars = argument instanceof Doc ? argument.get("vars") : undefined;
  const body = argument instanceof Doc ? argument.get("in") : undefined;
  if (!(vars instanceof Doc) || body === undefined)
    throw locationError(16874, "$let only supports an object with 'vars' and 'in'");
  const values = vars.values.map((value) => compiler.compile(value));
  const result = compiler.compileWith(body, vars.keys);
  return (scope: Parameters<typeof result>[0]) =>
    result(
      withVariables(
        scope,
        vars.keys.map((name, i) => [name, values[i]!(scope)] as const),
      ),
    );
}

/** The merged document: later ones win; null and missing add nothing. */
export function mergeInto(target: Doc, value: Value | undefined, name: string): void {
  if (isNullish(value)) return;
  const doc = docOf(value, name);
  for (const [i, key] of doc.keys.entries()) target.set(key, doc.values[i]!);
}

function fromPairs(items: Value[]): Doc {
  const out = new Doc();
  for (const item of items) {
    const [key, value] = Array.isArray(item) ? item : item instanceof Doc ? [item.get("k"), item.get("v")] : [];
    if (typeof key !== "string" || value === undefined)
      throw locationError(40386, "$arrayToObject requires pairs of a text key and a value");
    out.set(key, value);
  }
  return out;
}

const getField: Operator = ({ argument, compiler }) => {
  const short = !(argument instanceof Doc) || argument.keys[0]?.startsWith("$");
  const fieldArgument = short ? argument : (argument as Doc).get("field");
  const inputArgument = short ? "$$CURRENT" : ((argument as Doc).get("input") ?? "$$CURRENT");
  if (fieldArgument === undefined) throw commandError("FailedToParse", "$getField requires 'field' to be specified");
  const field = compiler.compile(fieldArgument);
  const input = compiler.compile(inputArgument);
  return (scope) => {
    const name = field(scope);
    if (typeof name !== "string")
      throw locationError(3041704, `$getField requires 'field' to evaluate to type String, found: ${typeName(name)}`);
    const doc = input(scope);
    return doc instanceof Doc ? doc.get(name) : isNullish(doc) ? null : undefined;
  };
};

const setField =
  (unset: boolean): Operator =>
  ({ argument, compiler, name }) => {
    const part = (key: string): Value => {
      const value = argument instanceof Doc ? argument.get(key) : undefined;
      if (value === undefined) throw commandError("FailedToParse", `${name} requires '${key}' to be specified`);
      return value;
    };
    const field = compiler.compile(part("field"));
    const input = compiler.compile(part("input"));
    const value = unset ? () => undefined : compiler.compile(part("value"));
    return (scope) => {
      const doc = input(scope);
      const key = field(scope);
      if (isNullish(doc)) return null;
      if (typeof key !== "string") throw locationError(4161107, `${name} requires 'field' to evaluate to a text`);
      const out = docOf(doc, name).clone();
      const next = value(scope);
      if (next === undefined) out.delete(key);
      else out.set(key, next);
      return out;
    };
  };

export const OBJECTS: Record<string, Operator> = {
  $let: letOperator,
  $mergeObjects: (call) => {
    const args = call.args();
    return (scope) => {
      const out = new Doc();
      for (const arg of args) mergeInto(out, arg(scope), call.name);
      return out;
    };
  },
  $objectToArray: unaryNull((value, name) => {
    const doc = docOf(value, name);
    return doc.keys.map((k, i) => Doc.of({ k, v: doc.values[i] }));
  }),
  $arrayToObject: unaryNull((value, name) => fromPairs(listOf(value, name))),
  $getField: getField,
  $setField: setField(false),
  $unsetField: setField(true),
};
