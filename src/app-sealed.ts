/** Every field that holds text locked with the encryption key. A new one is added here, so that the key can be replaced. */
import type { AiToolModel } from "./features/ai-tools/ai-tool.model";
import { toolSecretOwner } from "./features/ai-tools/ai-tool.service";
import type { AssistantConnectionModel } from "./features/assistant-connection/assistant-connection.model";
import type { MailModel } from "./features/auth/mail.model";
import { mailOwner } from "./features/auth/mail-outbox";
import type { SecondFactorModel } from "./features/auth/second-factor.model";
import type { ChannelModel } from "./features/channels/channel.model";
import type { SealedField } from "./features/data-protection/key-rotation.service";
import { KEY_OWNER } from "./features/push/push.service";
import type { PushKeyModel } from "./features/push/push-device.model";
import type { SigningSecret, WebhookEndpointModel } from "./features/webhook-endpoints/webhook-endpoint.model";

export interface SealedModels {
  channels: ChannelModel;
  secondFactors: SecondFactorModel;
  mails: MailModel;
  webhookEndpoints: WebhookEndpointModel;
  assistantConnections: AssistantConnectionModel;
  aiTools: AiToolModel;
  pushKeys: PushKeyModel;
}

export const sealedFields = ({
  channels,
  secondFactors,
  mails,
  webhookEndpoints,
  assistantConnections,
  aiTools,
  pushKeys,
}: SealedModels): SealedField[] => [
  fieldOf(channels, "credentials", (id) => id),
  fieldOf(secondFactors, "secret", (agent) => `second-factor:${agent}`),
  fieldOf(mails, "sealed", mailOwner),
  secretsOf(webhookEndpoints),
  fieldOf(assistantConnections, "lockedKey", (id) => id),
  fieldOf(aiTools, "lockedSecret", () => toolSecretOwner),
  fieldOf(pushKeys, "sealed", () => KEY_OWNER),
];

type AnyModel = SealedModels[keyof SealedModels];

/** Some documents behind an id, with one field of theirs. */
const rowsOf = async ({ collection }: AnyModel, field: string, after: string, limit: number) =>
  (await collection
    .find({ _id: { $gt: after } } as never, { projection: { [field]: 1 } })
    .sort({ _id: 1 })
    .limit(limit)
    .toArray()) as unknown as ({ _id: string } & Record<string, unknown>)[];

/** A field of the document itself; null where there is nothing to lock. */
function fieldOf(model: AnyModel, field: string, ownerOf: SealedField["ownerOf"]): SealedField {
  return {
    kind: model.collection.collectionName,
    ownerOf,
    read: async (after, limit) =>
      (await rowsOf(model, field, after, limit)).map(({ _id, [field]: text }) => ({
        _id,
        texts: typeof text === "string" ? [text] : [],
      })),
    async replace(id, from, to) {
      await model.collection.updateOne({ _id: id, [field]: from } as never, { $set: { [field]: to } } as never);
    },
  };
}

/** The secrets that sign webhooks: the one in use, and those that are running out. */
function secretsOf(model: WebhookEndpointModel): SealedField {
  const field = "secrets";
  return {
    kind: model.collection.collectionName,
    ownerOf: (id) => `webhook:${id}`,
    read: async (after, limit) =>
      (await rowsOf(model, field, after, limit)).map(({ _id, secrets }) => ({
        _id,
        texts: (secrets as SigningSecret[]).map(({ sealed }) => sealed),
      })),
    async replace(id, from, to) {
      const known = await model.findById(id, { secrets: 1, generation: 1 }).lean();
      if (!known) return;
      const secrets = known.secrets.map((one) => (one.sealed === from ? { ...one, sealed: to } : one));
      // Whoever changes them begins a new generation; the next look finds what is left to do.
      await model.collection.updateOne({ _id: id, generation: known.generation } as never, { $set: { secrets } } as never);
    },
  };
}
