/**
 * What the product is compared with: the least code that answers a webhook. `hmac` checks the signature and forgets the message;
 * `sqlite` also writes it, one synchronous insert per request. Prints its port, answers `GET /count`.
 */
import { Database } from "bun:sqlite";
import { timingSafeEqual } from "node:crypto";

function main([kind, appSecret = "", file = ":memory:"]: string[]): void {
  const keyed = new Bun.CryptoHasher("sha256", appSecret);
  const database = new Database(file, { create: true });
  database.run("PRAGMA journal_mode = WAL");
  database.run("PRAGMA synchronous = FULL");
  database.run("CREATE TABLE inbound (wamid TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT");
  const insert = database.prepare("INSERT INTO inbound (wamid, body) VALUES (?, ?) ON CONFLICT (wamid) DO NOTHING");
  const count = database.prepare<{ rows: number }, []>("SELECT count(*) AS rows FROM inbound");
  let answered = 0;

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async (request) => {
      if (request.method === "GET") return Response.json({ answered, rows: count.get()?.rows ?? 0 });
      const raw = await request.bytes();
      const given = Buffer.from(request.headers.get("x-hub-signature-256")?.slice(7) ?? "", "hex");
      if (given.length !== 32 || !timingSafeEqual(given, keyed.copy().update(raw).digest()))
        return new Response("bad signature", { status: 401 });
      const text = new TextDecoder().decode(raw);
      const { entry } = JSON.parse(text) as { entry: [{ changes: [{ value: { messages: [{ id: string }] } }] }] };
      if (kind === "sqlite") insert.run(entry[0].changes[0].value.messages[0].id, text);
      answered++;
      return new Response("ok");
    },
  });
  console.log(JSON.stringify({ port: server.port }));
}

if (import.meta.main) main(process.argv.slice(2));
