/** What whoever connects a number is told of the webhook's door: its address, whether Meta has asked, what did not fit. */
import { expect, test } from "bun:test";
import type { WebhookDoor } from "../../../src/features/channels/channel.schema";
import { createSandboxApp } from "./sandbox-app";

test("the door tells what last came: a wrong word, the right one, a wrong secret, a message", async () => {
  await using app = await createSandboxApp({ env: { PUBLIC_URL: "https://chat.example.com" } });
  const look = () => app.api.data<WebhookDoor>("/channels/webhook");
  const ask = (token: string) =>
    fetch(`${app.url}/api/v2/webhook?hub.mode=subscribe&hub.challenge=7&hub.verify_token=${encodeURIComponent(token)}`);
  const nothing = { verifiedAt: null, wrongVerifyTokenAt: null, receivedAt: null, wrongSignatureAt: null };
  expect(await look()).toEqual({ url: "https://chat.example.com/api/v2/webhook", ...nothing });

  expect((await ask("somebody-elses-word")).status).toBe(403);
  const refused = await look();
  expect([refused.verifiedAt, refused.wrongVerifyTokenAt]).toEqual([null, expect.any(String)]);
  const unsigned = await fetch(`${app.url}/api/v2/webhook`, { method: "POST", body: "{}" });
  expect(unsigned.status).toBe(401);
  expect((await look()).wrongSignatureAt).toEqual(expect.any(String));
  expect((await look()).receivedAt).toBeNull();

  await app.plays({ type: "text", text: "hola" });
  expect((await look()).receivedAt).toEqual(expect.any(String));
});
