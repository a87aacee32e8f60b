/** An accepted event that cannot be processed is set aside with its reason, holds nobody up, and can be tried again over REST. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { DeadLetterView } from "../../src/features/dead-letters/dead-letter.schema";
import { ApiClient } from "../helpers/api-client";
import { startServer } from "../helpers/server-process";
import { createTestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

const SECRET = "an app secret of the test";
const environment = {
  WHATSAPP_PHONE_NUMBER_ID: "440055660077001",
  WHATSAPP_ACCESS_TOKEN: "a token of the test",
  WHATSAPP_APP_SECRET: SECRET,
  WHATSAPP_VERIFY_TOKEN: "verify-me",
  ASSISTANT: "off",
  SANDBOX: "on",
};

test("poison is set aside, its neighbours are processed, and a retry is a real one", async () => {
  await using app = await createTestApp({ env: { ASSISTANT: "off" } });
  await app.receive({ from: "51987652001", id: "wamid.dead.1", text: "hola" });
  await until(async () => (await app.api.data<unknown[]>("/contacts?identity=51987652001")).length === 1);
  const rooms = await app.openStored();
  const events = rooms.models.inboundEvents.collection;
  const row = (id: string, order: string, body: string) => ({
    _id: id,
    channel: environment.WHATSAPP_PHONE_NUMBER_ID,
    kind: "message",
    state: "ready",
    order,
    body,
    receivedAt: new Date(),
    requestId: "req_of_the_test",
    attempts: 0,
    reason: null,
  });
  const good = await events.findOne({});
  const neighbour = String(good?.body).replaceAll("wamid.dead.1", "wamid.dead.2").replaceAll("51987652001", "51987652002");
  await events.insertMany([
    row("poisonpoisonpoisonpois", "000000000000000000000001", "{ this is no JSON"),
    row("neighbourneighbourneig", "000000000000000000000002", neighbour),
  ] as never[]);
  await rooms[Symbol.asyncDispose]();

  await using server = await startServer({ dataDir: app.dataDir, env: environment });
  const api = await new ApiClient(server.url).signIn(server.admin);
  const [dead, ...more] = await until(async () => {
    const found = await api.data<DeadLetterView[]>("/dead-letters");
    return found.length > 0 ? found : null;
  });
  expect(more).toEqual([]);
  expect(dead).toMatchObject({
    id: "poisonpoisonpoisonpois",
    kind: "message",
    attempts: 3,
    requestId: "req_of_the_test",
    event: "{ this is no JSON",
  });
  expect(dead?.reason).toContain("JSON");
  await until(async () => (await api.data<unknown[]>("/contacts?identity=51987652002")).length === 1, { what: "the neighbour" });

  // Still poison: it is tried (three times) and comes back with a new date.
  expect((await api.post("/dead-letters/poisonpoisonpoisonpois/retry")).status).toBe(200);
  await until(async () => {
    const [again] = await api.data<DeadLetterView[]>("/dead-letters");
    return again && again.deadAt > (dead?.deadAt ?? "") ? again : null;
  });
  expect((await api.post("/dead-letters/neighbourneighbourneig/retry")).status).toBe(404);
  expect((await api.post("/dead-letters/0000000000000000000000/retry")).status).toBe(404);
});
