/** From what a feature wants to send to the builders of WhatsApp: the only place that knows both. */

import type { ComposeOptions } from "./channels/whatsapp/compose";
import * as build from "./channels/whatsapp/compose";
import type { Composer, Frame } from "./features/messages/message.service";
import type { SendableContent } from "./features/messages/message-content";

export function createComposer(): Composer {
  return {
    split: build.splitText,
    text: ({ text, previewUrl, ...frame }) =>
      build.composeText({ ...optionsOf(frame), text, ...(previewUrl === undefined ? {} : { previewUrl }) }),
    content: ({ content, ...frame }) => composeContent(content, optionsOf(frame)),
  };
}

const optionsOf = ({ to: { waId, userId }, messageId, replyTo }: Frame): ComposeOptions => ({
  to: { ...(waId ? { waId } : {}), ...(userId ? { userId } : {}) },
  callbackData: messageId,
  ...(replyTo === null ? {} : { replyTo }),
});

function composeContent(content: SendableContent, options: ComposeOptions): string {
  switch (content.type) {
    case "image":
      return build.composeMedia({ ...options, media: { type: "image", ...content.image } });
    case "video":
      return build.composeMedia({ ...options, media: { type: "video", ...content.video } });
    case "audio":
      return build.composeMedia({ ...options, media: { type: "audio", ...content.audio } });
    case "document":
      return build.composeMedia({ ...options, media: { type: "document", ...content.document } });
    case "sticker":
      return build.composeMedia({ ...options, media: { type: "sticker", ...content.sticker } });
    case "location":
      return build.composeLocation({ ...options, place: content.location });
    case "contacts":
      return build.composeContacts({ ...options, contacts: content.contacts });
    case "reaction":
      return build.composeReaction({ ...options, ...content.reaction });
    case "template":
      return build.composeTemplate({ ...options, template: content.template });
    case "interactive":
      return composeInteractive(content.interactive, options);
  }
}

type Interactive = Extract<SendableContent, { type: "interactive" }>["interactive"];

function composeInteractive(content: Interactive, options: ComposeOptions): string {
  switch (content.kind) {
    case "buttons":
      return build.composeButtons({ ...options, ...content });
    case "list":
      return build.composeList({ ...options, ...content });
    case "cta_url":
      return build.composeLinkButton({ ...options, ...content });
    case "flow":
      return build.composeFlow({ ...options, ...content });
    case "product":
      return build.composeProduct({ ...options, ...content });
    case "product_list":
      return build.composeProductList({ ...options, ...content });
    case "catalog":
      return build.composeCatalog({ ...options, ...content });
    case "carousel":
      return build.composeCarousel({ ...options, ...content });
    case "location_request":
      return build.composeLocationRequest({ ...options, ...content });
    case "call_permission_request":
      return build.composeCallPermissionRequest({ ...options, ...content });
    case "voice_call":
      return build.composeVoiceCall({ ...options, ...content });
    case "contact_info_request":
      return build.composeContactInfoRequest({ ...options, ...content });
    case "address":
      return build.composeAddressRequest({ ...options, ...content });
  }
}
