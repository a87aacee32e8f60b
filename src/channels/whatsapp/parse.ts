/**
 * From a webhook body to events: every entry, change, message, status and error, item by item. Never throws and never drops:
 * what makes no sense becomes an IgnoredEvent, and one bad item does not touch its neighbours.
 */
import { describeError } from "../../core/errors";
import type { IgnoredEvent, InboundEvent } from "./inbound";
import { compact, idOf, type JsonObject, listOf, objectOf, storable } from "./json-value";
import { bareEnvelope, contentKey, type Envelope, readEnvelope } from "./parse-envelope";
import { type ContactBook, readContactBook } from "./parse-identity";
import { readEcho, readMessage } from "./parse-message";
import { callStatus, noticeOf, readValueNotices } from "./parse-notice";
import { readStatus, statusIdentity } from "./parse-status";

const WHATSAPP = "whatsapp_business_account";

/** Ten times what WhatsApp puts into one body. What is beyond is senseless, and must not keep everybody else waiting. */
const MOST_ITEMS = 10_000;

/** How much of an unreadable body is kept for people to look at. */
const KEPT_TEXT = 2_000;
const decoder = new TextDecoder();

/** Every event of one webhook body as it came. */
export function readWebhook(raw: Uint8Array, receivedAt: number): InboundEvent[] {
  const text = decoder.decode(raw);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    // SyntaxError (no JSON) or RangeError (nested beyond the stack): signed, so it is kept.
    return [ignored("the body is not JSON", text.slice(0, KEPT_TEXT), bareEnvelope(receivedAt))];
  }
  return parseWebhook(body, receivedAt);
}

/** Every event of one webhook body, in the order of the body. `receivedAt` in milliseconds. */
export function parseWebhook(body: unknown, receivedAt: number): InboundEvent[] {
  const events: InboundEvent[] = [];
  for (const event of readBody(body, receivedAt)) {
    if (events.length === MOST_ITEMS) {
      events.push(ignored(`the body has more than ${MOST_ITEMS} items: it is kept as it came`, body, bareEnvelope(receivedAt)));
      break;
    }
    events.push(event);
  }
  return events;
}

function* readBody(body: unknown, receivedAt: number): Generator<InboundEvent> {
  const bare = bareEnvelope(receivedAt);
  const root = objectOf(body);
  if (!root) return yield ignored("the body is not a JSON object", body, bare);
  // A body without `object` still counts when it has entries: the name says who sends, the entries say what.
  if (root.object !== undefined && root.object !== null && root.object !== WHATSAPP)
    return yield ignored(`the object is not ${WHATSAPP}`, root, bare);
  const entries = listOf(root.entry);
  if (entries.length === 0)
    return yield ignored(root.entry === undefined ? "the body has no entry" : "the entry is empty", root, bare);
  for (const entry of entries) yield* readEntry(entry, receivedAt);
}

function* readEntry(item: unknown, receivedAt: number): Generator<InboundEvent> {
  const bare = bareEnvelope(receivedAt);
  const entry = objectOf(item);
  if (!entry) return yield ignored("an entry is not an object", item, bare);
  const changes = listOf(entry.changes);
  if (changes.length === 0) return yield ignored("an entry has no changes", entry, bare);
  for (const change of changes) {
    try {
      yield* readChange(entry, change, receivedAt);
    } catch (error) {
      // Awaits nothing known: a defect of this parser costs at most the one change, which is kept.
      yield ignored(`a change could not be read: ${describeError(error)}`, change, bare);
    }
  }
}

function readChange(entry: JsonObject, item: unknown, receivedAt: number): Iterable<InboundEvent> {
  const change = objectOf(item);
  if (!change) return [ignored("a change is not an object", item, bareEnvelope(receivedAt))];
  const value = objectOf(change.value);
  const field = idOf(change.field) ?? (value && ("messages" in value || "statuses" in value) ? "messages" : "unknown");
  const envelope = readEnvelope(entry, field, value ?? {}, receivedAt);
  if (!value) return [ignored(`the value of ${field} is not an object`, change, envelope)];
  return field === "messages" ? readMessagesValue(value, envelope) : readOtherValue(value, envelope);
}

/** The lists of a `messages` value, in the order in which they are read. */
const lists: Record<string, (item: JsonObject, envelope: Envelope, book: ContactBook) => InboundEvent | undefined> = {
  messages: readMessage,
  message_echoes: readEcho,
  statuses: (item, envelope, book) => {
    // Payments and calls report through statuses too, but say nothing about the delivery of a message.
    if (item.type === "payment") return paymentStatus(item, envelope, book);
    if (item.type === "call") return callStatus(item, envelope, book);
    return readStatus(item, envelope, book);
  },
};

function* readMessagesValue(value: JsonObject, envelope: Envelope): Generator<InboundEvent> {
  const book = readContactBook(value.contacts);
  let isEmpty = true;
  for (const name in lists) {
    const read = lists[name]!;
    for (const item of itemsOf(value[name])) {
      isEmpty = false;
      yield guarded(name, item, envelope, (object) => read(object, envelope, book));
    }
  }
  for (const event of readOthers(value, envelope, book)) {
    isEmpty = false;
    yield event;
  }
  if (isEmpty) yield ignored("the value holds no messages, statuses or errors", value, envelope);
}

function* readOtherValue(value: JsonObject, envelope: Envelope): Generator<InboundEvent> {
  const book = readContactBook(value.contacts);
  if (envelope.field === "smb_message_echoes")
    for (const item of itemsOf(value.message_echoes))
      yield guarded("message_echoes", item, envelope, (object) => readEcho(object, envelope, book));
  yield* readOthers(value, envelope, book);
}

function* readOthers(value: JsonObject, envelope: Envelope, book: ContactBook): Generator<InboundEvent> {
  for (const { item, read } of readValueNotices(value, envelope, book)) yield guarded(envelope.field, item, envelope, read);
}

/** All elements of a list that should be there, bad ones included: they are named, not skipped. */
const itemsOf = (value: unknown): readonly unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

/** Reads one item. A mistake in our own reading must not cost the item or its neighbours: it is kept as ignored. */
function guarded(
  what: string,
  item: unknown,
  envelope: Envelope,
  read: (item: JsonObject) => InboundEvent | undefined,
): InboundEvent {
  const object = objectOf(item);
  if (!object) return ignored(`an item of ${what} is not an object`, item, envelope);
  const safe = storable(object) as JsonObject;
  try {
    return read(safe) ?? ignored(`an item of ${what} has no id or no status`, safe, envelope);
  } catch (error) {
    // Awaits nothing known: a defect of this parser, visible through its reason.
    return ignored(`an item of ${what} could not be read: ${describeError(error)}`, safe, envelope);
  }
}

function paymentStatus(item: JsonObject, envelope: Envelope, book: ContactBook): InboundEvent {
  const payload = compact({
    messageId: idOf(item.id),
    status: idOf(item.status),
    customer: book.complete(statusIdentity(item)),
    payment: objectOf(item.payment) ?? {},
  });
  return noticeOf(envelope, item, { name: "payment:status", payload });
}

/** A body that is worth keeping but says nothing to us. */
export function ignored(reason: string, item: unknown, envelope: Envelope): IgnoredEvent {
  const raw = storable(item);
  return { kind: "ignored", key: contentKey(envelope, raw), ...envelope.base, at: envelope.receivedAt, raw, reason };
}
