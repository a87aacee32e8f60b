/** The sandbox's own small file: phones, threads and webhooks not yet taken survive a restart. Holds nothing of the product. */
import { Database } from "bun:sqlite";
import type { JsonObject } from "../json-value";
import type { StoredMedia } from "./media-store";
import { openUploadTable } from "./upload-table";
import type { Update } from "./webhook-body";

export interface SandboxPhone {
  id: string;
  name: string;
  /** Null: the customer shows no number. */
  waId: string | null;
  userId: string;
  username: string | null;
  online: boolean;
  /** Whether messages shown on this phone get read. */
  reads: boolean;
  /** The customer blocked the business: messages never arrive. */
  blocked: boolean;
  createdAt: number;
}

export interface ThreadMessage {
  /** wamid. */
  id: string;
  from: "customer" | "business";
  content: { type: string; text: string; body: JsonObject };
  at: number;
  /** Customer's messages: sent, delivered, read. Business messages: waiting (phone offline), shown, read, failed. */
  ticks: "sent" | "delivered" | "read" | "waiting" | "shown" | "failed";
  /** wamid of the quoted message. */
  replyTo?: string;
  callbackData?: string;
  reactions: { customer?: string; business?: string };
}

export interface OutboxRow {
  id: number;
  phoneId: string | null;
  messageId: string | null;
  /** Such as `message`, `sent`, `read`. */
  label: string;
  dueAt: number;
  attempts: number;
  update: Update;
}

const schema = `
  CREATE TABLE IF NOT EXISTS phone (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, wa_id TEXT UNIQUE, user_id TEXT NOT NULL UNIQUE, username TEXT,
    online INTEGER NOT NULL, reads INTEGER NOT NULL, blocked INTEGER NOT NULL, created_at INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS message (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, phone_id TEXT NOT NULL, sender TEXT NOT NULL, content TEXT NOT NULL,
    at INTEGER NOT NULL, ticks TEXT NOT NULL, reply_to TEXT, callback TEXT, reactions TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS message_by_phone ON message (phone_id, seq);
  CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY, phone_id TEXT, message_id TEXT, label TEXT NOT NULL, due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS media (
    id TEXT PRIMARY KEY, mime TEXT NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL, filename TEXT, origin TEXT NOT NULL,
    created_at INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;`;

interface PhoneRow {
  id: string;
  name: string;
  wa_id: string | null;
  user_id: string;
  username: string | null;
  online: number;
  reads: number;
  blocked: number;
  created_at: number;
}

interface MessageRow {
  id: string;
  phone_id: string;
  sender: "customer" | "business";
  content: string;
  at: number;
  ticks: ThreadMessage["ticks"];
  reply_to: string | null;
  callback: string | null;
  reactions: string;
}

interface OutboxDbRow {
  id: number;
  phone_id: string | null;
  message_id: string | null;
  label: string;
  due_at: number;
  attempts: number;
  body: string;
}

interface MediaRow {
  id: string;
  mime: string;
  sha256: string;
  size: number;
  filename: string | null;
  origin: StoredMedia["origin"];
  created_at: number;
}

export type StateStore = ReturnType<typeof openStateStore>;

