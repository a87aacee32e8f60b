/** Resumable uploads in the sandbox's file: each session with the parts that have arrived, in order. */
import type { Database } from "bun:sqlite";

export interface UploadSession {
  id: string;
  /** Second half of the session's name; who does not know it does not know the session. */
  signature: string;
  filename: string;
  mimeType: string;
  /** Bytes announced. */
  length: number;
  /** There once every byte is. */
  handle: string | null;
  createdAt: number;
}

interface SessionRow {
  id: string;
  signature: string;
  filename: string;
  mime: string;
  length: number;
  handle: string | null;
  created_at: number;
}

const schema = `
  CREATE TABLE IF NOT EXISTS upload (
    id TEXT PRIMARY KEY, signature TEXT NOT NULL, filename TEXT NOT NULL, mime TEXT NOT NULL, length INTEGER NOT NULL,
    handle TEXT UNIQUE, created_at INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS upload_part (
    upload TEXT NOT NULL, at INTEGER NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (upload, at)) STRICT;`;

export type UploadTable = ReturnType<typeof openUploadTable>;

export function openUploadTable(db: Database) {
  db.run(schema);
  const add = db.query<null, [string, string, string, string, number, number]>(
    "INSERT INTO upload (id, signature, filename, mime, length, created_at) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const byId = db.query<SessionRow, [string]>("SELECT * FROM upload WHERE id = ?");
  const byHandle = db.query<SessionRow, [string]>("SELECT * FROM upload WHERE handle = ?");
  const setHandle = db.query<null, [string, string]>("UPDATE upload SET handle = ? WHERE id = ?");
  const addPart = db.query<null, [string, number, Uint8Array]>("INSERT INTO upload_part VALUES (?, ?, ?)");
  const received = db.query<{ size: number }, [string]>(
    "SELECT coalesce(sum(length(bytes)), 0) AS size FROM upload_part WHERE upload = ?",
  );
  const parts = db.query<{ bytes: Uint8Array }, [string]>("SELECT bytes FROM upload_part WHERE upload = ? ORDER BY at");

  return {
    add({ id, signature, filename, mimeType, length, createdAt }: Omit<UploadSession, "handle">): void {
      add.run(id, signature, filename, mimeType, length, createdAt);
    },
    find: (id: string): UploadSession | null => sessionOf(byId.get(id)),
    findByHandle: (handle: string): UploadSession | null => sessionOf(byHandle.get(handle)),
    setHandle: (id: string, handle: string): void => void setHandle.run(handle, id),
    addPart: (id: string, at: number, bytes: Uint8Array): void => void addPart.run(id, at, bytes),
    received: (id: string): number => received.get(id)?.size ?? 0,
    bytes: (id: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(parts.all(id).map(({ bytes }) => bytes))),
  };
}

function sessionOf(row: SessionRow | null): UploadSession | null {
  if (!row) return null;
  const { mime, created_at, ...session } = row;
  return { ...session, mimeType: mime, createdAt: created_at };
}
