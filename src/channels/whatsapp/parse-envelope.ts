/** What all items of one `value` share: the number they belong to, when they came, and how their keys are made. */

import { shortHash } from "../../core/id";
import { digitsOf } from "../../core/phone";
import { canonicalJson, compact, idOf, type JsonObject, numberOf, objectOf } from "./json-value";

export interface Envelope {
  channel: string;
  field: string;
  displayNumber?: string;
  /** `entry.time` in milliseconds; only account-level fields carry it. */
  sentAt?: number;
  receivedAt: number;
  /** The fields every event of this value begins with. */
  base: { channel: string; wabaId?: string; displayNumber?: string };
}

const UNKNOWN_CHANNEL = "unknown";

export function readEnvelope(entry: JsonObject, field: string, value: JsonObject, receivedAt: number): Envelope {
  const metadata = objectOf(value.metadata) ?? objectOf(value.recipient) ?? {};
  const channel = idOf(metadata.phone_number_id) ?? UNKNOWN_CHANNEL;
  const shown = idOf(metadata.display_phone_number) ?? idOf(value.display_phone_number);
  const displayNumber = shown === undefined ? undefined : digitsOf(shown) || undefined;
  const sentAt = entry.time === undefined ? undefined : timeOf(entry.time, receivedAt);
  return compact<Envelope>({
    channel,
    field,
    displayNumber,
    sentAt,
    receivedAt,
    base: compact({ channel, wabaId: idOf(entry.id), displayNumber }),
  });
}

/** An envelope for what has no value at all. */
export const bareEnvelope = (receivedAt: number): Envelope => ({
  channel: UNKNOWN_CHANNEL,
  field: "",
  receivedAt,
  base: { channel: UNKNOWN_CHANNEL },
});

/** WhatsApp has existed since 2009: an earlier time is a placeholder. */
const EARLIEST_MS = 1_230_768_000_000;
const DAY_MS = 86_400_000;
/** Seconds stay below this until the year 5138; greater numbers are milliseconds. */
const SECONDS_BELOW = 100_000_000_000;

/** Milliseconds from WhatsApp's timestamp (seconds as text); `receivedAt` when it is absent, nonsense or more than a day ahead. */
export function timeOf(value: unknown, receivedAt: number): number {
  const number = numberOf(value);
  if (number === undefined) return receivedAt;
  const ms = Math.round(number < SECONDS_BELOW ? number * 1000 : number);
  return ms >= EARLIEST_MS && ms <= receivedAt + DAY_MS ? ms : receivedAt;
}

/** Ids are about 60 characters; whatever is longer is junk and must not make giant index keys. */
const LONGEST_KEY_PART = 200;

export const keyPart = (id: string): string => (id.length > LONGEST_KEY_PART ? shortHash(id) : id);

/**
 * The key of an item without an id of its own: a hash of where it came and what it says. `entry.time` belongs to it, because an
 * account can say the same thing twice (a template approved again). An error of the number comes without any time: the same one
 * counts as new the next day.
 */
export function contentKey({ channel, field, base, sentAt, receivedAt }: Envelope, item: unknown): string {
  const when = sentAt ?? (isError(item) ? `day ${Math.floor(receivedAt / DAY_MS)}` : "");
  return `h:${shortHash(`${field}|${base.wabaId ?? ""}|${channel}|${when}|${canonicalJson(item)}`)}`;
}

const isError = (item: unknown): boolean => {
  const object = objectOf(item);
  return object?.code !== undefined && object.timestamp === undefined;
};
