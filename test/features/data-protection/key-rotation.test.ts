/** A new encryption key: everything is locked with it, nothing is lost whenever the process dies, while the server runs or not. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { Secret, TOTP } from "otpauth";
import { openModels } from "../../../src/app-models";
import { sealedFields } from "../../../src/app-sealed";
import { loadKeyRing } from "../../../src/config/encryption-key";
import { systemClock } from "../../../src/core/clock";
import { silentLog } from "../../../src/core/log";
import type { ChannelView } from "../../../src/events/view";
import { createCredentialBox } from "../../../src/features/channels/credential-box";
import { createKeyRotation } from "../../../src/features/data-protection/key-rotation.service";
import { openStore } from "../../../src/store/connect";
import { postWebhook, webhookOf } from "../../helpers/api-client";
import { ADMIN, runCommand } from "../../helpers/server-process";
import { tempDir } from "../../helpers/temp-dir";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";
import { connection, second, startGraphSwitch } from "../channels/graph-switch";
import { startReceiver } from "../webhook-endpoints/receiver";

setDefaultTimeout(120_000);
const root = join(import.meta.dir, "../../..");

const keysIn = (dataDir: string) => readFileSync(join(dataDir, "encryption.key"), "utf8").split("\n");
const rotate = (dataDir: string, env: Record<string, string> = {}) =>
  runCommand(["admin", "rotate-encryption-key"], { DATA_DIR: dataDir, ...env });
const codeOf = (secret: string) =>
  new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30, algorithm: "SHA1" }).generate();

let count = 0;
const knock = ({ url }: TestApp) =>
  postWebhook(
    url,
    second.appSecret,
    webhookOf(second.phoneNumberId, [{ from: "51987000555", id: `wamid.k.${count++}`, text: "a" }]),
  );

/** Another system that hears of events. */
const receiver = startReceiver();
afterAll(() => receiver[Symbol.dispose]());
const ALLOWED = { ALLOW_PRIVATE_URLS: receiver.host };

/** A number, an outgoing webhook, and a second factor, begun but not confirmed: its first code comes later. */
async function plant(app: TestApp): Promise<string> {
  expect((await app.api.post<ChannelView>("/channels", connection(second))).status).toBe(200);
  const hook = { name: "Shop", url: receiver.url, events: ["label:updated"] };
  const made = await app.api.post<{ endpoint: { id: string }; secret: string }>("/webhook-endpoints", hook);
  expect(made.status).toBe(200);
  const next = await app.api.post<{ secret: string }>(`/webhook-endpoints/${made.body.data.endpoint.id}/secret`, {});
  receiver.secrets = [made.body.data.secret, next.body.data.secret];
  const begun = await app.api.post<{ secret: string }>("/auth/second-factor", { password: ADMIN.password });
  expect(begun.status).toBe(200);
  return begun.body.data.secret;
}

async function expectReadable(app: TestApp, secret: string): Promise<void> {
  expect(await knock(app)).toBe(200);
  const [hook] = await app.api.data<{ id: string }[]>("/webhook-endpoints");
  receiver.received.length = 0;
  expect((await app.api.post(`/webhook-endpoints/${hook?.id}/test`)).status).toBe(200);
  expect(receiver.received[0]?.signedBy.sort()).toEqual([...receiver.secrets].sort());
  expect((await app.api.post("/auth/second-factor/confirm", { code: codeOf(secret) })).status).toBe(200);
}

/** Stored texts that the current key of this directory does not open. */
async function lockedOtherwise(dataDir: string, given: { encryptionKey?: string } = {}): Promise<string[]> {
  const store = await openStore({ dataDir, log: silentLog, clock: systemClock });
  try {
    const { current } = loadKeyRing(dataDir, given);
    const box = createCredentialBox({ current, previous: [] });
    const found: string[] = [];
    for (const { kind, ownerOf, read } of sealedFields(openModels(store.connection)))
      for (const { _id, texts } of await read("", 10_000))
        for (const text of texts) if (box.open(text, ownerOf(_id)) === null) found.push(`${kind} ${_id}`);
    return found;
  } finally {
    await store.close();
  }
}

test("while the server runs: a new key, one entry in the audit log, and everything works before and after a restart", async () => {
  await using graph = await startGraphSwitch();
  const env = { WHATSAPP_GRAPH_URL: graph.url, ASSISTANT: "off", ...ALLOWED };
  await using app = await createTestApp({ env });
  const secret = await plant(app);
  const [old = ""] = keysIn(app.dataDir);
  const { code, said } = await rotate(app.dataDir);
  expect([code, said]).toEqual([0, expect.stringContaining("4 of 4 stored credentials were encrypted with the new key")]);
  const now = keysIn(app.dataDir);
  expect([now.length, now.includes(old)]).toEqual([1, false]);
  expect(said).not.toContain(old);
  expect(said).not.toContain(now[0] ?? "");
  expect(await knock(app)).toBe(200);
  const [entry, ...more] = await app.api.data<object[]>("/audit?action=encryption-key.rotate");
  expect([entry, more]).toMatchObject([{ actor: { kind: "system" }, after: { changed: 4, unreadable: 0 } }, []]);
  await app.stop();
  expect(await lockedOtherwise(app.dataDir)).toEqual([]);
  await using again = await createTestApp({ env, dataDir: app.dataDir });
  await expectReadable(again, secret);
});

