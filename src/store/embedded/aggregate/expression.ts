/** Aggregation expressions compiled to functions: field paths, variables, literals, operators. */
import { Doc, type Value } from "../bson/value";
import { CommandError, commandError, locationError } from "../command-error";
import { type Path, pathOf } from "../query/path";
import { OPERATORS } from "./operator-table";

/** What an expression is evaluated against. */
export interface Scope {
  root: Doc;
  variables: ReadonlyMap<string, Value | undefined>;
}

/** `undefined` is "missing". */
export type Evaluate = (scope: Scope) => Value | undefined;

export interface OperatorCall {
  name: string;
  /** The argument as written. */
  argument: Value;
  compiler: ExpressionCompiler;
  /** The arguments compiled: the elements of a list, or the one value. */
  args(): Evaluate[];
  /** Named arguments of a document, compiled; throws on unknown or missing ones. */
  named(required: readonly string[], optional?: readonly string[]): Map<string, Evaluate>;
}

export type Operator = (call: OperatorCall) => Evaluate;

const NO_VARIABLES: ReadonlyMap<string, Value | undefined> = new Map();

export class ExpressionCompiler {
  /** Top-level fields that compiled expressions read. */
  readonly fields = new Set<string>();
  /** True when an expression reads the whole document. */
  wholeDocument = false;
  readonly #known: Set<string>;

  constructor(variables: Iterable<string> = []) {
    this.#known = new Set(["ROOT", "CURRENT", "REMOVE", "NOW", ...variables]);
  }

  compile(expression: Value): Evaluate {
    if (typeof expression === "string" && expression.startsWith("$")) return this.reference(expression);
    if (Array.isArray(expression)) {
      const items = expression.map((item) => this.compile(item));
      return (scope) => items.map((item) => item(scope) ?? null);
    }
    if (!(expression instanceof Doc)) return () => expression;
    const [first] = expression.keys;
    if (first?.startsWith("$")) return this.operator(expression, first);
    const values = expression.values.map((value) => this.compile(value));
    return (scope) => {
      const out = new Doc();
      values.forEach((value, i) => {
        const item = value(scope);
        if (item !== undefined) out.push(expression.keys[i]!, item);
      });
      return out;
    };
  }

  /** Compiles something that may use further variables ($map, $let ...). */
  compileWith(expression: Value, variables: readonly string[]): Evaluate {
    const added = variables.filter((name) => !this.#known.has(name));
    for (const name of added) this.#known.add(name);
    const compiled = this.compile(expression);
    for (const name of added) this.#known.delete(name);
    return compiled;
  }

  private operator(expression: Doc, name: string): Evaluate {
    if (expression.size !== 1) {
      throw locationError(
        15983,
        `an expression specification must contain exactly one field, the name of the expression. Found ${expression.size} fields`,
      );
    }
    const operator = OPERATORS.get(name);
    if (!operator) throw new CommandError(168, "InvalidPipelineOperator", `Unrecognized expression '${name}'`);
    const argument = expression.values[0]!;
    return operator({
      name,
      argument,
      compiler: this,
      args: () => (Array.isArray(argument) ? argument.map((item) => this.compile(item)) : [this.compile(argument)]),
      named: (required, optional = []) => this.named(name, argument, required, optional),
    });
  }

  private named(name: string, argument: Value, required: readonly string[], optional: readonly string[]): Map<string, Evaluate> {
    if (!(argument instanceof Doc)) throw commandError("FailedToParse", `${name} requires an object as an argument`);
    const out = new Map<string, Evaluate>();
    argument.keys.forEach((key, i) => {
      if (!required.includes(key) && !optional.includes(key))
        throw commandError("FailedToParse", `Unrecognized argument to ${name}: ${key}`);
      out.set(key, this.compile(argument.values[i]!));
    });
    for (const key of required) if (!out.has(key)) throw commandError("FailedToParse", `Missing '${key}' parameter to ${name}`);
    return out;
  }

  private reference(text: string): Evaluate {
    if (!text.startsWith("$$")) {
      const path = fieldPath(text.slice(1));
      this.fields.add(path[0]!);
      if (path.length === 1) return ({ root }) => root.get(path[0]!);
      return ({ root }) => throughPath(root, path, 0);
    }
    const [name, ...rest] = text.slice(2).split(".");
    if (!name || !this.#known.has(name)) throw locationError(17276, `Use of undefined variable: ${name}`);
    const base = this.variable(name, rest);
    if (rest.length === 0) return base;
    return (scope) => throughPath(base(scope), rest, 0);
  }

  private variable(name: string, rest: Path): Evaluate {
    if (name === "ROOT" || name === "CURRENT") {
      if (rest.length > 0) this.fields.add(rest[0]!);
      else this.wholeDocument = true;
      return ({ root }) => root;
    }
    if (name === "REMOVE") return () => undefined;
    return ({ variables }) => variables.get(name);
  }
}

function fieldPath(text: string): Path {
  const path = pathOf(text);
  if (path.some((part) => part === ""))
    throw locationError(40353, "FieldPath must not end with a '.' or contain an empty field name.");
  if (path.some((part) => part.startsWith("$")))
    throw locationError(16410, `FieldPath field names may not start with '$'. Consider using $getField or $setField.`);
  return path;
}

/** A path in an expression: on an array it gives the array of what its documents have there. */
export function throughPath(value: Value | undefined, path: Path, from: number): Value | undefined {
  if (from === path.length) return value;
  if (value instanceof Doc) return throughPath(value.get(path[from]!), path, from + 1);
  if (!Array.isArray(value)) return undefined;
  return value.map((item) => throughPath(item, path, from)).filter((item) => item !== undefined);
}

export const scopeOf = (root: Doc, variables: ReadonlyMap<string, Value | undefined> = NO_VARIABLES): Scope => ({
  root,
  variables,
});

/** A scope with one more variable. */
export function withVariables(scope: Scope, added: readonly (readonly [string, Value | undefined])[]): Scope {
  const variables = new Map(scope.variables);
  for (const [name, value] of added) variables.set(name, value);
  return { root: scope.root, variables };
}
