/**
 * Surviving `kill -9` does not prove a sync: the kernel would write the pages anyway. Here the real server runs under strace, and
 * the trace has to show that each webhook's page was written to the write-ahead log and synced before its 200 was written.
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { postWebhook, webhookOf } from "../helpers/api-client";
import { startServer } from "../helpers/server-process";
import { tempDir } from "../helpers/temp-dir";

setDefaultTimeout(120_000);

const NUMBER = "440055660077001";
const SECRET = "an app secret of the test";

/**
 * Reads a trace and tells for each id what was missing when its 200 left: its page was never `written`, or not `synced` since.
 * Webhooks have to come one after the other.
 */
function unproven(trace: string, ids: readonly string[]): string[] {
  const missing: string[] = [];
  const lines = whole(trace);
  let from = 0;
  for (const id of ids) {
    const received = lines.findIndex(
      (line, index) => index >= from && /^(recv|read)/.test(line) && line.includes("POST /api/v2/webhook"),
    );
    const answered = lines.findIndex(
      (line, index) => index > received && /^(send|write)/.test(line) && line.includes("HTTP/1.1 200"),
    );
    if (received < 0 || answered < 0) {
      missing.push(`${id}: no request or no answer in the trace`);
      continue;
    }
    const between = lines.slice(received, answered);
    const written = between.findIndex((line) => /^pwrite64\(\d+<[^>]*chasqui\.db-wal>/.test(line) && line.includes(id));
    // SQLite syncs a transaction after its last page, so the next sync covers all of it. What writes after that is another one.
    const synced = between.findLastIndex((line) => /^f(data)?sync\(\d+<[^>]*chasqui\.db-wal>\)\s+= 0/.test(line));
    if (written < 0) missing.push(`${id}: its page was not written before the 200`);
    else if (synced < written) missing.push(`${id}: its page was not synced before the 200`);
    from = answered + 1;
  }
  return missing;
}

/** The calls of a trace without their thread, each where it ended: an interrupted call is put together again. */
function whole(trace: string): string[] {
  const begun = new Map<string, string>();
  return trace.split("\n").flatMap((line) => {
    const [, thread = "", call = ""] = /^(?:\[pid\s+)?(\d+)\]?\s+(.*)$/.exec(line) ?? [];
    if (call.endsWith("<unfinished ...>")) {
      begun.set(thread, call.slice(0, -"<unfinished ...>".length).trimEnd());
      return [];
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(call);
    return call === "" ? [] : [resumed ? (begun.get(thread) ?? "") + resumed[1] : call];
  });
}

describe("reading a trace", () => {
  const request = '7 recvfrom(9<socket:[1]>, "POST /api/v2/webhook HTTP/1.1\\r\\n", 4096, 0, NULL, NULL) = 400';
  const page = '7 pwrite64(12</data/chasqui.db-wal>, "..wamid.1..", 4096, 0) = 4096';
  const sync = "7 fdatasync(12</data/chasqui.db-wal>) = 0";
  const answer = '7 sendto(9<socket:[1]>, "HTTP/1.1 200 OK\\r\\n", 100, 0, NULL, 0) = 100';

  test.each([
    ["written and synced", [request, page, sync, answer], 0],
    ["never synced", [request, page, answer], 1],
    ["synced after the answer", [request, page, answer, sync], 1],
    ["synced before it was written", [request, sync, page, answer], 1],
    ["another file synced", [request, page, sync.replace("-wal", "-other"), answer], 1],
    ["the sync failed", [request, page, sync.replace("= 0", "= -1 EIO"), answer], 1],
    ["only another page written", [request, page.replace("wamid.1", "wamid.2"), sync, answer], 1],
    [
      "a call that another thread interrupts",
      [
        request,
        page,
        "7 fdatasync(12</data/chasqui.db-wal> <unfinished ...>",
        '8 read(3, "", 1) = 0',
        "7 <... fdatasync resumed>) = 0",
        answer,
      ],
      0,
    ],
    [
      "a sync that ends after the answer",
      [request, page, "8 fdatasync(12</data/chasqui.db-wal> <unfinished ...>", answer, "8 <... fdatasync resumed>) = 0"],
      1,
    ],
  ])("%s", (_, lines, expected) => {
    expect(unproven(lines.join("\n"), ["wamid.1"])).toHaveLength(expected);
  });
});

/** Why no trace can be made here, or null. */
function reasonNotToTrace(): string | null {
  if (process.platform !== "linux") return `strace needs Linux, this is ${process.platform}`;
  if (!Bun.which("strace")) return "strace is not installed (apt-get install strace)";
  const tried = Bun.spawnSync(["strace", "-f", "-e", "trace=fsync", "true"], { stdout: "ignore", stderr: "pipe" });
  return tried.success ? null : `strace cannot trace here: ${tried.stderr.toString().split("\n")[0]}`;
}

const reason = reasonNotToTrace();
if (reason) console.log(`test/flow/fsync.test.ts skips its trace: ${reason}`);

test.skipIf(reason !== null)("every 200 comes after the sync of what it acknowledges", async () => {
  using dir = tempDir();
  const file = join(dir.path, "trace");
  const calls = "trace=fsync,fdatasync,pwrite64,recvfrom,recvmsg,read,sendto,sendmsg,write,writev";
  const strace = ["strace", "-f", "-y", "-s", "8192", "--seccomp-bpf", "-e", calls, "-e", "signal=none", "-o", file];
  const server = await startServer({
    dataDir: join(dir.path, "data"),
    command: [...strace, process.execPath, join(import.meta.dir, "../../src/main.ts"), "serve"],
    env: { ...env(), ASSISTANT: "off", LOG_LEVEL: "error" },
  });
  const ids = Array.from({ length: 12 }, (_, index) => `wamid.synced.${String(index).padStart(3, "0")}.end`);
  try {
    for (const id of ids) {
      expect(await postWebhook(server.url, SECRET, webhookOf(NUMBER, [{ from: "51987651100", id, text: "hola" }]))).toBe(200);
      // What ingest writes afterwards must not be taken for the webhook's own sync.
      await Bun.sleep(120);
    }
  } finally {
    // strace passes the signal on to nobody: the server below it is asked itself.
    process.kill(Number(readFileSync(join(server.dataDir, "chasqui.pid"), "utf8")), "SIGTERM");
    await server[Symbol.asyncDispose]();
  }
  expect(unproven(readFileSync(file, "latin1"), ids)).toEqual([]);
});

function env(): Record<string, string> {
  return {
    WHATSAPP_PHONE_NUMBER_ID: NUMBER,
    WHATSAPP_ACCESS_TOKEN: "a token of the test",
    WHATSAPP_APP_SECRET: SECRET,
    WHATSAPP_VERIFY_TOKEN: "verify-me",
    WHATSAPP_GRAPH_URL: "http://127.0.0.1:9",
    SANDBOX: "on",
  };
}