test("on the files while nothing runs", async () => {
  await using graph = await startGraphSwitch();
  const env = { WHATSAPP_GRAPH_URL: graph.url, ASSISTANT: "off", ...ALLOWED };
  await using app = await createTestApp({ env });
  const secret = await plant(app);
  const [old] = keysIn(app.dataDir);
  await app.stop();
  expect((await rotate(app.dataDir)).said).toContain("4 of 4");
  expect(keysIn(app.dataDir)).not.toContain(old);
  await using again = await createTestApp({ env, dataDir: app.dataDir });
  await expectReadable(again, secret);
});

test("a key of the environment: old and new beside each other for one start, afterwards the new one alone", async () => {
  await using graph = await startGraphSwitch();
  const [old, next] = ["old key ".repeat(5), "new key ".repeat(5)];
  const env = { WHATSAPP_GRAPH_URL: graph.url, ASSISTANT: "off", ...ALLOWED };
  await using app = await createTestApp({ env: { ...env, ENCRYPTION_KEY: old } });
  const secret = await plant(app);
  const refused = await rotate(app.dataDir, { ENCRYPTION_KEY: old });
  expect([refused.code, refused.said]).toEqual([1, expect.stringContaining("ENCRYPTION_KEY_PREVIOUS")]);
  await app.stop();
  await using both = await createTestApp({
    env: { ...env, ENCRYPTION_KEY: next, ENCRYPTION_KEY_PREVIOUS: old },
    dataDir: app.dataDir,
  });
  expect(await knock(both)).toBe(200);
  await both.stop();
  expect(await lockedOtherwise(app.dataDir, { encryptionKey: next.trim() })).toEqual([]);
  await using after = await createTestApp({ env: { ...env, ENCRYPTION_KEY: next }, dataDir: app.dataDir });
  await expectReadable(after, secret);
});

