/** REST for the phone simulator: look at the fake phones, write on them, turn the chaos knobs. Guarded by the server. */
import { Type } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { ChaosSettings } from "./chaos";
import { PhoneMessage } from "./phone-message.schema";
import {
  ChaosAnswer,
  NewPhoneBody,
  OverviewAnswer,
  PhoneAnswer,
  PhoneChangeBody,
  SentAnswer,
  ThreadAnswer,
} from "./sandbox.schema";
import type { SandboxGraph } from "./sandbox-graph";

const PhoneParams = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{24}$" }) });
const detail = (summary: string) => ({ summary, tags: ["sandbox"] });
const ok = <T>(data: T) => ({ success: true as const, data });

export const sandboxController = (sandbox: SandboxGraph) => {
  const { phones, chaos, business } = sandbox;
  return new Elysia({ name: "sandbox", prefix: "/sandbox" })
    .get(
      "/",
      () =>
        ok({
          business: { phoneNumberId: business.phoneNumberId, displayNumber: business.displayNumber, name: business.name },
          graphUrl: sandbox.url,
          phones: phones.list(),
          chaos: chaos.get(),
        }),
      { response: { 200: OverviewAnswer }, detail: detail("The sandbox: business number, phones and knobs") },
    )
    .post("/phones", ({ body }) => ok(phones.create(body)), {
      body: NewPhoneBody,
      response: { 200: PhoneAnswer },
      detail: detail("A new fake phone"),
    })
    .get("/phones/:id", ({ params }) => ok(phones.get(params.id)), {
      params: PhoneParams,
      response: { 200: PhoneAnswer },
      detail: detail("One phone"),
    })
    .patch(
      "/phones/:id",
      ({ params, body }) => {
        if (body.online !== undefined) phones.setOnline(params.id, body.online);
        if (body.reads !== undefined) phones.setReads(params.id, body.reads);
        if (body.blocked !== undefined) phones.setBlocked(params.id, body.blocked);
        return ok(phones.get(params.id));
      },
      {
        params: PhoneParams,
        body: PhoneChangeBody,
        response: { 200: PhoneAnswer },
        detail: detail("Online or not, reads messages or not, blocks the business or not"),
      },
    )
    .get("/phones/:id/thread", ({ params }) => ok({ typing: phones.isTyping(params.id), messages: phones.thread(params.id) }), {
      params: PhoneParams,
      response: { 200: ThreadAnswer },
      detail: detail("The messages as the phone's owner sees them"),
    })
    .post("/phones/:id/messages", async ({ params, body }) => ok(await phones.send(params.id, body)), {
      params: PhoneParams,
      body: PhoneMessage,
      response: { 200: SentAnswer },
      detail: detail("The customer writes: a signed webhook goes to our own door"),
    })
    .get("/chaos", () => ok(chaos.get()), { response: { 200: ChaosAnswer }, detail: detail("The knobs") })
    .put("/chaos", ({ body }) => ok(chaos.set(body)), {
      body: Type.Partial(ChaosSettings, { additionalProperties: false }),
      response: { 200: ChaosAnswer },
      detail: detail("Turn knobs; those not named stay"),
    });
};
