/** Old data go by themselves, as the settings say and no sooner; a preview removes nothing; the dedup outlives the bodies. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { ContactView, MessageView } from "../../../src/events/view";
import { createTestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(30_000);
const DAY = 86_400_000;

test("only what is older than the setting is removed, and a repeated webhook still makes no second message", async () => {
  await using app = await createTestApp({ env: { ASSISTANT: "off" } });
  const old = { from: "51987222111", id: "wamid.old", text: "de hace tiempo", at: Date.now() - 40 * DAY };
  const young = { from: "51987222111", id: "wamid.young", text: "de hoy" };
  await app.receive(old, young);
  const contact = await until(async () => (await app.api.data<ContactView[]>("/contacts?identity=51987222111"))[0]);
  const [talk] = await app.api.data<{ id: string }[]>(`/conversations?contact=${contact.id}`);
  const texts = async () =>
    (await app.api.data<MessageView[]>(`/conversations/${talk?.id}/messages`)).map(({ content }) => content).sort();
  await until(async () => (await texts()).length === 2);

  expect((await app.api.data<Record<string, number>>("/retention/preview")).messages).toBeUndefined();
  await app.api.patch("/settings/retention", { version: 0, values: { messages: 30, inboundBodies: 1 } });
  expect(await app.api.data<Record<string, number>>("/retention/preview")).toMatchObject({ messages: 1, audit: 0 });
  expect(await texts()).toHaveLength(2);

  const { status, body } = await app.api.post<Record<string, number>>("/retention/run");
  expect([status, body.data.messages]).toEqual([200, 1]);
  expect(await texts()).toEqual(["de hoy"]);
  expect((await app.api.data<{ removed: object }>("/retention")).removed).toMatchObject({ messages: 1 });
  expect((await app.api.post<Record<string, number>>("/retention/run")).body.data.messages).toBe(0);

  await app.receive(old, { ...young, id: "wamid.last", text: "despues" });
  await until(async () => (await texts()).includes("despues"));
  expect(await texts()).toEqual(["de hoy", "despues"]);
});
