import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { DeviceAnswer, DeviceBody, DeviceRemoved, KeyAnswer, NewDevice, TestAnswer } from "./push.schema";
import type { PushService } from "./push.service";

export const pushController = (auth: AuthPlugin, push: PushService) =>
  new Elysia({ prefix: "/push", tags: ["Notifications"] })
    .use(auth)
    .get("/key", async () => ok({ publicKey: await push.publicKey() }), {
      agent: true,
      response: { 200: KeyAnswer },
      detail: { summary: "The key that browsers subscribe with" },
    })
    .put("/devices", async ({ body, agent, session }) => ok(await push.addDevice(body, agent._id, session)), {
      agent: true,
      body: NewDevice,
      response: { 200: DeviceAnswer },
      detail: {
        summary: "Notify this browser",
        description:
          "Of mentions, assignments and new messages, as `kinds` says. It ends with the session. Repeating it changes it.",
      },
    })
    .delete("/devices", async ({ body, agent }) => ok({ removed: await push.removeDevice(body.endpoint, agent._id) }), {
      agent: true,
      body: DeviceBody,
      response: { 200: DeviceRemoved },
      detail: { summary: "Do not notify this browser any more" },
    })
    .post("/test", async ({ agent }) => ok(await push.test(agent._id)), {
      agent: true,
      response: { 200: TestAnswer },
      detail: { summary: "Send a test to all of one's devices" },
    });
