import { Elysia } from "elysia";
import { IdempotencyHeaders, ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import {
  DeliveryAnswer,
  DeliveryPage,
  DeliveryQuery,
  EndpointAnswer,
  EndpointList,
  EndpointParams,
  EndpointPatch,
  EndpointRemoved,
  EndpointWithSecret,
  EventList,
  NewEndpoint,
  ReplayBody,
  ResumeBody,
  RotateBody,
} from "./webhook-endpoint.schema";
import type { WebhookEndpointService } from "./webhook-endpoint.service";

const permission = "webhooks.manage" as const;
const DEFAULT_HOURS = 24;

const HOW = [
  "Each event is a POST of `{ type, timestamp, sequence, data }`, with the names and shapes of GET /webhook-endpoints/events.",
  "`webhook-id` is the same at every try, `webhook-signature` is `v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`,",
  "as Standard Webhooks has it: two of them, separated by a space, while a secret is being replaced. Refuse times that are more than five minutes off.",
  "Events come in the order of `sequence`, at least once: remember `webhook-id`. Any 2xx within 15 seconds settles one;",
  "anything else is tried again, later and later, up to once an hour. 410 ends it; after three days of failures it pauses.",
].join(" ");

export const webhookEndpointController = (auth: AuthPlugin, endpoints: WebhookEndpointService) =>
  new Elysia({ prefix: "/webhook-endpoints", tags: ["Outgoing webhooks"] })
    .use(auth)
    .get("/", async () => ok(await endpoints.listEndpoints()), {
      permission,
      response: { 200: EndpointList },
      detail: { summary: "List outgoing webhooks" },
    })
    .get("/events", () => ok(endpoints.listEvents()), {
      permission,
      response: { 200: EventList },
      detail: { summary: "Events that can be sent, and the JSON Schema of each" },
    })
    .post("/", async ({ body, actor }) => ok(await endpoints.createEndpoint(body, actor)), {
      permission,
      headers: IdempotencyHeaders,
      body: NewEndpoint,
      response: { 200: EndpointWithSecret },
      detail: { summary: "Have events sent to another system", description: HOW },
    })
    .get("/:id", async ({ params }) => ok(await endpoints.getEndpoint(params.id)), {
      permission,
      params: EndpointParams,
      response: { 200: EndpointAnswer },
      detail: { summary: "Get an outgoing webhook" },
    })
    .patch("/:id", async ({ params, body, actor }) => ok(await endpoints.patchEndpoint(params.id, body, actor)), {
      permission,
      params: EndpointParams,
      body: EndpointPatch,
      response: { 200: EndpointAnswer },
      detail: { summary: "Change an outgoing webhook" },
    })
    .delete(
      "/:id",
      async ({ params, actor }) => {
        await endpoints.removeEndpoint(params.id, actor);
        return ok({ id: params.id });
      },
      {
        permission,
        params: EndpointParams,
        response: { 200: EndpointRemoved },
        detail: { summary: "Remove an outgoing webhook" },
      },
    )
    .post(
      "/:id/secret",
      async ({ params, body, actor }) => ok(await endpoints.rotateSecret(params.id, body.hours ?? DEFAULT_HOURS, actor)),
      {
        permission,
        params: EndpointParams,
        headers: IdempotencyHeaders,
        body: RotateBody,
        response: { 200: EndpointWithSecret },
        detail: { summary: "Replace the secret; for a while both sign" },
      },
    )
    .post("/:id/pause", async ({ params, actor }) => ok(await endpoints.pause(params.id, actor)), {
      permission,
      params: EndpointParams,
      response: { 200: EndpointAnswer },
      detail: { summary: "Send nothing for now; what happens meanwhile is sent later" },
    })
    .post("/:id/resume", async ({ params, body, actor }) => ok(await endpoints.resume(params.id, body.from, actor)), {
      permission,
      params: EndpointParams,
      body: ResumeBody,
      response: { 200: EndpointAnswer },
      detail: { summary: "Send again after a pause or an end" },
    })
    .post("/:id/replay", async ({ params, body, actor }) => ok(await endpoints.replay(params.id, body.from, actor)), {
      permission,
      params: EndpointParams,
      body: ReplayBody,
      response: { 200: EndpointAnswer },
      detail: {
        summary: "Send everything once more from an event on",
        description: "Under the same `webhook-id`s as before. Events are kept for seven days.",
      },
    })
    .post("/:id/test", async ({ params, actor }) => ok(await endpoints.sendTest(params.id, actor)), {
      permission,
      params: EndpointParams,
      response: { 200: DeliveryAnswer },
      detail: { summary: "Call it now with an event of the type `webhook:test`" },
    })
    .get("/:id/deliveries", async ({ params, query }) => okPage(await endpoints.listDeliveries(params.id, query)), {
      permission,
      params: EndpointParams,
      query: DeliveryQuery,
      response: { 200: DeliveryPage },
      detail: { summary: "What was sent in the last seven days, the newest first" },
    });
