/** Handing out and erasing a person: everything is in the archive, nothing is left afterwards, and others keep what is theirs. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ContactView, ConversationView } from "../../../src/events/view";
import type { ErasureReceipt } from "../../../src/features/data-protection/data-protection.schema";
import { streamOf, zip } from "../../../src/features/data-protection/zip-stream";
import { ApiClient, postWebhook, webhookOf } from "../../helpers/api-client";
import { openRooms } from "../../helpers/rooms";
import { startServer } from "../../helpers/server-process";
import { tempDir } from "../../helpers/temp-dir";
import { APP_SECRET, createTestApp, NUMBER, type TestApp, VERIFY_TOKEN } from "../../helpers/test-app";
import { until } from "../../helpers/until";
import { createSandboxApp, pngOf } from "../channels/sandbox-app";

setDefaultTimeout(60_000);

const ROSA = "51987111222";
const OTHER = "51987111333";
const CANARY = "canario-7f3a9";

const contactOf = (app: TestApp, from: string) =>
  until(async () => (await app.api.data<ContactView[]>(`/contacts?identity=${from}`))[0]);

async function world() {
  const app = await createTestApp({ env: { ASSISTANT: "off" } });
  await app.receive(
    { from: ROSA, id: "wamid.rosa.1", text: `mi secreto es ${CANARY}`, name: `Rosa ${CANARY}` },
    { from: ROSA, id: "wamid.rosa.2", text: "otra cosa" },
    { from: OTHER, id: "wamid.other.1", text: "yo me quedo" },
  );
  const rosa = await contactOf(app, ROSA);
  const other = await contactOf(app, OTHER);
  const [talk] = await until(async () => {
    const found = await app.api.data<ConversationView[]>(`/conversations?contact=${rosa.id}`);
    return found.length > 0 ? found : null;
  });
  return { app, rosa, other, talk: talk as ConversationView };
}

const erased = (app: TestApp, id: string) =>
  until(async () => {
    const receipt = await app.api.data<ErasureReceipt>(`/data-protection/erasures/${id}`);
    return receipt.state === "done" ? receipt : null;
  });

test("an archive holds what the person wrote and nothing of others", async () => {
  const { app, rosa } = await world();
  await using _ = app;
  const answer = await fetch(`${app.url}/api/v2/data-protection/contacts/${rosa.id}/export`, {
    headers: { authorization: `Bearer ${app.api.token}` },
  });
  expect(answer.status).toBe(200);
  const text = Buffer.from(await answer.bytes()).toString("utf8");
  for (const part of [CANARY, "otra cosa", "contacts.jsonl", "conversations.jsonl", "messages.jsonl", "audit.jsonl"])
    expect(text).toContain(part);
  expect(text).not.toContain("yo me quedo");
  expect((await app.api.data<{ action: string }[]>(`/audit?target=${rosa.id}`))[0]?.action).toBe("contact.export");
});

/** What people and WhatsApp leave beside the messages; gives what the receipt has to count. */
async function writtenBeside(app: TestApp, { id }: ContactView, talk: ConversationView): Promise<Record<string, number>> {
  const { api } = app;
  const done = [
    await api.post(`/contacts/${id}/notes`, { text: `nota ${CANARY}` }),
    await api.patch(`/contacts/${id}`, { company: `Empresa ${CANARY}` }),
    await api.call("PUT", `/conversations/${talk.id}/drafts/reply`, { text: `borrador ${CANARY}` }),
    await api.call("PUT", `/conversations/${talk.id}/drafts/note`, { text: `apunte ${CANARY}` }),
    await api.post(`/conversations/${talk.id}/scheduled`, {
      dueAt: new Date(Date.now() + 86_400_000).toISOString(),
      content: { text: `luego ${CANARY}` },
    }),
  ];
  expect(done.map(({ status, body }) => [status, body.code])).toEqual(done.map(() => [200, undefined]));
  return { notes: 1, drafts: 2, "scheduled-messages": 1 };
}

