/** The version a client decided upon, as the If-Match header tells it. */
import { fail } from "../../core/errors";

export function expectedVersion(headers: Record<string, unknown>): number | undefined {
  const given = headers["if-match"];
  if (given === undefined || given === "*") return undefined;
  const [, digits] = /^(?:W\/)?"?(\d{1,9})"?$/.exec(String(given)) ?? [];
  if (digits === undefined)
    throw fail("request.invalid", { details: [{ path: "headers.if-match", message: "a version in quotes is needed" }] });
  return Number(digits);
}
