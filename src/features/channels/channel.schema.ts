/** What the channel routes accept and answer. Credentials go in and never come out. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { ChannelView, Id } from "../../events/view";

const strict = { additionalProperties: false } as const;
const graphId = (description: string) => t.String({ pattern: "^[0-9]{5,25}$", description, examples: ["106540352242922"] });
const secret = (description: string) => t.String({ minLength: 8, maxLength: 1_000, pattern: "^\\S+$", description });

export const ChannelParams = t.Object({ id: Id });
export const ChannelQuery = t.Object({
  ...pageQuery,
  phoneNumberId: t.Optional(graphId("The number with this id")),
});
export type ChannelQuery = Static<typeof ChannelQuery>;

const credentials = {
  accessToken: secret("Token of a system user with whatsapp_business_messaging and whatsapp_business_management"),
  appSecret: secret("Secret of the Meta app that sends the webhooks"),
  verifyToken: secret("The word typed into Meta's webhook form"),
};
const appId = graphId("Id of the Meta app: with it a token that expires is renewed by itself, and files are uploaded under it");

export const NewChannel = t.Object(
  {
    phoneNumberId: graphId("Phone number id in Meta's dashboard (not the number itself)"),
    wabaId: graphId("WhatsApp business account"),
    ...credentials,
    appId: t.Optional(appId),
    readReceipts: t.Optional(t.Boolean({ description: "Blue ticks and typing; on when absent" })),
  },
  strict,
);
export type NewChannel = Static<typeof NewChannel>;

export const ChannelPatch = t.Object(
  {
    accessToken: t.Optional(credentials.accessToken),
    appSecret: t.Optional(credentials.appSecret),
    verifyToken: t.Optional(credentials.verifyToken),
    appId: t.Optional(appId),
    readReceipts: t.Optional(t.Boolean()),
    keepPreviousHours: t.Optional(
      t.Integer({
        minimum: 0,
        maximum: 720,
        description:
          "How long the webhook still believes the app secret and the verify token that are replaced; 24 when absent, 0 ends all of them at once",
      }),
    ),
  },
  { ...strict, minProperties: 1 },
);
export type ChannelPatch = Static<typeof ChannelPatch>;

/** Lengths as facts §3.4 has them. */
export const ProfilePatch = t.Object(
  {
    about: t.Optional(t.String({ minLength: 1, maxLength: 139 })),
    address: t.Optional(t.String({ maxLength: 256 })),
    description: t.Optional(t.String({ maxLength: 512 })),
    email: t.Optional(t.String({ maxLength: 128 })),
    websites: t.Optional(t.Array(t.String({ maxLength: 256, pattern: "^https?://\\S+$" }), { maxItems: 2 })),
    vertical: t.Optional(t.String({ maxLength: 40, description: "Such as RETAIL" })),
    pictureMediaId: t.Optional(
      t.String({
        pattern: "^[0-9a-f]{24}$",
        description: "Id of a stored file (POST /media), JPEG or PNG of at most 5 MB: it becomes the profile picture",
      }),
    ),
  },
  { ...strict, minProperties: 1 },
);
export type ProfilePatch = Static<typeof ProfilePatch>;

export const Registration = t.Object({ pin: t.String({ pattern: "^[0-9]{6}$", description: "Two-step PIN" }) }, strict);

const Profile = t.Object({
  about: t.Optional(t.String()),
  address: t.Optional(t.String()),
  description: t.Optional(t.String()),
  email: t.Optional(t.String()),
  pictureUrl: t.Optional(t.String()),
  websites: t.Optional(t.Array(t.String())),
  vertical: t.Optional(t.String()),
});

const PhoneNumberView = t.Object({
  phoneNumberId: t.String(),
  displayNumber: t.String(),
  name: t.Optional(t.String()),
  quality: t.Optional(t.String()),
  status: t.Optional(t.String()),
  nameStatus: t.Optional(t.String()),
  throughput: t.Optional(t.String()),
  messagingLimit: t.Optional(t.String()),
  isConnected: t.Boolean({ description: "Whether this installation serves it" }),
});

export const ChannelAnswer = okSchema(ChannelView);
export const ChannelPage = pageSchema(ChannelView);
export const ChannelRemoved = okSchema(t.Object({ id: Id }));
export const ProfileAnswer = okSchema(Profile);
export const NumbersAnswer = okSchema(t.Array(PhoneNumberView));
const lastTime = (description: string) => t.Union([t.String(), t.Null()], { description });
const WebhookDoor = t.Object(
  {
    url: t.Union([t.String(), t.Null()], {
      description: "What Meta's form wants as callback URL; null: the address of this installation is not set",
    }),
    verifiedAt: lastTime("Meta asked with a verify token that is known"),
    wrongVerifyTokenAt: lastTime("Somebody asked with a verify token that no number has"),
    receivedAt: lastTime("A signed webhook came in"),
    wrongSignatureAt: lastTime("A webhook came in that no app secret fits"),
  },
  { title: "WebhookDoor", description: "Since the process that answers has started; null: not since then" },
);
export type WebhookDoor = Static<typeof WebhookDoor>;
export const WebhookDoorAnswer = okSchema(WebhookDoor);
export const SubscriptionAnswer = okSchema(t.Object({ isSubscribed: t.Boolean() }));
