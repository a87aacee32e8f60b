/** Voice notes and pictures of customers. */
import { Type as t } from "@sinclair/typebox";
import { settingGroup } from "./setting-group";

export const hearingSettings = settingGroup({
  name: "assistant-hearing",
  title: "Voice notes and pictures",
  description: "Whether voice notes become text and pictures are described, for the assistant, the agents and the search.",
  manage: "assistant.manage",
  schema: t.Object({
    transcribe: t.Boolean({ description: "Voice notes are sent to the provider and become text" }),
    transcriptionModel: t.String({
      minLength: 1,
      maxLength: 120,
      description: "Model for voice notes at the assistant's provider",
    }),
    describe: t.Boolean({ description: "Pictures are sent to the provider and described, where the model can see" }),
    waitSeconds: t.Integer({
      minimum: 0,
      maximum: 30,
      description: "Longest time an answer waits for the words of a voice note or a picture",
    }),
  }),
  defaults: { transcribe: true, transcriptionModel: "gpt-transcribe", describe: false, waitSeconds: 8 },
});
