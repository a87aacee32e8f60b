/** What the machine had already queued does not leave after a person has taken over, and one poisoned event stops nobody. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { readWebhook } from "../../src/channels/whatsapp/parse";
import { signBody } from "../../src/channels/whatsapp/signature";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import type { ContactView, ConversationView, MessageView } from "../../src/events/view";
import { createAccept } from "../../src/flow/accept";
import { oldestEntries } from "../../src/flow/journal.model";
import { eventsOf, toRow } from "../../src/flow/received-event";
import { isStoreUnavailable } from "../../src/store/connect";
import { webhookOf } from "../helpers/api-client";
import { openRooms } from "../helpers/rooms";
import { tempDir } from "../helpers/temp-dir";
import { createTestApp, NUMBER } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(30_000);

test("a reply of the assistant that waits for the line is cancelled by a person's reply, which is sent", async () => {
  await using app = await createTestApp();
  await app.graph.goDown();
  await app.receive({ from: "51987650950", id: "wamid.take.1", text: "¿tienen mantas?" });
  const messages = () =>
    until(async () => {
      const [contact] = await app.api.data<ContactView[]>("/contacts?identity=51987650950");
      const [conversation] = contact ? await app.api.data<ConversationView[]>(`/conversations?contact=${contact.id}`) : [];
      return conversation ? app.api.data<MessageView[]>(`/conversations/${conversation.id}/messages`) : null;
    });
  const waits = ({ role, delivery }: MessageView) =>
    role === "assistant" && delivery?.state === "queued" && delivery.error !== null;
  const machine = await until(async () => (await messages()).find(waits), { what: "the reply that waits" });
  const person = await app.api.post<MessageView>(`/conversations/${machine.conversation}/messages`, { text: "Soy Lucía." });
  app.graph.comeBack();
  await until(() => app.graph.sent.length > 0, { what: "the person's reply", within: 20_000 });
  await until(async () => (await messages()).find(({ id }) => id === machine.id)?.delivery?.state === "cancelled");
  expect(app.graph.tried.map(({ text }) => text)).toEqual(["Soy Lucía."]);
  expect((await messages()).find(({ id }) => id === person.body.data.id)?.delivery?.state).toBe("sent");
});

test("an event that cannot be processed is set aside with its reason; those before and after it are processed", async () => {
  using dir = tempDir();
  const dataDir = join(dir.path, "data");
  const ids = ["wamid.good.1", "wamid.bad", "wamid.good.2"];
  // Accepted by an earlier run that ended before it processed them.
  await (await createTestApp({ dataDir })).stop();
  {
    await using rooms = await openRooms({ dataDir });
    const { accept } = createAccept({
      journal: rooms.models.journal,
      owner: "earlier",
      dedupTtlMs: 60_000,
      clock: systemClock,
      log: silentLog,
      trace: () => {},
      isStoreUnavailable,
      onAccepted: () => {},
      onRefused: () => {},
    });
    for (const id of ids) {
      const raw = Buffer.from(JSON.stringify(webhookOf(NUMBER, [{ from: "51987650960", id, text: id }])));
      await accept(raw, { requestId: `req_${id}`, receivedAt: Date.now(), signature: signBody("secret", raw) });
    }
    // What the earlier run had begun to process one by one; one row was damaged since.
    const entries = await oldestEntries(rooms.models.journal, 10);
    const rows = entries
      .flatMap((entry) => eventsOf(entry, readWebhook))
      .map((event, index) => toRow(event, `${index}`.padStart(24, "0")));
    await rooms.models.inboundEvents.collection.insertMany(
      rows.map((row) => ({
        ...row,
        body: row.body?.includes("wamid.bad") ? '{"kind":"message","channel":' : row.body,
      })) as never[],
    );
  }
  await using app = await createTestApp({ dataDir, env: { ASSISTANT: "off" } });
  const dead = await until(async () => (await app.api.data<Record<string, unknown>[]>("/dead-letters"))[0], {
    what: "the dead event",
  });
  expect(dead).toMatchObject({ kind: "message", channel: NUMBER, attempts: 3, requestId: "req_wamid.bad" });
  expect(String(dead.reason).length).toBeGreaterThan(5);
  const [contact] = await app.api.data<ContactView[]>("/contacts?identity=51987650960");
  const [conversation] = await app.api.data<ConversationView[]>(`/conversations?contact=${contact?.id}`);
  const stored = await app.api.data<MessageView[]>(`/conversations/${conversation?.id}/messages`);
  expect(stored.map(({ wamid }) => wamid)).toEqual(["wamid.good.2", "wamid.good.1"]);
  // The way is free for what comes later.
  await app.receive({ from: "51987650960", id: "wamid.good.3", text: "después" });
  await until(async () => (await app.api.data<MessageView[]>(`/conversations/${conversation?.id}/messages`)).length === 3);
});
