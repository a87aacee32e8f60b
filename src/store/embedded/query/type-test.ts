/** `$type`: by number, by alias, "number" for all four numeric types. */
import { BsonType, isNumeric, typeOf, type Value } from "../bson/value";
import { commandError } from "../command-error";

const ALIASES = new Map<string, number>(Object.entries(BsonType));
const CODES = new Set<number>(Object.values(BsonType));

export function typeTest(argument: Value): (value: Value | undefined) => boolean {
  const list = Array.isArray(argument) ? argument : [argument];
  if (list.length === 0) throw commandError("FailedToParse", "$type must match at least one type");
  const wanted = new Set<number>();
  let anyNumber = false;
  for (const item of list) {
    if (item === "number") anyNumber = true;
    else wanted.add(typeCode(item));
  }
  return (value) => value !== undefined && (wanted.has(typeOf(value)) || (anyNumber && isNumeric(value)));
}

function typeCode(item: Value): number {
  if (typeof item === "string") {
    const code = ALIASES.get(item);
    if (code === undefined) throw commandError("BadValue", `Unknown type name alias: ${item}`);
    return code;
  }
  const code = isNumeric(item) ? Number(typeof item === "object" && "value" in item ? item.value : item) : Number.NaN;
  if (!CODES.has(code)) throw commandError("BadValue", `Invalid numerical type code: ${String(code)}`);
  return code;
}
