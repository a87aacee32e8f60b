/**
 * What the reading benchmark is compared with: the same answers from a bare `Bun.serve` and hand-written SQL on `bun:sqlite`, the
 * JSON of every row made beforehand. No sign-in, no validation, no driver. Prints its port.
 */
import { Database } from "bun:sqlite";

export const SCHEMA = [
  "CREATE TABLE conversation (id TEXT PRIMARY KEY, at INTEGER NOT NULL, status TEXT NOT NULL, json TEXT NOT NULL) STRICT",
  "CREATE TABLE message (id TEXT PRIMARY KEY, conversation TEXT NOT NULL, json TEXT NOT NULL) STRICT",
  "CREATE TABLE contact (number TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT",
];
/** Made after the rows: that is faster. */
export const INDEXES = [
  "CREATE INDEX conversation_at ON conversation (at DESC, id DESC)",
  "CREATE INDEX conversation_status ON conversation (status, at DESC, id DESC)",
  "CREATE INDEX message_thread ON message (conversation, id DESC)",
];

/** Behind everything that exists. */
const END = { at: Number.MAX_SAFE_INTEGER, id: "~" };

function main(file: string): void {
  const database = new Database(file, { readonly: true });
  const list = (where: string) =>
    database.prepare<{ json: string }, (string | number)[]>(
      `SELECT json FROM conversation WHERE ${where} (at, id) < (?, ?) ORDER BY at DESC, id DESC LIMIT ?`,
    );
  const queries = {
    all: list(""),
    status: list("status = ? AND"),
    thread: database.prepare<{ json: string }, (string | number)[]>(
      "SELECT json FROM message WHERE conversation = ? AND id < ? ORDER BY id DESC LIMIT ?",
    ),
    conversation: database.prepare<{ json: string }, [string]>("SELECT json FROM conversation WHERE id = ?"),
    contact: database.prepare<{ json: string }, [string]>("SELECT json FROM contact WHERE number = ?"),
  };
  const answer = (rows: { json: string }[]) =>
    new Response(`{"success":true,"data":[${rows.map(({ json }) => json).join(",")}]}`, {
      headers: { "content-type": "application/json" },
    });
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      const { pathname, searchParams: query } = new URL(request.url);
      const limit = Number(query.get("limit") ?? 50);
      const id = query.get("id") ?? "";
      const after = [Number(query.get("at") ?? END.at), query.get("before") ?? END.id];
      switch (pathname) {
        case "/conversations": {
          const status = query.get("status");
          return answer(status ? queries.status.all(status, ...after, limit) : queries.all.all(...after, limit));
        }
        case "/thread":
          return answer(queries.thread.all(id, query.get("before") ?? END.id, limit));
        case "/conversation":
          return answer(queries.conversation.all(id));
        default:
          return answer(queries.contact.all(id));
      }
    },
  });
  console.log(JSON.stringify({ port: server.port }));
}

if (import.meta.main) main(process.argv[2] ?? "");
