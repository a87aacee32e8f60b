/** Fields whose values are never shown, judged by their name: in logs, in the audit log, in exports. */
const SECRET_NAME =
  /pass(word)?|secret|token|authorization|cookie|(api|private|encryption|access)-?key|signature|credential|recovery-?code/i;
const MAX_DEPTH = 8;
const LONGEST_TEXT = 2_000;

export const SHOWN_INSTEAD = "[secret]";

export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** A copy that can be kept and shown: no secrets, no endless texts, no endless depth. */
export function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}...` : value;
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return value;
  if (value instanceof Date) return value.toISOString();
  if (depth >= MAX_DEPTH) return "[deep]";
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      isSecretName(name) && item !== null && (typeof item === "string" || typeof item === "object")
        ? SHOWN_INSTEAD
        : withoutSecrets(item, depth + 1),
    ]),
  );
}