test("nothing of the person is left anywhere; others, and the receipt, are", async () => {
  const { app, rosa, other, talk } = await world();
  await using _ = app;
  const before = await writtenBeside(app, rosa, talk);
  const first = await app.api.post<ErasureReceipt>(`/data-protection/contacts/${rosa.id}/erase`);
  expect(first.status).toBe(200);
  const receipt = await erased(app, first.body.data.id);
  expect(receipt.removed).toMatchObject({ messages: 2, conversations: 1, contacts: 1, ...before });
  expect(receipt.requestedBy.name).toBe("Admin");
  expect(JSON.stringify(receipt)).not.toContain(CANARY);
  for (const path of [`/contacts/${rosa.id}`, `/conversations/${talk.id}`, `/conversations/${talk.id}/messages`])
    expect([path, (await app.api.get(path)).status]).toEqual([path, 404]);
  expect((await app.api.data<unknown[]>(`/search?q=${CANARY}`)).length).toBe(0);
  expect((await app.api.get(`/contacts/${other.id}`)).status).toBe(200);
  expect((await app.api.post(`/data-protection/contacts/${rosa.id}/erase`)).status).toBe(404);
  await using rooms = await app.openStored();
  const { db } = rooms.store.connection;
  for (const { name } of (await db?.listCollections({}, { nameOnly: true }).toArray()) ?? []) {
    const rows = (await db?.collection(name).find({}).toArray()) ?? [];
    expect([name, JSON.stringify(rows).includes(CANARY)]).toEqual([name, false]);
  }
  for (const file of readdirSync(app.dataDir, { recursive: true, withFileTypes: true }))
    if (file.isFile() && file.name === "search.db")
      expect(readFileSync(join(file.parentPath, file.name)).includes(CANARY)).toBe(false);
});

test("the archive holds notes, drafts and what was to be sent later", async () => {
  const { app, rosa, talk } = await world();
  await using _ = app;
  await writtenBeside(app, rosa, talk);
  const answer = await fetch(`${app.url}/api/v2/data-protection/contacts/${rosa.id}/export`, {
    headers: { authorization: `Bearer ${app.api.token}` },
  });
  const text = Buffer.from(await answer.bytes()).toString("utf8");
  for (const part of ["nota", "Empresa", "borrador", "apunte", "luego"]) expect(text).toContain(`${part} ${CANARY}`);
});

test("what WhatsApp delivered about the person and nobody could read goes too; that of others stays", async () => {
  const { app, rosa } = await world();
  await using _ = app;
  await app.stop();
  const letters = [ROSA, OTHER, `9${ROSA}`].map((from, at) => ({
    _id: `dead-${at}`,
    channel: NUMBER,
    kind: "message",
    state: "dead",
    deadAt: new Date(1_700_000_000_000 + at),
    body: JSON.stringify({ from, text: `${CANARY} de ${at}` }),
    receivedAt: new Date(),
    requestId: "r",
    attempts: 9,
    reason: "a defect",
  }));
  {
    await using rooms = await openRooms({ dataDir: app.dataDir });
    await rooms.models.inboundEvents.collection.insertMany(letters as never[]);
  }
  await using again = await createTestApp({ env: { ASSISTANT: "off" }, dataDir: app.dataDir });
  const { body } = await again.api.post<ErasureReceipt>(`/data-protection/contacts/${rosa.id}/erase`);
  expect((await erased(again, body.data.id)).removed.undelivered).toBe(1);
  expect(await again.api.data<unknown[]>("/dead-letters")).toHaveLength(2);
  await using rooms = await again.openStored();
  const rows = await rooms.models.inboundEvents.find({ _id: { $in: letters.map(({ _id }) => _id) } }).lean();
  expect(rows.map(({ _id, body: text }) => [_id, text === null]).sort()).toEqual([
    ["dead-0", true],
    ["dead-1", false],
    ["dead-2", false],
  ]);
});

