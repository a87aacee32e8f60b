import { Elysia } from "elysia";
import { IdempotencyHeaders, ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import {
  ChannelAnswer,
  ChannelPage,
  ChannelParams,
  ChannelPatch,
  ChannelQuery,
  ChannelRemoved,
  NewChannel,
  NumbersAnswer,
  ProfileAnswer,
  ProfilePatch,
  Registration,
  SubscriptionAnswer,
  WebhookDoorAnswer,
} from "./channel.schema";
import type { ChannelService } from "./channel.service";
import type { ChannelAccountService } from "./channel-account.service";
import type { ChannelUpkeepService } from "./channel-upkeep.service";
import type { WebhookDoorService } from "./webhook-door.service";

export interface ChannelServices {
  channels: ChannelService;
  accounts: ChannelAccountService;
  upkeep: ChannelUpkeepService;
  door: WebhookDoorService;
}

export const channelController = (auth: AuthPlugin, { channels, accounts, upkeep, door }: ChannelServices) =>
  new Elysia({ prefix: "/channels", tags: ["Numbers"] })
    .use(auth)
    .get("/", async ({ query }) => okPage(await channels.listChannels(query)), {
      permission: "channels.read",
      query: ChannelQuery,
      response: { 200: ChannelPage },
      detail: { summary: "List the business numbers" },
    })
    .post(
      "/",
      async ({ body, headers, actor }) => {
        const created = await channels.createChannel(body, headers["idempotency-key"] ?? null, actor);
        return ok(await upkeep.check(created.id));
      },
      {
        permission: "channels.manage",
        headers: IdempotencyHeaders,
        body: NewChannel,
        response: { 200: ChannelAnswer },
        detail: {
          summary: "Connect a number",
          description:
            "Meta is asked first whether the token reaches the number. Credentials are stored encrypted and never shown.",
        },
      },
    )
    .get("/webhook", () => ok(door.look()), {
      permission: "channels.manage",
      response: { 200: WebhookDoorAnswer },
      detail: {
        summary: "What last came to the webhook's door",
        description: "For setting a number up: whether Meta has asked, whether the words and secrets fit, whether events arrive.",
      },
    })
    .get("/:id", async ({ params }) => ok(await channels.getChannel(params.id)), {
      permission: "channels.read",
      params: ChannelParams,
      response: { 200: ChannelAnswer },
      detail: { summary: "Get a number" },
    })
    .patch("/:id", async ({ params, body, actor }) => ok(await channels.patchChannel(params.id, body, actor)), {
      permission: "channels.manage",
      params: ChannelParams,
      body: ChannelPatch,
      response: { 200: ChannelAnswer },
      detail: { summary: "Change credentials or the read receipts of a number" },
    })
    .delete(
      "/:id",
      async ({ params, actor }) => {
        await channels.removeChannel(params.id, actor);
        return ok({ id: params.id });
      },
      {
        permission: "channels.manage",
        params: ChannelParams,
        response: { 200: ChannelRemoved },
        detail: { summary: "Forget a stored number and its credentials" },
      },
    )
    .post("/:id/check", async ({ params }) => ok(await upkeep.check(params.id)), {
      permission: "channels.manage",
      params: ChannelParams,
      response: { 200: ChannelAnswer },
      detail: { summary: "Ask Meta about token, permissions, subscription and the number's state" },
    })
    .get("/:id/profile", async ({ params }) => ok(await accounts.getProfile(params.id)), {
      permission: "channels.read",
      params: ChannelParams,
      response: { 200: ProfileAnswer },
      detail: { summary: "The business profile customers see" },
    })
    .patch("/:id/profile", async ({ params, body }) => ok(await accounts.patchProfile(params.id, body)), {
      permission: "channels.manage",
      params: ChannelParams,
      body: ProfilePatch,
      response: { 200: ProfileAnswer },
      detail: {
        summary: "Change the business profile",
        description: "A picture is named as pictureMediaId: the server uploads that file under the Meta app of the number.",
      },
    })
    .get("/:id/numbers", async ({ params }) => ok(await accounts.listNumbers(params.id)), {
      permission: "channels.manage",
      params: ChannelParams,
      response: { 200: NumbersAnswer },
      detail: { summary: "All numbers of the number's business account" },
    })
    .post("/:id/subscription", async ({ params }) => ok(await accounts.subscribe(params.id)), {
      permission: "channels.manage",
      params: ChannelParams,
      response: { 200: SubscriptionAnswer },
      detail: { summary: "Subscribe the app to the account's webhooks" },
    })
    .delete("/:id/subscription", async ({ params }) => ok(await accounts.unsubscribe(params.id)), {
      permission: "channels.manage",
      params: ChannelParams,
      response: { 200: SubscriptionAnswer },
      detail: { summary: "End the webhook subscription" },
    })
    .post(
      "/:id/registration",
      async ({ params, body }) => {
        await accounts.register(params.id, body.pin);
        return ok(await upkeep.check(params.id));
      },
      {
        permission: "channels.manage",
        params: ChannelParams,
        body: Registration,
        response: { 200: ChannelAnswer },
        detail: { summary: "Register the number for the Cloud API" },
      },
    );
