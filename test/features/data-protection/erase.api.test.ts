/** Handing out and erasing a person: everything is in the archive, nothing is left afterwards, and others keep what is theirs. */
import { expect, setDefaultTimeout, test } from "bun:test";
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

test("nothing of the person is left anywhere; others, and the receipt, are", async () => {
  const { app, rosa, other, talk } = await world();
  await using _ = app;
  const first = await app.api.post<ErasureReceipt>(`/data-protection/contacts/${rosa.id}/erase`);
  expect(first.status).toBe(200);
  const receipt = await erased(app, first.body.data.id);
  expect(receipt.removed).toMatchObject({ messages: 2, conversations: 1, contacts: 1 });
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
