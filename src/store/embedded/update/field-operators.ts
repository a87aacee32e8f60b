/** Update operators on single fields: $set, $unset, $inc, $mul, $min, $max, $rename, $currentDate, $bit. */
import { add, multiply, overflowed } from "../bson/arithmetic";
import { compareValues } from "../bson/compare";
import { show } from "../bson/show";
import { DateTime, Doc, isNumeric, Timestamp, typeName, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { identityOf, readAt, removeAt, writeAt } from "./target";

export interface UpdateContext {
  /** True while the document of an upsert is made. */
  isInsert: boolean;
  /** Milliseconds, for $currentDate. */
  now: number;
}

/** Changes the document at one concrete path. */
export type Change = (doc: Doc, path: readonly string[], context: UpdateContext) => void;

export function fieldChange(op: string, field: string, argument: Value): Change | null {
  switch (op) {
    case "$set":
      return (doc, path) => writeAt(doc, path, argument);
    case "$setOnInsert":
      return (doc, path, { isInsert }) => {
        if (isInsert) writeAt(doc, path, argument);
      };
    case "$unset":
      return (doc, path) => removeAt(doc, path);
    case "$inc":
    case "$mul":
      return arithmeticChange(op, field, argument);
    case "$min":
    case "$max":
      return (doc, path) => {
        const current = readAt(doc, path);
        const order = current === undefined ? 0 : compareValues(argument, current);
        if (current === undefined || (op === "$min" ? order < 0 : order > 0)) writeAt(doc, path, argument);
      };
    case "$currentDate":
      return currentDateChange(field, argument);
    case "$bit":
      return bitChange(field, argument);
    case "$rename":
      return renameChange(field, argument);
  }
  return null;
}

function arithmeticChange(op: "$inc" | "$mul", field: string, argument: Value): Change {
  const verb = op === "$inc" ? "increment" : "multiply";
  if (!isNumeric(argument))
    throw commandError("TypeMismatch", `Cannot ${verb} with non-numeric argument: {${field}: ${show(argument)}}`);
  return (doc, path) => {
    const current = readAt(doc, path);
    if (current === undefined) return writeAt(doc, path, op === "$inc" ? argument : multiply(argument, 0));
    if (!isNumeric(current)) {
      throw commandError(
        "TypeMismatch",
        `Cannot apply ${op} to a value of non-numeric type. ${identityOf(doc)} has the field '${path[path.length - 1]}' of non-numeric type ${typeName(current)}`,
      );
    }
    const result = op === "$inc" ? add(current, argument) : multiply(current, argument);
    if (overflowed(current, argument, result)) {
      throw commandError(
        "BadValue",
        `Failed to apply ${op} operations to current value (${show(current)}) for document ${identityOf(doc)}`,
      );
    }
    writeAt(doc, path, result);
  };
}

function currentDateChange(field: string, argument: Value): Change {
  let kind: Value | undefined = "date";
  if (argument instanceof Doc) kind = argument.size === 1 ? argument.get("$type") : undefined;
  else if (typeof argument !== "boolean") kind = undefined;
  if (kind === "timestamp") return (doc, path, { now }) => writeAt(doc, path, new Timestamp(Math.floor(now / 1000), 1));
  if (kind === "date") return (doc, path, { now }) => writeAt(doc, path, new DateTime(now));
  throw commandError(
    "BadValue",
    `${typeName(argument)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}) for field ${field}.`,
  );
}

const BIT_OPERATIONS: Record<string, (a: bigint, b: bigint) => bigint> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
};

function bitChange(field: string, argument: Value): Change {
  if (!(argument instanceof Doc) || argument.size === 0) {
    throw commandError(
      "BadValue",
      `The $bit modifier is not compatible with a ${typeName(argument)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    );
  }
  const steps = argument.keys.map((name, i) => {
    const operation = BIT_OPERATIONS[name];
    const operand = argument.values[i]!;
    if (!operation)
      throw commandError(
        "BadValue",
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator: {${name}: ${show(operand)}}`,
      );
    if (!isInteger(operand))
      throw commandError(
        "BadValue",
        `The $bit modifier field must be an Integer(32/64 bit); a '${typeName(operand)}' is not supported here: {${name}: ${show(operand)}}`,
      );
    return { operation, operand };
  });
  return (doc, path) => {
    const current: Value = readAt(doc, path) ?? 0;
    if (!isInteger(current)) {
      throw commandError(
        "BadValue",
        `Cannot apply $bit to a value of non-integral type.${identityOf(doc)} has the field ${field} of non-integer type ${typeName(current)}`,
      );
    }
    let value = BigInt(current);
    let long = typeof current === "bigint";
    for (const { operation, operand } of steps) {
      value = operation(value, BigInt(operand));
      long ||= typeof operand === "bigint";
    }
    writeAt(doc, path, long ? value : Number(value));
  };
}

const isInteger = (value: Value): value is number | bigint =>
  typeof value === "bigint" || (typeof value === "number" && (value | 0) === value);

function renameChange(field: string, argument: Value): Change {
  if (typeof argument !== "string")
    throw commandError("BadValue", `The 'to' field for $rename must be a string: ${field}: ${show(argument)}`);
  const to = argument.split(".");
  return (doc, path) => {
    throughArrays(doc, path, "source");
    const value = readAt(doc, path);
    if (value === undefined) return;
    throughArrays(doc, to, "destination");
    removeAt(doc, path);
    writeAt(doc, to, value);
  };
}

function throughArrays(doc: Doc, path: readonly string[], role: "source" | "destination"): void {
  for (let i = 1; i < path.length; i++) {
    if (Array.isArray(readAt(doc, path.slice(0, i)))) {
      throw commandError(
        "BadValue",
        `The ${role} field cannot be an array element, '${path.join(".")}' in doc with ${identityOf(doc)} has an array field called '${path[i - 1]}'`,
      );
    }
  }
}
