/** Two processes on one store, with Redis: whoever is connected to either hears and sees the same, at once. */
import { describe, setDefaultTimeout, test } from "bun:test";
import { hire } from "../helpers/people";
import { startRedis } from "../helpers/redis-server";
import { until } from "../helpers/until";
import { connect, conversationOf, openTwo, twoProcessCases } from "./live-processes";
import type { TypedLiveClient } from "./typed-live-client";

setDefaultTimeout(120_000);

const redis = await startRedis();
if (!redis) console.log("Redis is not installed: two processes are tested without it.");

describe(redis ? "with Redis" : "without Redis", () => twoProcessCases(redis));

test.skipIf(!redis)("with Redis who looks and who types is seen on both", async () => {
  await using two = await openTwo(redis);
  const ana = await hire(two.one, { email: "ana@test.local", role: "agent" });
  const beto = await hire(two.one, { email: "beto@test.local", role: "agent" });
  await two.one.receive({ from: "51987720000", id: "wamid.seen.1", text: "hola" });
  const { id } = await conversationOf(two.other, "51987720000");
  using here = await connect(two.one, ana.api);
  using there = await connect(two.other, beto.api);
  there.send({ type: "subscribe", topics: [`conversation:${id}`] });
  here.send({ type: "subscribe", topics: [`conversation:${id}`] });
  await there.settle();
  await here.settle();
  const viewers = (client: TypedLiveClient) =>
    client
      .told("viewing:changed")
      .at(-1)
      ?.viewers.map(({ agent }) => agent);
  here.send({ type: "viewing", conversationId: id });
  await until(() => viewers(there)?.join() === ana.id);
  there.send({ type: "viewing", conversationId: id });
  await until(() => viewers(here)?.join() === `${ana.id},${beto.id}`);
  here.send({ type: "typing", conversationId: id, on: true });
  await there.waitTold("typing:indicator", (data) => data.agent === ana.id && data.on);
  // The connection breaks while they type and look.
  here.drop();
  await there.waitTold("typing:indicator", (data) => data.agent === ana.id && !data.on);
  await until(() => viewers(there)?.join() === beto.id);
});
