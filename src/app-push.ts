/** Notifications on the devices of agents. Opened by app.ts. */
import type mongoose from "mongoose";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import { createUrlGuard } from "./core/url-guard";
import type { EventBus } from "./events/bus";
import type { ConversationService } from "./features/conversations/conversation.service";
import { toConversationView } from "./features/conversations/conversation.service";
import type { MessageService } from "./features/messages/message.service";
import type { PresenceService } from "./features/presence/presence.service";
import { createPushService } from "./features/push/push.service";
import { pushDeviceModel, pushKeyModel } from "./features/push/push-device.model";
import { createSendPush, makeVapidKeys } from "./features/push/push-send";

/** Their indexes are made at start, so they are registered before. */
export const pushModels = (connection: mongoose.Connection) => ({
  pushDevices: pushDeviceModel(connection),
  pushKeys: pushKeyModel(connection),
});

export interface PushRoomDeps {
  models: ReturnType<typeof pushModels>;
  services: {
    conversations: Pick<ConversationService, "findConversation">;
    messages: Pick<MessageService, "getMessage">;
    presence: Pick<PresenceService, "list">;
  };
  box: { lock(value: object, owner: string): string; open(locked: string, owner: string): unknown };
  allowedPrivateUrls: readonly string[];
  publicUrl: string | null;
  bus: EventBus;
  clock: Clock;
  log: Log;
}

/** Push services want to know whom to write to when something is wrong with what we send. */
const subjectOf = (publicUrl: string | null): string =>
  publicUrl?.startsWith("https://") ? publicUrl : "mailto:postmaster@localhost";

export function openPush({ models, services, allowedPrivateUrls, publicUrl, log, ...rest }: PushRoomDeps) {
  const { conversations, messages, presence } = services;
  return createPushService({
    ...rest,
    devices: models.pushDevices,
    keys: models.pushKeys,
    send: createSendPush({ guard: createUrlGuard({ allowed: allowedPrivateUrls }), subject: subjectOf(publicUrl) }),
    makeKeys: makeVapidKeys,
    isHere: (agent) => presence.list().some((one) => one.agent === agent && one.state === "online"),
    findConversation: async (id) => {
      const found = await conversations.findConversation(id);
      if (!found) return null;
      const { contact, assignedAgent, participants, isMuted } = toConversationView(found);
      const agents = isMuted ? [] : [...new Set([...(assignedAgent ? [assignedAgent] : []), ...participants])];
      return { name: contact.name, agents };
    },
    findText: async (id) => (await messages.getMessage(id)).content,
    log: log.child({ part: "push" }),
  });
}
