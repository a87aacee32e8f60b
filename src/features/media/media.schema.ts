/** What the media routes accept and answer. The upload's body is the file itself. */
import { Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Id, MEDIA_KINDS, MediaView, oneOf, Timestamp } from "../../events/view";

export const MediaParams = t.Object({ id: Id });

export const UploadQuery = t.Object(
  {
    type: t.Optional(oneOf(MEDIA_KINDS)),
    filename: t.Optional(t.String({ minLength: 1, maxLength: 240, description: "What the customer sees for a document" })),
  },
  { additionalProperties: false },
);

const format = t.Optional(
  t.Literal("caf", { description: "A voice note for Safari before 18.4, which plays no OGG: the same sound in CAF" }),
);
export const FileQuery = t.Object({ format }, { additionalProperties: false });
export const TicketQuery = t.Object(
  { ticket: t.String({ minLength: 10, maxLength: 200 }), format },
  { additionalProperties: false },
);

export const MediaAnswer = okSchema(MediaView);
export const TicketAnswer = okSchema(
  t.Object({
    url: t.String({ description: "Works without a bearer, for <audio>, <video> and <img>" }),
    sources: t.Array(t.Object({ src: t.String(), type: t.String() }), {
      description: "For <source> elements, in this order: one of them plays in every browser that knows the codec",
    }),
    expiresAt: Timestamp,
  }),
);
