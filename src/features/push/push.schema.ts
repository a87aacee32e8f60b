/** What the routes of notifications accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { oneOf } from "../../events/view";
import { PUSH_KINDS } from "./push-text";

const strict = { additionalProperties: false } as const;
const endpoint = t.String({
  minLength: 12,
  maxLength: 1_000,
  pattern: "^https?://\\S+$",
  description: "Where the browser's push service takes what is for it",
  examples: ["https://push.example.com/send/abc"],
});
const key = (length: number) => t.String({ minLength: 16, maxLength: length, pattern: "^[\\w-]+=*$" });

export const NewDevice = t.Object(
  {
    endpoint,
    keys: t.Object({ p256dh: key(200), auth: key(60) }, strict),
    kinds: t.Array(oneOf(PUSH_KINDS), { uniqueItems: true, maxItems: PUSH_KINDS.length }),
    language: oneOf(["en", "es", "pt"]),
  },
  strict,
);
export type NewDevice = Static<typeof NewDevice>;

export const DeviceBody = t.Object({ endpoint }, strict);
export const DeviceAnswer = okSchema(t.Object({ kinds: t.Array(oneOf(PUSH_KINDS)) }));
export const DeviceRemoved = okSchema(t.Object({ removed: t.Boolean() }));
export const KeyAnswer = okSchema(
  t.Object({ publicKey: t.String({ description: "The application server key, as base64url: for `pushManager.subscribe`" }) }),
);
export const TestAnswer = okSchema(
  t.Object({ sent: t.Integer({ description: "Devices whose push service has taken it" }), failed: t.Integer() }),
);
