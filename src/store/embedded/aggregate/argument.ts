/** Reading of operator arguments: how many, which type, what null means. */
import { Doc, isNumeric, typeName, type Value } from "../bson/value";
import { locationError } from "../command-error";
import type { Evaluate, Operator, OperatorCall } from "./expression";

export const isNullish = (value: Value | undefined): value is null | undefined => value === undefined || value === null;

/** The compiled arguments, checked for their number. */
export function argumentsOf(call: OperatorCall, least: number, most: number = least): Evaluate[] {
  const args = call.args();
  if (args.length < least || args.length > most) {
    const wanted = least === most ? `exactly ${least} arguments` : `at least ${least} arguments, and at most ${most}`;
    throw locationError(16020, `Expression ${call.name} takes ${wanted}. ${args.length} were passed in.`);
  }
  return args;
}

/** An operator of one argument. */
export const unary =
  (apply: (value: Value | undefined, name: string) => Value | undefined): Operator =>
  (call) => {
    const [arg] = argumentsOf(call, 1);
    return (scope) => apply(arg!(scope), call.name);
  };

/** An operator of one argument that gives null for null and missing. */
export const unaryNull = (apply: (value: Value, name: string) => Value): Operator =>
  unary((value, name) => (isNullish(value) ? null : apply(value, name)));

export const binary =
  (apply: (left: Value | undefined, right: Value | undefined, name: string) => Value | undefined): Operator =>
  (call) => {
    const [left, right] = argumentsOf(call, 2);
    return (scope) => apply(left!(scope), right!(scope), call.name);
  };

export const binaryNull = (apply: (left: Value, right: Value, name: string) => Value): Operator =>
  binary((left, right, name) => (isNullish(left) || isNullish(right) ? null : apply(left, right, name)));

export function textOf(value: Value, name: string): string {
  if (typeof value !== "string") throw locationError(34471, `${name} requires a string argument, found: ${typeName(value)}`);
  return value;
}

export function listOf(value: Value | undefined, name: string): Value[] {
  if (!Array.isArray(value)) throw locationError(28689, `${name} requires an array argument, found: ${typeName(value)}`);
  return value;
}

export function docOf(value: Value | undefined, name: string): Doc {
  if (!(value instanceof Doc)) throw locationError(40400, `${name} requires an object argument, found: ${typeName(value)}`);
  return value;
}

/** An integral number of any type. */
export function integerOf(value: Value | undefined, name: string): number {
  const number = isNumeric(value) ? Number(typeof value === "object" && "value" in value ? value.value : value) : Number.NaN;
  if (!Number.isInteger(number)) throw locationError(28690, `${name} requires an integral argument, found: ${typeName(value)}`);
  return number;
}
