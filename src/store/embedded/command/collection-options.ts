/** The options of a collection that the engine honours: a validator, a cap, and what only has to be remembered. */
import { Doc, isNumeric, toNumber, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { compileFilter } from "../query/matcher";
import { refuseCollation } from "../unsupported";
import type { CommandContext } from "./context";

const LEVELS = new Set<Value>(["off", "strict", "moderate"]);
const ACTIONS = new Set<Value>(["error", "warn"]);
const REFUSED = ["timeseries", "encryptedFields", "expireAfterSeconds"];
/** 1 PB, as in MongoDB. */
const LARGEST_CAP = 2 ** 50;

/** Reads what `create` says of the new collection. */
export function readOptions(body: Doc, context: CommandContext): Doc {
  for (const option of REFUSED) {
    if (body.has(option)) throw commandError("NotImplemented", `create with ${option} is not supported by the embedded store`);
  }
  refuseCollation(body.get("collation"));
  const options = new Doc();
  if (body.get("capped") === true) readCap(body, options);
  else if (body.has("size") || body.has("max"))
    throw commandError("InvalidOptions", "the 'size' and 'max' fields are for capped collections only");
  copyValidation(body, options, context);
  const images = body.get("changeStreamPreAndPostImages");
  if (images !== undefined) options.push("changeStreamPreAndPostImages", images);
  const clustered = body.get("clusteredIndex");
  if (clustered !== undefined) options.push("clusteredIndex", readClustered(clustered));
  return options;
}

function readCap(body: Doc, options: Doc): void {
  const [size, max] = [body.get("size"), body.get("max")];
  if (size === undefined) throw commandError("InvalidOptions", "the 'size' field is required when 'capped' is true");
  options.push("capped", true);
  options.push("size", capNumber("size", size, 1));
  if (max !== undefined) options.push("max", capNumber("max", max, Number.NEGATIVE_INFINITY));
}

export function capNumber(name: string, value: Value, least: number): Value {
  if (!isNumeric(value)) throw commandError("TypeMismatch", `The field '${name}' must be a number`);
  const number = Math.trunc(toNumber(value));
  if (!(number >= least && number <= LARGEST_CAP))
    throw commandError("BadValue", `The value of '${name}' must be between ${least} and ${LARGEST_CAP}`);
  return (number | 0) === number ? number : BigInt(number);
}

/** The table of documents is ordered by _id as it is; only the shape of the option matters. */
function readClustered(value: Value): Doc {
  const key = value instanceof Doc ? value.get("key") : undefined;
  if (!(value instanceof Doc) || !(key instanceof Doc) || key.size !== 1 || key.get("_id") !== 1)
    throw commandError("InvalidIndexSpecificationOption", "The clusteredIndex option needs the key {_id: 1}");
  if (value.get("unique") !== true)
    throw commandError("InvalidIndexSpecificationOption", "The clusteredIndex option needs unique: true");
  return Doc.of({ v: 2, key, name: value.get("name") ?? "_id_", unique: true });
}

/** Takes validator, validationLevel and validationAction over, after a look at each. */
export function copyValidation(body: Doc, options: Doc, context: CommandContext): void {
  const [validator, level, action] = ["validator", "validationLevel", "validationAction"].map((name) => body.get(name));
  if (validator !== undefined) {
    if (!(validator instanceof Doc)) throw commandError("TypeMismatch", "BSON field 'validator' must be an object");
    compileFilter(validator, context.expression);
    options.set("validator", validator);
  }
  if (level !== undefined) options.set("validationLevel", oneOf("validationLevel", level, LEVELS));
  if (action !== undefined) options.set("validationAction", oneOf("validationAction", action, ACTIONS));
}

function oneOf(field: string, value: Value, allowed: ReadonlySet<Value>): Value {
  if (!allowed.has(value))
    throw commandError("BadValue", `Enumeration value '${String(value)}' for field '${field}' is not a valid value.`);
  return value;
}