test("ratings, automations, promised service and what was due go too; those of others stay", async () => {
  const { app, rosa, other, talk } = await world();
  await using _ = app;
  await app.stop();
  const rows: [string, string, (who: string, where: string) => object][] = [
    ["ratings", "csats", (contact, conversation) => ({ contact, conversation, comment: CANARY, state: "answered" })],
    [
      "automations",
      "automationRuns",
      (contact, conversation) => ({ key: conversation, contact, conversation, state: "done", source: "x", name: CANARY }),
    ],
    ["promised-service", "slaStates", (contact) => ({ contact, policy: CANARY })],
    ["away-notices", "awayNotices", (contact) => ({ contact, note: CANARY })],
    [
      "tasks",
      "dueTasks",
      (_contact, conversation) => ({ kind: "nothing", conversation, at: new Date("2999-01-01"), data: { text: CANARY } }),
    ],
  ];
  {
    await using rooms = await openRooms({ dataDir: app.dataDir });
    const { db } = rooms.store.connection;
    for (const [, collection, make] of rows)
      await db?.collection(collection).insertMany([
        { _id: `${collection}-rosa` as never, ...make(rosa.id, talk.id) },
        { _id: `${collection}-other` as never, ...make(other.id, "a".repeat(24)) },
      ]);
  }
  await using again = await createTestApp({ env: { ASSISTANT: "off" }, dataDir: app.dataDir });
  const { body } = await again.api.post<ErasureReceipt>(`/data-protection/contacts/${rosa.id}/erase`);
  const { removed } = await erased(again, body.data.id);
  expect(removed).toMatchObject(Object.fromEntries(rows.map(([kind]) => [kind, 1])));
  await using rooms = await again.openStored();
  for (const [, collection] of rows) {
    const left = await rooms.store.connection.db?.collection(collection).find({}).toArray();
    expect([collection, left?.map(({ _id }) => String(_id))]).toEqual([collection, [`${collection}-other`]]);
  }
});

