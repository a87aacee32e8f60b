import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { ConnectionAnswer, ConnectionPatch, ConnectionTrial, ModelList, ProbeAnswer } from "./assistant-connection.schema";
import type { AssistantConnectionService } from "./assistant-connection.service";

export const assistantConnectionController = (auth: AuthPlugin, connection: AssistantConnectionService) =>
  new Elysia({ prefix: "/assistant", tags: ["Assistant"] })
    .use(auth)
    .get("/connection", () => ok(connection.view()), {
      permission: "assistant.manage",
      response: { 200: ConnectionAnswer },
      detail: { summary: "How the assistant reaches its provider, and who says so" },
    })
    // Whoever changes it decides where customers' words go.
    .patch("/connection", async ({ body, actor }) => ok(await connection.patch(body, actor)), {
      permission: "settings.manage",
      body: ConnectionPatch,
      response: { 200: ConnectionAnswer },
      detail: {
        summary: "Change the assistant's connection",
        description: "Holds from the next answer on. The key is stored encrypted and never given out again.",
      },
    })
    .delete("/connection", async ({ actor }) => ok(await connection.remove(actor)), {
      permission: "settings.manage",
      response: { 200: ConnectionAnswer },
      detail: { summary: "Forget the stored connection and its key" },
    })
    .post("/connection/test", async ({ body, request }) => ok(await connection.test(body, request.signal)), {
      permission: "settings.manage",
      body: ConnectionTrial,
      response: { 200: ProbeAnswer },
      detail: {
        summary: "Try a connection: plain text, a tool call, a structured answer",
        description:
          "Three small calls that may be billed. Nothing is stored; what is left out is taken from the connection in use.",
      },
    })
    .get("/models", async ({ request }) => ok(await connection.listModels(request.signal)), {
      permission: "assistant.manage",
      response: { 200: ModelList },
      detail: { summary: "Models of the connection, with a warning on each that is about to end" },
    });
