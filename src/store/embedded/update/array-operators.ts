/** Update operators on arrays: $push, $addToSet, $pop, $pull, $pullAll. */
import { compareValues, equalValues } from "../bson/compare";
import { show } from "../bson/show";
import { Doc, isNumeric, toNumber, typeName, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { equalityTest, isOperators, wholeNumber } from "../query/leaf";
import { compileFilter, type ExpressionTest } from "../query/matcher";
import { readOrder } from "../query/order";
import type { Change } from "./field-operators";
import { arrayAt, readAt, writeAt } from "./target";

export function arrayChange(op: string, field: string, argument: Value, expression: ExpressionTest): Change | null {
  switch (op) {
    case "$push":
      return pushChange(argument);
    case "$pushAll":
      throw commandError("FailedToParse", "Unknown modifier: $pushAll");
    case "$addToSet":
      return addToSetChange(argument);
    case "$pop":
      return popChange(field, argument);
    case "$pull":
      return pullChange("$pull", pullTest(argument, expression));
    case "$pullAll": {
      if (!Array.isArray(argument))
        throw commandError("BadValue", `$pullAll requires an array argument but was given a ${typeName(argument)}`);
      return pullChange("$pullAll", (item) => argument.some((gone) => equalValues(item, gone)));
    }
  }
  return null;
}

function integerClause(name: string, value: Value): number {
  const number = wholeNumber(value);
  if (number === null)
    throw commandError("BadValue", `The value for ${name} must be an integer value but was given type: ${typeName(value)}`);
  return number;
}

function pushChange(argument: Value): Change {
  if (!(argument instanceof Doc) || !argument.has("$each")) {
    return (doc, path) => {
      const array = arrayAt(doc, path);
      if (array) array.push(argument);
      else writeAt(doc, path, [argument]);
    };
  }
  const added = argument.get("$each");
  if (!Array.isArray(added))
    throw commandError("BadValue", `The argument to $each in $push must be an array but it was of type: ${typeName(added)}`);
  let slice: number | null = null;
  let position: number | null = null;
  let compare: ((a: Value, b: Value) => number) | null = null;
  argument.keys.forEach((name, i) => {
    const value = argument.values[i]!;
    if (name === "$slice") slice = integerClause(name, value);
    else if (name === "$position") position = integerClause(name, value);
    else if (name === "$sort") compare = elementOrder(value);
    else if (name !== "$each") throw commandError("BadValue", `Unrecognized clause in $push: ${name}`);
  });
  return (doc, path) => {
    let array = arrayAt(doc, path) ?? [];
    const at =
      position === null ? array.length : position < 0 ? Math.max(array.length + position, 0) : Math.min(position, array.length);
    array = [...array.slice(0, at), ...added, ...array.slice(at)];
    if (compare) array.sort(compare);
    if (slice !== null) array = slice >= 0 ? array.slice(0, slice) : array.slice(slice);
    writeAt(doc, path, array);
  };
}

/** `$sort` of $push: 1 or -1 for whole elements, or a sort specification for documents. */
function elementOrder(spec: Value): (a: Value, b: Value) => number {
  if (isNumeric(spec)) {
    const direction = toNumber(spec);
    if (direction !== 1 && direction !== -1) throw commandError("BadValue", "The $sort element value must be either 1 or -1");
    return (a, b) => compareValues(a, b) * direction;
  }
  const order = spec instanceof Doc ? readOrder(spec) : null;
  if (!order)
    throw commandError(
      "BadValue",
      "The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields",
    );
  const key = (value: Value) => order.keyOf(value instanceof Doc ? value : new Doc());
  return (a, b) => Buffer.compare(key(a), key(b));
}

function addToSetChange(argument: Value): Change {
  const each = argument instanceof Doc && argument.keys[0] === "$each" ? argument.get("$each") : undefined;
  if (each !== undefined && !Array.isArray(each)) {
    throw commandError(
      "TypeMismatch",
      `The argument to $each in $addToSet must be an array but it was of type ${typeName(each)}`,
    );
  }
  if (each && argument instanceof Doc && argument.size > 1) {
    throw commandError("BadValue", `Found unexpected fields after $each in $addToSet: ${show(argument)}`);
  }
  const added = each ?? [argument];
  return (doc, path) => {
    const current = readAt(doc, path);
    if (current !== undefined && !Array.isArray(current)) {
      throw commandError(
        "BadValue",
        `Cannot apply $addToSet to non-array field. Field named '${path[path.length - 1]}' has non-array type ${typeName(current)}`,
      );
    }
    const array = current ?? [];
    for (const item of added) if (!array.some((known) => equalValues(known, item))) array.push(item);
    if (current === undefined) writeAt(doc, path, array);
  };
}

function popChange(field: string, argument: Value): Change {
  const side = wholeNumber(argument);
  if (side === null) throw commandError("FailedToParse", `Expected a number in: ${field}: ${show(argument)}`);
  if (side !== 1 && side !== -1) throw commandError("FailedToParse", `$pop expects 1 or -1, found: ${show(argument)}`);
  return (doc, path) => {
    const current = readAt(doc, path);
    if (current === undefined) return;
    if (!Array.isArray(current)) {
      throw commandError("TypeMismatch", `Path '${path.join(".")}' contains an element of non-array type '${typeName(current)}'`);
    }
    if (side > 0) current.pop();
    else current.shift();
  };
}

function pullTest(argument: Value, expression: ExpressionTest): (item: Value) => boolean {
  if (isOperators(argument)) {
    // The condition is about the element itself: give it a name to hang on.
    const matcher = compileFilter(new Doc(["e"], [new Doc(["$elemMatch"], [argument])]), expression);
    return (item) => matcher.test(new Doc(["e"], [[item]]));
  }
  if (argument instanceof Doc) {
    const matcher = compileFilter(argument, expression);
    return (item) => item instanceof Doc && matcher.test(item);
  }
  const equals = equalityTest(argument);
  return (item) => equals(item);
}

function pullChange(op: string, gone: (item: Value) => boolean): Change {
  return (doc, path) => {
    const current = readAt(doc, path);
    if (current === undefined) return;
    if (!Array.isArray(current)) throw commandError("BadValue", `Cannot apply ${op} to a non-array value`);
    const kept = current.filter((item) => !gone(item));
    if (kept.length !== current.length) writeAt(doc, path, kept);
  };
}
