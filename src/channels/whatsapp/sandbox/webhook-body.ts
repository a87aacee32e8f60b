/** The bodies Meta would post: envelope, batching, Meta's way to escape JSON, and the signature over exactly those bytes. */
import type { JsonObject } from "../json-value";
import { signBody } from "../signature";
import type { SandboxCredentials } from "./credentials";

/** One thing to tell: a message, a status, or news of an account-level field. */
export interface Update {
  field: string;
  value: JsonObject;
  /** Account-level fields carry the time in the entry and no metadata. */
  entryTime?: number;
}

const MERGED = ["messages", "statuses"] as const;

/** Updates of the field `messages` travel together: one value for messages of all customers, one for statuses. */
export function webhookBody(updates: readonly Update[], credentials: SandboxCredentials): string {
  const metadata = { display_phone_number: credentials.displayNumber, phone_number_id: credentials.phoneNumberId };
  const frame = { messaging_product: "whatsapp", metadata };
  const changes: JsonObject[] = [];
  for (const list of MERGED) {
    const same = updates.filter(({ field, value }) => field === "messages" && Array.isArray(value[list]));
    if (same.length === 0) continue;
    // Latest contact first: a reader that takes contacts by their place in the list would mix people up.
    const contacts = same.flatMap(({ value }) => (value.contacts as JsonObject[] | undefined) ?? []).reverse();
    const items = same.flatMap(({ value }) => value[list] as JsonObject[]);
    changes.push({ value: { ...frame, ...(contacts.length > 0 ? { contacts } : {}), [list]: items }, field: "messages" });
  }
  const entries: JsonObject[] = [];
  for (const update of updates) {
    if (update.field === "messages" && MERGED.some((list) => Array.isArray(update.value[list]))) continue;
    if (update.entryTime === undefined) changes.push({ value: { ...frame, ...update.value }, field: update.field });
    else {
      const change = { value: update.value, field: update.field };
      entries.push({ id: credentials.wabaId, time: update.entryTime, changes: [change] });
    }
  }
  if (changes.length > 0) entries.unshift({ id: credentials.wabaId, changes });
  return metaJson({ object: "whatsapp_business_account", entry: entries });
}

/** JSON with Meta's escapes: `\/` and lower-case `\uXXXX` for everything outside ASCII (facts §2.2). */
function metaJson(value: unknown): string {
  return JSON.stringify(value).replace(/[/\u007f-\uffff]/g, (character) =>
    character === "/" ? "\\/" : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

export interface PostResult {
  /** 0 when no answer came. */
  status: number;
}

/** Posts a signed body; only 200 counts as taken. */
export async function postWebhook(url: string, body: string, appSecret: string, timeoutMs: number): Promise<PostResult> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": "facebookexternalua",
        "x-hub-signature-256": signBody(appSecret, body),
      },
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    await response.arrayBuffer();
    return { status: response.status };
  } catch {
    return { status: 0 }; // refused, reset or too slow: delivered again later, as Meta does
  }
}
