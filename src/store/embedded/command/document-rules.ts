/** What a collection asks of documents beside its indexes: its validator, and its cap. */
import { decode } from "../bson/decode";
import { Doc, toNumber, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { compileFilter } from "../query/matcher";
import { compileSchema } from "../query/schema/compile";
import type { CollectionTable } from "../storage/collection-table";
import type { CommandContext } from "./context";

/** Throws for a document that the validator of the collection does not let in. `before`: what it replaces. */
export function validateDocument(
  collection: CollectionTable,
  doc: Doc,
  before: Uint8Array | null,
  context: CommandContext,
): void {
  const { options } = collection;
  const validator = options.get("validator");
  const level = options.get("validationLevel") ?? "strict";
  if (!(validator instanceof Doc) || validator.size === 0 || level === "off" || context.bypassesValidation()) return;
  const matcher = compileFilter(validator, context.expression);
  if (matcher.test(doc)) return;
  // Moderate: what was wrong before may stay wrong.
  if (level === "moderate" && before && !matcher.test(decode(before))) return;
  const errInfo = Doc.of({ failingDocumentId: doc.get("_id") ?? null, details: explain(validator, doc, context) });
  if (options.get("validationAction") === "warn") {
    context.warn("a document does not satisfy the validator of its collection", { collection: collection.namespace });
    return;
  }
  throw commandError("DocumentValidationFailure", "Document failed validation", { errInfo });
}

/** Which part of the validator is not satisfied, and why. */
function explain(validator: Doc, doc: Doc, context: CommandContext): Doc {
  const clauses = validator.keys.map((key, i) => new Doc([key], [validator.values[i]!]));
  const details = clauses.flatMap((clause, index) => {
    const found = compileFilter(clause, context.expression).test(doc) ? null : explainClause(clause, doc);
    return found ? [{ index, details: found }] : [];
  });
  if (clauses.length === 1) return details[0]?.details ?? new Doc();
  return Doc.of({ operatorName: "$and", clausesNotSatisfied: details.map((clause) => Doc.of(clause)) });
}

function explainClause(clause: Doc, doc: Doc): Doc {
  const key = clause.keys[0]!;
  const value = clause.values[0]!;
  if (key === "$jsonSchema" && value instanceof Doc)
    return Doc.of({
      operatorName: key,
      title: value.get("title"),
      description: value.get("description"),
      schemaRulesNotSatisfied: [...compileSchema(value, key)(doc)],
    });
  if (key.startsWith("$")) return Doc.of({ operatorName: key, specifiedAs: clause, reason: "expression did not match" });
  const operator = value instanceof Doc && value.keys[0]?.startsWith("$") ? value.keys[0] : "$eq";
  const considered = key.includes(".") ? undefined : doc.get(key);
  const reason = considered === undefined && !key.includes(".") ? "field was missing" : "comparison failed";
  return Doc.of({ operatorName: operator, specifiedAs: clause, reason, consideredValue: considered });
}

export const isCapped = ({ options }: CollectionTable): boolean => options.get("capped") === true;

/** Removes the oldest documents until the collection is within its cap again. */
export function trimToCap(collection: CollectionTable, added: number, context: CommandContext): void {
  const { options, table } = collection;
  const connection = context.writer;
  const use = collection.use;
  if (use) {
    use.documents++;
    use.bytes += added;
  }
  const now = use ?? {
    documents: collection.count(connection),
    bytes: connection.number(`SELECT coalesce(sum(length(d)), 0) AS n FROM ${table}`),
  };
  const most = limit(options.get("max"));
  const largest = limit(options.get("size"));
  while (now.documents > 1 && (now.documents > most || now.bytes > largest)) {
    const [oldest] = connection.rows(`SELECT rid, d FROM ${table} ORDER BY rid LIMIT 1`);
    if (!oldest) break;
    collection.remove(connection, oldest);
    now.documents--;
    now.bytes -= oldest.d.length;
  }
  collection.use = now;
}

/** A cap of 0 or less is none. */
function limit(value: Value | undefined): number {
  const number = value === undefined ? 0 : toNumber(value);
  return number > 0 ? number : Number.POSITIVE_INFINITY;
}
