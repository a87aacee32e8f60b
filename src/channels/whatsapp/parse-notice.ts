/** Every webhook field besides messages (facts §2.10): which items a value holds and which typed notice each becomes. */
import type { InboundEvent, NoticeEvent } from "./inbound";
import type { Notice } from "./inbound-notice";
import { compact, idOf, type JsonObject, listOf, numberOf, objectOf, textOf } from "./json-value";
import { accountReaders } from "./notice-account";
import { listReaders } from "./notice-list";
import { templateReaders } from "./notice-template";
import { contentKey, type Envelope, timeOf } from "./parse-envelope";
import type { ContactBook } from "./parse-identity";
import { readError, readHistoryMessage } from "./parse-message";
import { readStatus, statusIdentity } from "./parse-status";

/** An item of a value and how it is read, once it has proved to be an object. */
export interface FoundItem {
  item: unknown;
  read: (item: JsonObject) => InboundEvent | undefined;
}

/** Fields whose whole value is one notice. */
const valueReaders: Record<string, (value: JsonObject) => Notice> = { ...templateReaders, ...accountReaders };

/** Keys of a value that say where it belongs, not what happened. */
const FRAME = new Set(["messaging_product", "metadata", "contacts"]);
/** Lists the `messages` field has readers for elsewhere. */
const MESSAGE_LISTS = new Set(["messages", "statuses", "message_echoes"]);

/** The items of a value that become notices; for the field `messages` everything besides its messages and statuses. */
export function readValueNotices(value: JsonObject, envelope: Envelope, book: ContactBook): FoundItem[] {
  const whole = ownOf(valueReaders, envelope.field);
  if (whole) return [{ item: value, read: (item) => noticeOf(envelope, item, whole(item)) }];
  if (envelope.field === "standby") return standbyItems(value, envelope, book);

  const found: FoundItem[] = [];
  const rest: JsonObject = {};
  for (const [key, part] of Object.entries(value)) {
    if (FRAME.has(key) || part === null || part === undefined) continue;
    if (
      MESSAGE_LISTS.has(key) &&
      (envelope.field === "messages" || (envelope.field === "smb_message_echoes" && key === "message_echoes"))
    )
      continue;
    const given = Array.isArray(part) ? part : [part];
    const items = key === "history" ? given.flatMap(historyParts) : given;
    const reader = envelope.field === "history" && key === "messages" ? historyMedia : ownOf(listReaders, key);
    if (reader)
      for (const item of items)
        found.push({ item, read: (object) => noticeOf(envelope, object, reader(object, envelope, book)) });
    else if (envelope.field === "calls" && key === "statuses")
      for (const item of items) found.push({ item, read: (object) => callStatus(object, envelope, book) });
    else Object.defineProperty(rest, key, { value: part, enumerable: true, configurable: true, writable: true });
  }
  // A messages value without anything is named by its own reader; so are echoes that were found.
  const isRead = found.length > 0 || envelope.field === "messages" || listOf(value.message_echoes).length > 0;
  if (Object.keys(rest).length > 0) found.push(unknownItem(rest, envelope));
  else if (!isRead) found.push(unknownItem(value, envelope));
  return found;
}

/** A table's own entry: `constructor` and `toString` are words a body may use too. */
const ownOf = <T>(table: Record<string, T>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** Years of talk come in one item: each thread is a notice of its own, and a long one several. */
const MOST_IN_PART = 200;

function historyParts(item: unknown): unknown[] {
  const { threads, ...rest } = objectOf(item) ?? {};
  const parts = listOf(threads).flatMap((value): JsonObject[] => {
    const thread = objectOf(value);
    const messages = listOf(thread?.messages);
    if (!thread || messages.length <= MOST_IN_PART) return [{ ...rest, threads: [value] }];
    return Array.from({ length: Math.ceil(messages.length / MOST_IN_PART) }, (_, part) => ({
      ...rest,
      threads: [{ ...thread, messages: messages.slice(part * MOST_IN_PART, (part + 1) * MOST_IN_PART) }],
    }));
  });
  return parts.length > 0 ? parts : [item];
}

/** The media of history messages follow as plain messages under the same field; they are old and never answered. */
function historyMedia(item: JsonObject, envelope: Envelope, book: ContactBook): Notice {
  return { name: "history", payload: { messages: [readHistoryMessage(item, envelope, book)], errors: [] } };
}

/** A call reports through statuses too, but says nothing about the delivery of a message. */
export function callStatus(item: JsonObject, envelope: Envelope, book: ContactBook): NoticeEvent {
  const payload = compact({
    callId: idOf(item.id),
    status: textOf(item.status),
    customer: book.complete(statusIdentity(item)),
  });
  return noticeOf(envelope, item, { name: "call:status", payload });
}

/** `value.standby` repeats the lists of a messages value, for threads another owner handles. */
function standbyItems(value: JsonObject, envelope: Envelope, book: ContactBook): FoundItem[] {
  const standby = objectOf(value.standby);
  if (!standby) return [unknownItem(value, envelope)];
  const found: FoundItem[] = [];
  for (const [key, part] of Object.entries(standby)) {
    if (FRAME.has(key) || part === null) continue;
    for (const item of Array.isArray(part) ? part : [part]) {
      if (key === "messages" || key === "message_echoes") {
        const read = (object: JsonObject) =>
          noticeOf(envelope, object, { name: "standby:message", payload: readHistoryMessage(object, envelope, book) });
        found.push({ item, read });
      } else if (key === "statuses") {
        // Whoever sent the message: its delivery is shown like that of any other.
        found.push({ item, read: (object) => readStatus(object, envelope, book) });
      } else if (key === "errors") {
        found.push({ item, read: (object) => noticeOf(envelope, object, { name: "error", payload: readError(object) }) });
      } else found.push(unknownItem({ [key]: item }, envelope));
    }
  }
  return found.length > 0 ? found : [unknownItem(value, envelope)];
}

function unknownItem(value: JsonObject, envelope: Envelope): FoundItem {
  return { item: value, read: (item) => noticeOf(envelope, item, { name: "unknown", payload: { value: item } }) };
}

/** A notice event of an item that is stored as `raw`. */
export function noticeOf(envelope: Envelope, item: JsonObject, notice: Notice): NoticeEvent {
  return {
    kind: "notice",
    key: contentKey(envelope, item),
    ...envelope.base,
    at: timeOf(item.timestamp ?? metadataTime(item), envelope.sentAt ?? envelope.receivedAt),
    raw: item,
    field: envelope.field,
    ...notice,
  };
}

const metadataTime = (item: JsonObject): number | undefined => numberOf(objectOf(item.metadata)?.timestamp);
