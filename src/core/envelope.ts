/** The shape of every answer: `{ success, data, page? }` or `{ success: false, error, code, details?, requestId }`. */
import { type TSchema, type TString, Type as t } from "@sinclair/typebox";
import { t as query } from "elysia";
import { DEFAULT_PAGE, MAX_PAGE, type Page } from "./page";

export const ok = <T>(data: T) => ({ success: true as const, data });
export const okPage = <T>({ items, next }: Page<T>) => ({ success: true as const, data: items, page: { next } });

/** Of lists that are read from somewhere in the middle. */
export const okSpan = <T>({ items, next, previous }: Page<T> & { previous: string | null }) => ({
  success: true as const,
  data: items,
  page: { next, previous },
});

export const okSchema = <T extends TSchema>(data: T) => t.Object({ success: t.Literal(true), data });
export const pageSchema = <T extends TSchema>(item: T) =>
  t.Object({ success: t.Literal(true), data: t.Array(item), page: t.Object({ next: t.Union([t.String(), t.Null()]) }) });

export const spanSchema = <T extends TSchema>(item: T) =>
  t.Object({
    success: t.Literal(true),
    data: t.Array(item),
    page: t.Object({
      next: t.Union([t.String(), t.Null()], { description: "Cursor of older rows" }),
      previous: t.Union([t.String(), t.Null()], { description: "Cursor of newer rows, to be sent with direction=newer" }),
    }),
  });

export const Failure = t.Object(
  {
    success: t.Literal(false),
    error: t.String({ description: "A sentence for a person" }),
    code: t.String({ description: "A searchable key such as conversation.closed" }),
    details: t.Optional(
      t.Array(
        t.Object({
          path: t.String(),
          message: t.String(),
          rule: t.Optional(t.String({ description: "What is wrong, for clients that say it in other languages" })),
          params: t.Optional(t.Record(t.String(), t.String(), { description: "The values in the sentence" })),
        }),
      ),
    ),
    exact: t.Optional(
      t.Boolean({
        description: "The sentence names the case more exactly than the code: do not replace it by words for the code",
      }),
    ),
    current: t.Optional(t.Unknown({ description: "At a conflict: what is stored now" })),
    requestId: t.String(),
  },
  { title: "Failure" },
);

/**
 * Elysia's own integer turns the text of a query into a number; TypeBox's does not. It checks the bounds only while decoding, when
 * it no longer knows which field it is: so the text is bounded too, and a wrong limit is told with its path.
 */
const limit = query.Integer({ minimum: 1, maximum: MAX_PAGE, default: DEFAULT_PAGE, description: "Rows a page" });
Object.assign((limit as unknown as { anyOf: [TString] }).anyOf[0], { pattern: `^([1-9][0-9]?|${MAX_PAGE})$` });

/** Query fields of every list. */
export const pageQuery = {
  limit,
  cursor: t.Optional(t.String({ maxLength: 400, description: "`page.next` of the page before" })),
};

/** Of every route that creates something. Other headers pass. */
export const IdempotencyHeaders = t.Object(
  {
    "idempotency-key": t.Optional(
      t.String({ minLength: 8, maxLength: 120, description: "Repeating a key returns the first answer" }),
    ),
  },
  { additionalProperties: true },
);
