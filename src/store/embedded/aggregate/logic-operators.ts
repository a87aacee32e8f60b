/** Comparison, logic and choice. */
import { compareValues } from "../bson/compare";
import { Doc, type Value } from "../bson/value";
import { locationError } from "../command-error";
import { truthy } from "../query/leaf";
import { argumentsOf, binary, isNullish } from "./argument";
import type { Operator } from "./expression";

/** Missing sorts before null in expressions, unlike in filters. */
export function compareInExpression(left: Value | undefined, right: Value | undefined): number {
  if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? -1 : 1;
  return Math.sign(compareValues(left, right));
}

const comparison = (holds: (order: number) => boolean): Operator =>
  binary((left, right) => holds(compareInExpression(left, right)));

const cond: Operator = (call) => {
  const parts = call.argument instanceof Doc ? call.named(["if", "then", "else"]) : null;
  const [test, yes, no] = parts ? [parts.get("if")!, parts.get("then")!, parts.get("else")!] : argumentsOf(call, 3);
  return (scope) => (truthy(test!(scope)) ? yes!(scope) : no!(scope));
};

const switchOperator: Operator = ({ argument, compiler }) => {
  const list = argument instanceof Doc ? argument.get("branches") : undefined;
  if (!Array.isArray(list) || list.length === 0) throw locationError(40068, "$switch requires at least one branch.");
  const branches = list.map((branch) => {
    const [test, then] = branch instanceof Doc ? [branch.get("case"), branch.get("then")] : [];
    if (test === undefined || then === undefined)
      throw locationError(40067, "$switch requires each branch have a 'case' and a 'then' expression");
    return { test: compiler.compile(test), result: compiler.compile(then) };
  });
  const fallback = argument instanceof Doc ? argument.get("default") : undefined;
  const otherwise = fallback === undefined ? null : compiler.compile(fallback);
  return (scope) => {
    const branch = branches.find(({ test }) => truthy(test(scope)));
    if (branch) return branch.result(scope);
    if (!otherwise)
      throw locationError(40066, "$switch could not find a matching branch for an input, and no default was specified.");
    return otherwise(scope);
  };
};

export const LOGIC: Record<string, Operator> = {
  $eq: comparison((order) => order === 0),
  $ne: comparison((order) => order !== 0),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $cmp: binary(compareInExpression),
  $and: (call) => {
    const args = call.args();
    return (scope) => args.every((arg) => truthy(arg(scope)));
  },
  $or: (call) => {
    const args = call.args();
    return (scope) => args.some((arg) => truthy(arg(scope)));
  },
  $not: (call) => {
    const [arg] = argumentsOf(call, 1);
    return (scope) => !truthy(arg!(scope));
  },
  $cond: cond,
  $switch: switchOperator,
  $ifNull: (call) => {
    const args = argumentsOf(call, 2, Number.MAX_SAFE_INTEGER);
    return (scope) => {
      let value: Value | undefined;
      for (const arg of args) {
        value = arg(scope);
        if (!isNullish(value)) return value;
      }
      return value;
    };
  },
  $literal:
    ({ argument }) =>
    () =>
      argument,
};