describe("files", () => {
  const filesIn = (app: TestApp) =>
    readdirSync(join(app.dataDir, "media"), { recursive: true, withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [entry.name] : [],
    );
  const hash = (bytes: Uint8Array) => new Bun.CryptoHasher("sha256").update(bytes).digest("hex");

  test("of the person are gone from the disk with their previews; one that somebody else has sent, too, stays", async () => {
    await using app = await createSandboxApp();
    const other = await app.api.post<{ id: string }>("/sandbox/phones", { name: "Luis", waId: OTHER });
    const [own, shared] = [await pngOf(900), await pngOf(300)];
    const picture = (bytes: Uint8Array) => ({
      type: "image",
      data: Buffer.from(bytes).toString("base64"),
      mimeType: "image/png",
    });
    await app.plays(picture(own));
    await app.plays(picture(shared));
    expect((await app.api.post(`/sandbox/phones/${other.body.data.id}/messages`, picture(shared))).status).toBe(200);
    const luis = await contactOf(app, OTHER);
    const [talk] = await until(async () => {
      const found = await app.api.data<ConversationView[]>(`/conversations?contact=${luis.id}`);
      return found.length > 0 ? found : null;
    });
    const stored = async (id: string) =>
      (await app.api.data<{ attachments: { url: string | null }[] }[]>(`/conversations/${id}/messages`)).flatMap(
        ({ attachments }) => attachments.flatMap(({ url }) => url ?? []),
      );
    const mine = await app.conversation();
    await until(async () => (await stored(mine.id)).length === 2 && (await stored(talk?.id ?? "")).length === 1);
    const before = filesIn(app);
    expect(before).toContain(hash(own));
    const rosa = (await app.api.data<ContactView[]>("/contacts?identity=51987000111"))[0] as ContactView;
    const { body } = await app.api.post<ErasureReceipt>(`/data-protection/contacts/${rosa.id}/erase`);
    const receipt = await erased(app, body.data.id);
    // The picture and its preview.
    expect(receipt.removed.files).toBe(2);
    expect(filesIn(app)).toHaveLength(before.length - 2);
    expect([filesIn(app).includes(hash(own)), filesIn(app).includes(hash(shared))]).toEqual([false, true]);
    const [url] = await stored(talk?.id ?? "");
    const answer = await fetch(app.url + url, { headers: { authorization: `Bearer ${app.api.token}` } });
    expect(hash(await answer.bytes())).toBe(hash(shared));
    // With the last one who has sent it, it goes as well.
    const second = await app.api.post<ErasureReceipt>(`/data-protection/contacts/${luis.id}/erase`);
    await erased(app, second.body.data.id);
    expect(filesIn(app)).toEqual([]);
  });
});

test("who writes again is somebody new", async () => {
  const { app, rosa } = await world();
  await using _ = app;
  const { body } = await app.api.post<ErasureReceipt>(`/data-protection/contacts/${rosa.id}/erase`);
  await erased(app, body.data.id);
  await app.receive({ from: ROSA, id: "wamid.rosa.3", text: "hola de nuevo" });
  const again = await contactOf(app, ROSA);
  expect(again.id).not.toBe(rosa.id);
});

test("killed in the middle, it goes on at the next start", async () => {
  using dir = tempDir();
  const dataDir = join(dir.path, "data");
  const env = {
    ASSISTANT: "off",
    WHATSAPP_PHONE_NUMBER_ID: NUMBER,
    WHATSAPP_ACCESS_TOKEN: "a token of the test",
    WHATSAPP_APP_SECRET: APP_SECRET,
    WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
    WHATSAPP_GRAPH_URL: "http://127.0.0.1:9",
  };
  let receipt = "";
  let count = 0;
  {
    await using server = await startServer({ dataDir, env });
    const api = await new ApiClient(server.url).signIn(server.admin);
    for (let part = 0; part < 6; part++)
      await postWebhook(
        server.url,
        APP_SECRET,
        webhookOf(
          NUMBER,
          Array.from({ length: 200 }, (_, index) => ({
            from: ROSA,
            id: `wamid.kill.${part}.${index}`,
            text: `${CANARY} ${index}`,
          })),
        ),
      );
    const contact = await until(async () => (await api.data<ContactView[]>(`/contacts?identity=${ROSA}`))[0]);
    count = 1_200;
    await until(
      async () => (await api.data<ConversationView[]>(`/conversations?contact=${contact.id}`))[0]?.unreadCount === count,
    );
    const { body } = await api.post<ErasureReceipt>(`/data-protection/contacts/${contact.id}/erase`);
    receipt = body.data.id;
    await server.kill();
  }
  await using server = await startServer({ dataDir, env });
  const api = await new ApiClient(server.url).signIn(server.admin);
  const done = await until(
    async () => {
      const found = await api.data<ErasureReceipt>(`/data-protection/erasures/${receipt}`);
      return found.state === "done" ? found : null;
    },
    { within: 40_000 },
  );
  // Counted in the transaction that removes: neither lost nor counted twice by the crash.
  expect(done.removed.messages).toBe(count);
  await server.stop();
  await using rooms = await openRooms({ dataDir });
  for (const model of [rooms.models.messages, rooms.models.conversations, rooms.models.contacts])
    expect(await model.collection.countDocuments({})).toBe(0);
  const { db } = rooms.store.connection;
  for (const { name } of (await db?.listCollections({}, { nameOnly: true }).toArray()) ?? []) {
    const rows = (await db?.collection(name).find({}).toArray()) ?? [];
    expect([name, JSON.stringify(rows).includes(CANARY)]).toEqual([name, false]);
  }
});

test("the archive is one that other programs read", async () => {
  using dir = tempDir();
  const file = join(dir.path, "a.zip");
  async function* files() {
    for (const name of ["uno.txt", "carpeta/dos.txt"])
      yield {
        name,
        content: (async function* () {
          yield new TextEncoder().encode(`hola ${name}`);
        })(),
      };
  }
  await Bun.write(file, new Response(streamOf(zip(files()))));
  const listed = Bun.spawnSync([
    "python3",
    "-c",
    "import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);print(z.testzip(),z.namelist())",
    file,
  ]);
  if (listed.exitCode === 0) expect(listed.stdout.toString().trim()).toBe("None ['uno.txt', 'carpeta/dos.txt']");
  else console.log("no program to read a ZIP archive with on this machine: only its end is looked at");
  const bytes = await Bun.file(file).bytes();
  expect(Buffer.from(bytes.slice(-22, -18)).toString("latin1")).toBe("PK\x05\x06");
});
