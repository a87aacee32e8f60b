/** A provider's address that somebody typed in is checked at every call, not only on the day it was stored. */
import { afterAll, expect, test } from "bun:test";
import { listModels } from "../../src/ai/model-list";
import { systemClock } from "../../src/core/clock";
import { createUrlGuard } from "../../src/core/url-guard";

/** Stands for a host of the public internet. */
const PUBLIC = "127.0.0.2";
process.env.NO_PROXY = process.env.no_proxy = `${process.env.NO_PROXY},${PUBLIC}`;

const insideAsked: string[] = [];
const inside = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request) {
    insideAsked.push(request.url);
    return Response.json({ data: [{ id: "secret-of-the-inside" }] });
  },
});
const asked: { host: string | null; authorization: string | null }[] = [];
const provider = Bun.serve({
  port: inside.port ?? 0,
  hostname: PUBLIC,
  fetch({ url, headers }) {
    asked.push({ host: headers.get("host"), authorization: headers.get("authorization") });
    if (url.includes("/astray/")) return Response.redirect(`http://127.0.0.1:${inside.port}/v1/models`);
    return Response.json({ data: [{ id: "a-model" }] });
  },
});
afterAll(async () => {
  await inside.stop(true);
  await provider.stop(true);
});

/** What the name leads to, one answer a question. */
function guardOf(...answers: string[]) {
  return createUrlGuard({ resolve: async () => [answers.shift() ?? PUBLIC], isPublic: (address) => address === PUBLIC });
}
const models = (path: string, guard = guardOf()) =>
  listModels(
    { apiKey: "sk-test", baseUrl: `http://provider.example:${provider.port}${path}`, fetch: guard.open },
    systemClock,
    new AbortController().signal,
  );

test("the request goes to the address that was checked, with the name as host and the key", async () => {
  expect((await models("/v1")).map(({ id }) => id)).toEqual(["a-model"]);
  expect(asked.at(-1)).toEqual({ host: `provider.example:${provider.port}`, authorization: "Bearer sk-test" });
});

test("a name that leads inside later is refused then", async () => {
  const guard = guardOf(PUBLIC, "127.0.0.1");
  expect(await models("/v1", guard)).toHaveLength(1);
  expect(models("/v1", guard)).rejects.toThrow();
  expect(insideAsked).toEqual([]);
});

test("a redirect to the inside is not followed", async () => {
  expect(models("/astray/v1")).rejects.toThrow();
  await Bun.sleep(50);
  expect(insideAsked).toEqual([]);
});
