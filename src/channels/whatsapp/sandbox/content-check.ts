/** The checks of each message type's own object, from the tables of facts §3.1. */
import { type JsonObject, objectOf } from "../json-value";
import { parameterInvalid, parameterMissing } from "./graph-refusal";
import { checkInteractive } from "./interactive-check";
import { checkTemplateShape } from "./template-check";
import { checkMediaSource, mayText, needList, needText } from "./value-check";

type Check = (content: JsonObject, all: unknown) => void;

const MAX_CAPTION = 1024;

const media =
  (type: string, { caption = false, filename = false, voice = false } = {}): Check =>
  (content) => {
    checkMediaSource(type, content);
    if (caption) mayText(`${type}.caption`, content.caption, MAX_CAPTION);
    else if (content.caption !== undefined) throw parameterInvalid(`${type} does not take a caption.`);
    if (content.filename !== undefined && !filename) throw parameterInvalid(`${type} does not take a filename.`);
    if (filename) mayText(`${type}.filename`, content.filename, 240);
    if (content.voice !== undefined && (!voice || typeof content.voice !== "boolean"))
      throw parameterInvalid(`${type}.voice is not valid.`);
  };

export const contentChecks: Record<string, Check> = {
  text: ({ body, preview_url }) => {
    needText("text.body", body, 4096);
    if (preview_url !== undefined && typeof preview_url !== "boolean")
      throw parameterInvalid("text.preview_url must be a boolean.");
  },
  image: media("image", { caption: true }),
  video: media("video", { caption: true }),
  audio: media("audio", { voice: true }),
  document: media("document", { caption: true, filename: true }),
  sticker: media("sticker"),
  location: ({ latitude, longitude, name, address }) => {
    for (const [key, value, limit] of [["latitude", latitude, 90] as const, ["longitude", longitude, 180] as const]) {
      if (value === undefined) throw parameterMissing(`location.${key} is required.`);
      const number = Number(value);
      if (value === "" || !(Math.abs(number) <= limit)) throw parameterInvalid(`location.${key} is not valid.`);
    }
    mayText("location.name", name, 1000);
    mayText("location.address", address, 1000);
  },
  contacts: (_, all) => {
    for (const [at, item] of needList("contacts", all, 1, 257).entries()) {
      const name = objectOf(objectOf(item)?.name);
      needText(`contacts.${at}.name.formatted_name`, name?.formatted_name, 1000);
      const parts = ["first_name", "last_name", "middle_name", "prefix", "suffix"];
      if (!parts.some((part) => name?.[part]))
        throw parameterMissing(`contacts.${at}.name needs one more part besides formatted_name.`);
    }
  },
  reaction: ({ message_id, emoji }) => {
    needText("reaction.message_id", message_id, 300);
    if (typeof emoji !== "string") throw parameterMissing("reaction.emoji is required.");
    if (emoji !== "" && !/^\p{RGI_Emoji}$/v.test(emoji)) throw parameterInvalid("reaction.emoji must be an emoji.");
  },
  interactive: checkInteractive,
  template: checkTemplateShape,
};
