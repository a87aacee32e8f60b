/** Every field that holds text locked with the encryption key. A new one is added here, so that the key can be replaced. */

import type { SecondFactorModel } from "./features/auth/second-factor.model";
import type { ChannelModel } from "./features/channels/channel.model";
import type { SealedField } from "./features/data-protection/key-rotation.service";

export interface SealedModels {
  channels: ChannelModel;
  secondFactors: SecondFactorModel;
}

export const sealedFields = ({ channels, secondFactors }: SealedModels): SealedField[] => [
  fieldOf(channels, "credentials", (id) => id),
  fieldOf(secondFactors, "secret", (agent) => `second-factor:${agent}`),
];

function fieldOf({ collection }: ChannelModel | SecondFactorModel, field: string, ownerOf: SealedField["ownerOf"]): SealedField {
  return {
    kind: collection.collectionName,
    field,
    ownerOf,
    read: (after, limit) =>
      collection
        .find({ _id: { $gt: after } } as never, { projection: { [field]: 1 } })
        .sort({ _id: 1 })
        .limit(limit)
        .toArray() as never,
    async replace(id, from, to) {
      await collection.updateOne({ _id: id, [field]: from } as never, { $set: { [field]: to } } as never);
    },
  };
}
