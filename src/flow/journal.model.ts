/**
 * Webhook bodies, durable before they are answered: appended as they came, in the order of arrival, and removed in the transaction
 * that stores what they say. No index but the key, which only grows, so that writing one touches few pages.
 */
import { type Connection, type mongo, Schema } from "mongoose";

export interface JournalRequest {
  /** The request's id, for people who look for it. */
  id: string;
  at: Date;
  body: Uint8Array;
}

/** Requests of the same moment. */
export interface JournalEntry {
  /** Sorts by time. */
  _id: string;
  /** The process that took them in. */
  owner: string;
  requests: JournalRequest[];
}

/** As the store gives it back. */
type StoredEntry = Omit<JournalEntry, "requests"> & { requests: (Omit<JournalRequest, "body"> & { body: mongo.Binary })[] };

const schema = new Schema<JournalEntry>(
  {
    _id: { type: String, required: true },
    owner: { type: String, required: true },
    requests: { type: [Schema.Types.Mixed], required: true } as never,
  },
  { collection: "inboundJournal", versionKey: false, autoIndex: false, strict: "throw" },
);

export const journalModel = (connection: Connection) => connection.model<JournalEntry>("InboundJournal", schema);
export type JournalModel = ReturnType<typeof journalModel>;

/** The oldest entries, in their order. */
export async function oldestEntries(journal: JournalModel, limit: number): Promise<JournalEntry[]> {
  const found = (await journal.collection.find({}).sort({ _id: 1 }).limit(limit).toArray()) as unknown as StoredEntry[];
  return found.map(({ requests, ...rest }) => ({
    ...rest,
    requests: requests.map(({ id, at, body }) => ({ id, at, body: body.value() as Uint8Array })),
  }));
}

/** When the oldest request came in, in milliseconds; null when nothing waits. */
export async function oldestTime(journal: JournalModel): Promise<number | null> {
  const [found] = (await journal.collection
    .find({}, { projection: { "requests.at": 1 } })
    .sort({ _id: 1 })
    .limit(1)
    .toArray()) as unknown as { requests: Pick<JournalRequest, "at">[] }[];
  return found?.requests[0]?.at.getTime() ?? null;
}
