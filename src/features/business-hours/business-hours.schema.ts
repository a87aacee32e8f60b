/** What the routes of opening hours accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Id, Timestamp } from "../../events/view";

const Span = t.Object(
  {
    from: t.String({ pattern: "^([01]\\d|2[0-3]):[0-5]\\d$", examples: ["09:00"] }),
    to: t.String({
      pattern: "^(([01]\\d|2[0-3]):[0-5]\\d|24:00)$",
      description: "One that does not end later than it begins goes on into the next day",
      examples: ["18:00"],
    }),
  },
  { additionalProperties: false },
);
const spans = t.Array(Span, { maxItems: 6 });

const fields = {
  name: t.String({ minLength: 1, maxLength: 80, examples: ["Oficina"] }),
  zone: t.String({ minLength: 1, maxLength: 60, description: "IANA time zone", examples: ["America/Lima"] }),
  week: t.Array(spans, {
    minItems: 7,
    maxItems: 7,
    description: "Seven days, Sunday first; an empty day is closed",
    examples: [[[], ...Array(5).fill([{ from: "09:00", to: "18:00" }]), []]],
  }),
  holidays: t.Array(
    t.Object(
      {
        date: t.String({
          pattern: "^(\\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])$",
          description: "2026-12-25 once, 12-25 every year",
        }),
        name: t.Optional(t.String({ maxLength: 80 })),
        spans: t.Optional(spans),
      },
      { additionalProperties: false, description: "Open at these times; closed all day without any" },
    ),
    { maxItems: 200 },
  ),
  isDefault: t.Boolean({ description: "For every number and team without a schedule of its own. There is one at most" }),
  channels: t.Array(t.String({ minLength: 1, maxLength: 40 }), { maxItems: 100, uniqueItems: true }),
  teams: t.Array(Id, { maxItems: 200, uniqueItems: true, description: "A team's schedule goes before that of the number" }),
};

export const HoursView = t.Object(
  { id: Id, ...fields, version: t.Integer({ minimum: 0 }), createdAt: Timestamp, updatedAt: Timestamp },
  { title: "BusinessHours" },
);
export type HoursView = Static<typeof HoursView>;

export const NewHours = t.Object({
  name: fields.name,
  zone: fields.zone,
  week: fields.week,
  holidays: t.Optional(fields.holidays),
  isDefault: t.Optional(fields.isDefault),
  channels: t.Optional(fields.channels),
  teams: t.Optional(fields.teams),
});
export type NewHours = Static<typeof NewHours>;

export const HoursPatch = t.Object(
  {
    version: t.Optional(t.Integer({ minimum: 0, description: "The version the change is based on; another one answers 409" })),
    ...t.Partial(t.Object(fields)).properties,
  },
  { minProperties: 1 },
);
export type HoursPatch = Static<typeof HoursPatch>;

export const HoursParams = t.Object({ id: Id });
export const HoursStatusQuery = t.Object({
  at: t.Optional(t.String({ maxLength: 40, description: "ISO 8601; now when left out" })),
});
export const HoursAnswer = okSchema(HoursView);
export const HoursList = okSchema(t.Array(HoursView));
export const HoursRemoved = okSchema(t.Object({ id: Id }));
export const HoursStatus = okSchema(
  t.Object({ isOpen: t.Boolean(), opensAt: t.Union([t.String(), t.Null()], { description: "Null: open now, or never" }) }),
);