describe("a process that dies in the middle", () => {
  const MANY = 3_000;

  /** As many sealed texts as take a while, made with the key of the file. */
  async function fill(dataDir: string): Promise<void> {
    const store = await openStore({ dataDir, log: silentLog, clock: systemClock });
    const box = createCredentialBox(loadKeyRing(dataDir));
    const ids = Array.from({ length: MANY }, (_, at) => at.toString(16).padStart(24, "0"));
    await openModels(store.connection).secondFactors.collection.insertMany(
      ids.map((_id) => ({ _id, secret: box.lock({ secret: _id }, `second-factor:${_id}`), createdAt: new Date() })) as never[],
    );
    await store.close();
  }

  /** Every text is what it was, with the keys that are on disk. */
  async function contents(dataDir: string): Promise<{ right: number; current: number }> {
    const store = await openStore({ dataDir, log: silentLog, clock: systemClock });
    const keys = loadKeyRing(dataDir);
    const [any, current] = [createCredentialBox(keys), createCredentialBox({ current: keys.current, previous: [] })];
    const rows = await openModels(store.connection).secondFactors.find({}).lean();
    await store.close();
    const opened = (box: typeof any) =>
      rows.filter(({ _id, secret }) => (box.open(secret, `second-factor:${_id}`) as { secret?: string } | null)?.secret === _id);
    return { right: opened(any).length, current: opened(current).length };
  }

  test("kill -9 leaves everything readable, the next run goes on, and then the old key is gone", async () => {
    using dir = tempDir();
    await fill(dir.path);
    const [old = ""] = keysIn(dir.path);
    const env = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", DATA_DIR: dir.path };
    let halfway = 0;
    for (const patience of [0, 2_300, 2_600, 3_000]) {
      const child = Bun.spawn([process.execPath, join(root, "src/main.ts"), "admin", "rotate-encryption-key"], {
        env,
        stdout: "ignore",
        stderr: "ignore",
      });
      await until(() => keysIn(dir.path).length > 1 || child.exitCode !== null, { within: 30_000 });
      await Bun.sleep(patience);
      child.kill("SIGKILL");
      await child.exited;
      const found = await contents(dir.path);
      expect(found.right).toBe(MANY);
      if (keysIn(dir.path).length === 1) break;
      expect(keysIn(dir.path)[1]).toBe(old);
      if (found.current > 0 && found.current < MANY) halfway++;
    }
    console.log(`killed ${halfway} times between the first text and the last`);
    const { code } = await rotate(dir.path);
    expect(code).toBe(0);
    expect(await contents(dir.path)).toEqual({ right: MANY, current: MANY });
    expect(keysIn(dir.path)).toHaveLength(1);
    expect(keysIn(dir.path)).not.toContain(old);
  });

  test("the same at every single step, and the next start of the server goes on by itself", async () => {
    await using graph = await startGraphSwitch();
    const env = { WHATSAPP_GRAPH_URL: graph.url, ASSISTANT: "off", ...ALLOWED };
    await using app = await createTestApp({ env });
    const secret = await plant(app);
    await app.stop();
    const [old] = keysIn(app.dataDir);
    for (const diesAt of [1, 2, 3, 1]) {
      const store = await openStore({ dataDir: app.dataDir, log: silentLog, clock: systemClock });
      const keys = loadKeyRing(app.dataDir);
      let step = 0;
      const fields = sealedFields(openModels(store.connection)).map((field) => ({
        ...field,
        replace: async (...args: Parameters<typeof field.replace>) => {
          if (++step === diesAt) throw new Error("died");
          await field.replace(...args);
        },
      }));
      const box = createCredentialBox(keys);
      const audit = { record: async () => {} };
      const rotation = createKeyRotation({ keys, box, fields, audit, clock: systemClock, log: silentLog });
      expect(rotation.rotate({ kind: "system", id: "x", name: "x" })).rejects.toThrow("died");
      await rotation.stop();
      await store.close();
      expect(keysIn(app.dataDir)).toHaveLength(2);
      expect(keysIn(app.dataDir)[1]).toBe(old);
    }
    await using again = await createTestApp({ env, dataDir: app.dataDir });
    await until(() => keysIn(app.dataDir).length === 1, { within: 20_000 });
    expect(keysIn(app.dataDir)).not.toContain(old);
    await expectReadable(again, secret);
    await again.stop();
    expect(await lockedOtherwise(app.dataDir)).toEqual([]);
  });

  test("what somebody changes meanwhile is not overwritten, and what no key opens is counted, not lost", async () => {
    using dir = tempDir();
    const store = await openStore({ dataDir: dir.path, log: silentLog, clock: systemClock });
    const models = openModels(store.connection);
    const keys = loadKeyRing(dir.path);
    const box = createCredentialBox(keys);
    const lock = (id: string, text: string) => box.lock({ secret: text }, `second-factor:${id}`);
    await models.secondFactors.collection.insertMany(
      ["a", "b"].map((_id) => ({ _id, secret: lock(_id, "before"), createdAt: new Date() })) as never[],
    );
    await models.secondFactors.collection.insertOne({ _id: "c", secret: "v1.a.b.c", createdAt: new Date() } as never);
    const fields = sealedFields(models).map((field) => ({
      ...field,
      replace: async (id: string, from: string, to: string) => {
        // Just before ours: somebody sets up another app.
        if (id === "a" && field.kind === "secondFactors")
          await models.secondFactors.collection.updateOne(
            { _id: id as never, secret: from },
            { $set: { secret: lock("a", "after") } },
          );
        await field.replace(id, from, to);
      },
    }));
    const rotation = createKeyRotation({
      keys,
      box,
      fields,
      audit: { record: async () => {} },
      clock: systemClock,
      log: silentLog,
    });
    const result = await rotation.rotate({ kind: "system", id: "x", name: "x" });
    expect(result).toMatchObject({ total: 3, unreadable: 1 });
    const opened = async (id: string) =>
      box.open(String((await models.secondFactors.findById(id).lean())?.secret), `second-factor:${id}`);
    expect([await opened("a"), await opened("b"), await opened("c")]).toEqual([{ secret: "after" }, { secret: "before" }, null]);
    expect((await models.secondFactors.findById("c").lean())?.secret).toBe("v1.a.b.c");
    await store.close();
  });
});

test("whoever locks something says how it is locked anew", async () => {
  /** Files that lock text, and where it ends up. */
  const known: Record<string, string> = {
    "src/features/channels/channel.service.ts": "channels",
    "src/features/auth/mail-outbox.ts": "waitingMails",
    "src/features/auth/second-factor.service.ts": "secondFactors",
    "src/features/auth/single-sign-on.controller.ts": "a cookie of ten minutes",
    "src/features/webhook-endpoints/webhook-endpoint.service.ts": "webhookEndpoints",
    "src/features/assistant-connection/assistant-connection.service.ts": "assistantConnections",
    "src/features/ai-tools/ai-tool.service.ts": "aiTools",
    "src/features/push/push.service.ts": "pushKeys",
    "src/features/channels/credential-box.ts": "the box itself",
  };
  const found: string[] = [];
  for await (const path of new Glob("src/**/*.ts").scan({ cwd: root }))
    if (/\b(box|seal|sealer|locker)\.lock\(/.test(readFileSync(join(root, path), "utf8"))) found.push(path);
  expect(found.sort()).toEqual(Object.keys(known).sort());
  const store = await openStore({ dataDir: tempDir().path, log: silentLog, clock: systemClock });
  const kinds = sealedFields(openModels(store.connection)).map(({ kind }) => kind);
  await store.close();
  for (const kind of kinds) expect(Object.values(known)).toContain(kind);
});
