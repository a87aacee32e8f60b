/** The daily look at every number, with a clock of the test: expiring tokens are renewed in time, or people are told in time. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { ChannelView } from "../../../src/events/view";
import { ManualClock, untilAdvancing } from "../../helpers/manual-clock";
import { createTestApp } from "../../helpers/test-app";
import { connection, second, startGraphSwitch } from "./graph-switch";

setDefaultTimeout(60_000);

const DAY = 86_400_000;
const APP_ID = "600100200300400";

/** Meta's word on a token that ends at a time. */
const tokenUntil = (at: number) => ({
  data: {
    app_id: APP_ID,
    is_valid: true,
    expires_at: Math.floor(at / 1000),
    scopes: ["whatsapp_business_management", "whatsapp_business_messaging"],
  },
});

test("a token that ends within a month is exchanged, and the new one is used from then on", async () => {
  const clock = new ManualClock();
  await using graph = await startGraphSwitch();
  const tokens: string[] = [];
  let expiresAt = clock.now() + 20 * DAY;
  graph.intercept = (request, path) => {
    if (path.endsWith("/debug_token")) return Response.json(tokenUntil(expiresAt));
    if (path.endsWith("/oauth/access_token")) {
      const query = new URL(request.url).searchParams;
      tokens.push(`${query.get("client_id")}:${query.get("client_secret")}:${query.get("fb_exchange_token")}`);
      expiresAt = clock.now() + 60 * DAY;
      return Response.json({ access_token: "a-renewed-token", token_type: "bearer", expires_in: 60 * 86_400 });
    }
    const bearer = request.headers.get("authorization") ?? "";
    if (path.endsWith("/subscribed_apps")) {
      tokens.push(bearer);
      return Response.json({ data: [{ whatsapp_business_api_data: { id: APP_ID } }] });
    }
    return undefined;
  };
  await using app = await createTestApp({ clock, env: { WHATSAPP_GRAPH_URL: graph.url, ASSISTANT: "off" } });
  const created = await app.api.post<ChannelView>("/channels", { ...connection(second), appId: APP_ID });
  expect(created.status).toBe(200);
  expect(tokens).toContain(`${APP_ID}:${second.appSecret}:${second.accessToken}`);
  expect(Date.parse(created.body.data.token.expiresAt ?? "")).toBeGreaterThan(clock.now() + 59 * DAY);
  tokens.length = 0;
  await app.api.post(`/channels/${created.body.data.id}/check`);
  expect(tokens).toEqual(["Bearer a-renewed-token"]);
});

test("a token that cannot be renewed is told once, a week before it ends, by the daily look", async () => {
  const clock = new ManualClock();
  await using graph = await startGraphSwitch();
  const expiresAt = clock.now() + 10 * DAY;
  let looks = 0;
  graph.intercept = (_, path) => {
    if (path.endsWith("/debug_token")) looks++;
    if (path.endsWith("/debug_token")) return Response.json(tokenUntil(expiresAt));
    if (path.endsWith("/oauth/access_token"))
      return Response.json({ error: { message: "Error validating client secret.", code: 1, type: "x" } }, { status: 400 });
    return undefined;
  };
  await using app = await createTestApp({
    clock,
    env: { WHATSAPP_GRAPH_URL: graph.url, ASSISTANT: "off", ACCESS_TOKEN_TTL: "30d" },
  });
  const created = await app.api.post<ChannelView>("/channels", connection(second));
  const at = `/channels/${created.body.data.id}`;
  expect(created.body.data.alerts).toEqual([]);
  const alerts = async () => (await app.api.data<ChannelView>(at)).alerts;
  await untilAdvancing(clock, async () => (await alerts()).length > 0, { step: 3_600_000, limit: 12 * DAY, what: "the warning" });
  expect(expiresAt - clock.now()).toBeGreaterThan(5 * DAY);
  expect(expiresAt - clock.now()).toBeLessThan(8 * DAY);
  const before = looks;
  await untilAdvancing(clock, () => looks > before, { step: 3_600_000, limit: 3 * DAY, what: "the next look" });
  expect((await alerts()).map(({ kind, severity }) => [kind, severity])).toEqual([["token-expiring", "critical"]]);
});