/** Opens (and creates) the file; ":memory:" keeps nothing. */
export function openStateStore(path: string) {
  const db = new Database(path, { create: true, strict: true });
  db.run("PRAGMA busy_timeout = 5000");
  db.run("PRAGMA journal_mode = WAL");
  // Outlives kill -9, not a power cut: enough for a toy phone.
  db.run("PRAGMA synchronous = NORMAL");
  db.run(schema);

  const allPhones = db.query<PhoneRow, []>("SELECT * FROM phone ORDER BY created_at, rowid");
  const putPhone = db.query<null, [string, string, string | null, string, string | null, number, number, number, number]>(
    `INSERT INTO phone VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET name = excluded.name, wa_id = excluded.wa_id, user_id = excluded.user_id,
       username = excluded.username, online = excluded.online, reads = excluded.reads, blocked = excluded.blocked`,
  );
  const addMessage = db.query<null, [string, string, string, string, number, string, string | null, string | null, string]>(
    "INSERT INTO message (id, phone_id, sender, content, at, ticks, reply_to, callback, reactions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const oneMessage = db.query<MessageRow, [string]>("SELECT * FROM message WHERE id = ?");
  const threadOf = db.query<MessageRow, [string, number]>(
    "SELECT * FROM (SELECT * FROM message WHERE phone_id = ? ORDER BY seq DESC LIMIT ?) ORDER BY seq",
  );
  const unread = db.query<MessageRow, [string, string]>(
    `SELECT * FROM message WHERE phone_id = ? AND sender = 'customer' AND ticks <> 'read'
       AND seq <= (SELECT seq FROM message WHERE id = ?) ORDER BY seq`,
  );
  const withTicks = db.query<MessageRow, [string, string]>(
    "SELECT * FROM message WHERE phone_id = ? AND sender = 'business' AND ticks = ? ORDER BY seq",
  );
  const lastInbound = db.query<{ at: number | null }, [string]>(
    `SELECT max(at) AS at FROM message WHERE phone_id = ? AND sender = 'customer'
       AND json_extract(content, '$.type') NOT IN ('reaction', 'system')`,
  );
  const setTicks = db.query<null, [string, string]>("UPDATE message SET ticks = ? WHERE id = ?");
  const setReactions = db.query<null, [string, string]>("UPDATE message SET reactions = ? WHERE id = ?");
  const setContent = db.query<null, [string, string]>("UPDATE message SET content = ? WHERE id = ?");
  const addOutbox = db.query<null, [string | null, string | null, string, number, string]>(
    "INSERT INTO outbox (phone_id, message_id, label, due_at, attempts, body) VALUES (?, ?, ?, ?, 0, ?)",
  );
  const allOutbox = db.query<OutboxDbRow, []>("SELECT * FROM outbox ORDER BY due_at, id");
  const dropOutbox = db.query<null, [number]>("DELETE FROM outbox WHERE id = ?");
  const delayOutbox = db.query<null, [number, number, number]>("UPDATE outbox SET attempts = ?, due_at = ? WHERE id = ?");
  const addMedia = db.query<null, [string, string, string, number, string | null, string, number, Uint8Array]>(
    "INSERT INTO media VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  );
  const oneMedia = db.query<MediaRow, [string]>(
    "SELECT id, mime, sha256, size, filename, origin, created_at FROM media WHERE id = ?",
  );
  const mediaBytes = db.query<{ bytes: Uint8Array<ArrayBuffer> }, [string]>("SELECT bytes FROM media WHERE id = ?");
  const dropMedia = db.query<null, [string]>("DELETE FROM media WHERE id = ?");
  const getNote = db.query<{ value: string }, [string]>("SELECT value FROM note WHERE name = ?");
  const putNote = db.query<null, [string, string]>(
    "INSERT INTO note VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
  );

  return {
    /** Several writes as one. */
    atomically: <T>(work: () => T): T => db.transaction(work)(),
    phones: (): SandboxPhone[] => allPhones.all().map(phoneOf),
    putPhone(phone: SandboxPhone): void {
      const { id, name, waId, userId, username, online, reads, blocked, createdAt } = phone;
      putPhone.run(id, name, waId, userId, username, Number(online), Number(reads), Number(blocked), createdAt);
    },
    addMessage(phoneId: string, message: ThreadMessage): void {
      const { id, from, content, at, ticks, replyTo = null, callbackData = null, reactions } = message;
      addMessage.run(id, phoneId, from, JSON.stringify(content), at, ticks, replyTo, callbackData, JSON.stringify(reactions));
    },
    findMessage(id: string): (ThreadMessage & { phoneId: string }) | null {
      const row = oneMessage.get(id);
      return row ? { ...messageOf(row), phoneId: row.phone_id } : null;
    },
    /** The latest `limit` messages, oldest first. */
    thread: (phoneId: string, limit: number): ThreadMessage[] => threadOf.all(phoneId, limit).map(messageOf),
    /** The customer's messages up to this one that are not marked as read. */
    unreadUpTo: (phoneId: string, messageId: string): ThreadMessage[] => unread.all(phoneId, messageId).map(messageOf),
    /** Business messages in this state, oldest first. */
    businessMessages: (phoneId: string, ticks: ThreadMessage["ticks"]): ThreadMessage[] =>
      withTicks.all(phoneId, ticks).map(messageOf),
    /** When the customer last wrote something that opens the window; null: never. */
    lastInboundAt: (phoneId: string): number | null => lastInbound.get(phoneId)?.at ?? null,
    setTicks: (id: string, ticks: ThreadMessage["ticks"]): void => void setTicks.run(ticks, id),
    setReactions: (id: string, reactions: ThreadMessage["reactions"]): void =>
      void setReactions.run(JSON.stringify(reactions), id),
    setContent: (id: string, content: ThreadMessage["content"]): void => void setContent.run(JSON.stringify(content), id),
    addOutbox(row: Omit<OutboxRow, "id" | "attempts">): OutboxRow {
      const result = addOutbox.run(row.phoneId, row.messageId, row.label, row.dueAt, JSON.stringify(row.update));
      return { ...row, id: Number(result.lastInsertRowid), attempts: 0 };
    },
    outbox: (): OutboxRow[] => allOutbox.all().map(outboxOf),
    dropOutbox: (id: number): void => void dropOutbox.run(id),
    delayOutbox: (id: number, attempts: number, dueAt: number): void => void delayOutbox.run(attempts, dueAt, id),
    addMedia({ id, mimeType, sha256, size, filename, origin, createdAt }: StoredMedia, bytes: Uint8Array): void {
      addMedia.run(id, mimeType, sha256, size, filename, origin, createdAt, bytes);
    },
    findMedia(id: string): StoredMedia | null {
      const row = oneMedia.get(id);
      if (!row) return null;
      const { mime, created_at, ...media } = row;
      return { ...media, mimeType: mime, createdAt: created_at };
    },
    mediaBytes: (id: string): Uint8Array<ArrayBuffer> | null => mediaBytes.get(id)?.bytes ?? null,
    dropMedia: (id: string): boolean => dropMedia.run(id).changes > 0,
    uploads: openUploadTable(db),
    note: (name: string): string | null => getNote.get(name)?.value ?? null,
    setNote: (name: string, value: string): void => void putNote.run(name, value),
    close: () => db.close(),
  };
}

const phoneOf = (row: PhoneRow): SandboxPhone => ({
  id: row.id,
  name: row.name,
  waId: row.wa_id,
  userId: row.user_id,
  username: row.username,
  online: row.online === 1,
  reads: row.reads === 1,
  blocked: row.blocked === 1,
  createdAt: row.created_at,
});

const messageOf = (row: MessageRow): ThreadMessage => ({
  id: row.id,
  from: row.sender,
  content: JSON.parse(row.content) as ThreadMessage["content"],
  at: row.at,
  ticks: row.ticks,
  ...(row.reply_to === null ? {} : { replyTo: row.reply_to }),
  ...(row.callback === null ? {} : { callbackData: row.callback }),
  reactions: JSON.parse(row.reactions) as ThreadMessage["reactions"],
});

const outboxOf = (row: OutboxDbRow): OutboxRow => ({
  id: row.id,
  phoneId: row.phone_id,
  messageId: row.message_id,
  label: row.label,
  dueAt: row.due_at,
  attempts: row.attempts,
  update: JSON.parse(row.body) as Update,
});
