/** What somebody has set going ends with their rights: each says why, the audit log knows, and a restart does not bring it back. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { ImportView } from "../../../src/events/customer-view";
import type { ConversationView, JobView, MessageView } from "../../../src/events/view";
import type { ScheduledMessageView } from "../../../src/events/writing-view";
import type { RunView } from "../../../src/features/automation-actions/automation-run.service";
import { meanwhile } from "../../helpers/meanwhile";
import { type Colleague, hire, makeRole } from "../../helpers/people";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(60_000);

let app: TestApp;
let count = 0;
beforeAll(async () => {
  app = await createTestApp({ env: { ASSISTANT: "off" } });
  await makeRole(app, { name: "mute", permissions: ["conversations.read"], reach: "all" });
});
afterAll(() => app[Symbol.asyncDispose]());

const person = (role = "supervisor", of: TestApp = app) => hire(of, { email: `left-${++count}@example.com`, role });
const deactivate = ({ id }: Colleague, of: TestApp = app) => of.api.post(`/agents/${id}/deactivate`);
const soon = (ms: number) => new Date(Date.now() + ms).toISOString();
async function conversation(of: TestApp = app): Promise<ConversationView> {
  const from = String(51987690000 + ++count);
  await of.receive({ from, id: `wamid.left.${count}`, text: "hola", name: `Customer ${count}` });
  return until(async () =>
    (await of.api.data<ConversationView[]>("/conversations?limit=100")).find(({ contact }) => contact.phone === `+${from}`),
  );
}
const scheduledIn = async (id: string, of: TestApp = app) =>
  (await of.api.data<ScheduledMessageView[]>(`/conversations/${id}/scheduled`))[0];

test.each([
  ["has been shut out", (who: Colleague) => deactivate(who)],
  ["may not write any more", ({ id }: Colleague) => app.api.patch(`/agents/${id}`, { role: "mute" })],
])("a scheduled message of somebody who %s is not sent, and the thread says why", async (_, act) => {
  const ana = await person();
  const talk = await conversation();
  const later = { dueAt: soon(1_200), content: { text: `in the name of ${ana.email}` } };
  expect((await ana.api.post(`/conversations/${talk.id}/scheduled`, later)).status).toBe(200);
  await act(ana);
  const ended = await until(async () => {
    const one = await scheduledIn(talk.id);
    return one?.state === "scheduled" ? null : one;
  });
  expect(ended).toMatchObject({ state: "failed", message: null });
  expect(ended?.error).toContain("may not write to customers any more");
  const thread = await app.api.data<MessageView[]>(`/conversations/${talk.id}/messages?limit=100`);
  expect(JSON.stringify(thread)).toContain("A scheduled message was not sent");
  expect(JSON.stringify(app.graph.sent)).not.toContain(ana.email);
  const [entry] = await app.api.data<{ target: { id: string }; before: unknown }[]>("/audit?action=scheduled-message.withhold");
  expect(entry).toMatchObject({ target: { id: talk.id }, before: { author: ana.id } });
});

test("a colleague who takes it over before its time answers for it, also across a restart", async () => {
  await using first = await createTestApp({ env: { ASSISTANT: "off" } });
  const ana = await person("supervisor", first);
  const [kept, left] = [await conversation(first), await conversation(first)];
  for (const [talk, text] of [
    [kept, "taken over"],
    [left, "left behind"],
  ] as const)
    await ana.api.post(`/conversations/${talk.id}/scheduled`, { dueAt: soon(4_000), content: { text } });
  await deactivate(ana, first);
  const one = await scheduledIn(kept.id, first);
  expect((await first.api.patch(`/scheduled/${one?.id}`, { dueAt: soon(3_000) })).status).toBe(200);
  await first.stop();
  await using again = await createTestApp({ dataDir: first.dataDir, env: { ASSISTANT: "off" } });
  await until(async () => (await scheduledIn(left.id, again))?.state === "failed");
  await until(async () => (await scheduledIn(kept.id, again))?.state === "sent");
  expect(again.graph.sent.map(({ text }) => text)).toEqual(["taken over"]);
});

test("an import stops at the next rows, keeps what it has done and says why", async () => {
  const ben = await person("admin");
  const rows = Array.from({ length: 400 }, (_, at) => `+5198773${String(at).padStart(4, "0")},Row ${at}`).join("\n");
  const begun = await fetch(`${app.url}/api/v2/imports`, {
    method: "POST",
    headers: { authorization: `Bearer ${ben.api.token}`, "content-type": "text/csv" },
    body: `phone,name\n${rows}\n`,
  });
  const { id } = ((await begun.json()) as { data: ImportView }).data;
  await until(async () => (await ben.api.data<ImportView>(`/imports/${id}`)).done >= 20);
  await deactivate(ben);
  const entry = await until(
    async () => (await app.api.data<{ target: { id: string } }[]>("/audit?action=contacts.import-end"))[0],
  );
  expect(entry.target.id).toBe(id);
  await app.api.post(`/agents/${ben.id}/activate`);
  const back = await app.api.post<{ link: string }>(`/agents/${ben.id}/sign-out`);
  expect(back.status).toBe(200);
  const signedIn = await ben.api.signIn({ email: ben.email, password: "another horse battery" });
  const ended = await signedIn.data<ImportView>(`/imports/${id}`);
  expect(ended).toMatchObject({ state: "cancelled" });
  expect(ended.problem).toContain("may not import contacts any more");
  expect(ended.done).toBeLessThan(400);
  expect(ended.created).toBe(ended.done);
});

test("a bulk action ends and says why", async () => {
  const cora = await person();
  const talk = await conversation();
  using moment = meanwhile("BulkJob", "findOne", () => deactivate(cora));
  const job = await cora.api.post<JobView>("/conversations/bulk", {
    ids: [talk.id],
    actions: [{ do: "priority", priority: "urgent" }],
  });
  const ended = await until(async () => {
    const one = await app.api.data<JobView>(`/jobs/${job.body.data.id}`);
    return one.finishedAt ? one : null;
  });
  expect([moment.happened(), ended.state, ended.done]).toEqual([true, "cancelled", 0]);
  expect(ended.problem).toContain("may not do this any more");
  expect((await app.api.data<ConversationView>(`/conversations/${talk.id}`)).priority).toBe("normal");
});

test("an export is cut off: nobody takes half of a file for the whole", async () => {
  const dan = await person();
  // More than is read at once.
  using moment = meanwhile("Contact", "find", () => deactivate(dan));
  const answer = await fetch(`${app.url}/api/v2/exports/contacts`, { headers: { authorization: `Bearer ${dan.api.token}` } });
  expect(answer.status).toBe(200);
  const text = await answer.text().catch((error: Error) => `cut off: ${error.name}`);
  expect(moment.happened()).toBe(true);
  expect(text).toStartWith("cut off");
});

test("a macro does nothing more once whoever ran it is gone", async () => {
  const eli = await person();
  const talk = await conversation();
  const macro = await eli.api.post<{ id: string }>("/macros", {
    name: "Two steps",
    actions: [
      { do: "priority", priority: "high" },
      { do: "reply", text: "from somebody who is gone" },
    ],
  });
  // Between queueing and the first step.
  using moment = meanwhile("AutomationRun", "findOne", () => deactivate(eli));
  await eli.api.post(`/macros/${macro.body.data.id}/run`, { conversations: [talk.id] });
  expect(moment.happened()).toBe(true);
  const [run] = await until(async () => {
    const runs = await app.api.data<RunView[]>(`/automation-runs?conversation=${talk.id}`);
    return runs[0]?.finishedAt ? runs : null;
  });
  expect(run).toMatchObject({ state: "failed", outcomes: [{ state: "failed" }, { state: "failed" }] });
  expect(run?.outcomes[0]?.detail).toContain("may do nothing any more");
  expect((await app.api.data<ConversationView>(`/conversations/${talk.id}`)).priority).toBe("normal");
  expect(JSON.stringify(app.graph.sent)).not.toContain("from somebody who is gone");
});
