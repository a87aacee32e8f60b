/** What the conversation routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { ConversationView, Id, oneOf } from "../../events/view";

import { type ConversationFilter, checkFilter, SORTS, TABS } from "./conversation-filter";

export const ConversationParams = t.Object({ id: Id });

const words = (description: string, example: string) =>
  t.Optional(t.String({ minLength: 1, maxLength: 1_000, description, examples: [example] }));
const flag = (description: string) => t.Optional(t.Union([t.Literal("true"), t.Literal("false")], { description }));

export const ConversationQuery = t.Object({
  ...pageQuery,
  sort: t.Optional(oneOf(SORTS)),
  tab: t.Optional(oneOf(TABS)),
  status: words("Any of these, separated by commas", "open,assigned"),
  waitingFor: t.Optional(oneOf(["assistant", "snooze"])),
  priority: words("Any of these, separated by commas", "high,urgent"),
  label: words("Any of these labels, separated by commas", "vip,factura"),
  team: words("Id of a team, or none", "none"),
  agent: words("Id of an agent, me, or none", "me"),
  channel: words("Any of these numbers, separated by commas", "440055660077001"),
  contact: t.Optional(Id),
  attribute: t.Optional(
    t.String({
      pattern: "^[a-z][a-z0-9_]{0,39}:.{1,200}$",
      description: "An attribute of the contact and its value",
      examples: ["city:Lima"],
    }),
  ),
  handledBy: t.Optional(oneOf(["bot", "person"])),
  windowOpen: flag("Whether WhatsApp still accepts free-form messages"),
  unread: flag("Whether there is something that no person has seen"),
  sla: t.Optional(oneOf(["due", "warned", "breached"])),
  since: t.Optional(t.String({ maxLength: 40, description: "Last message at or after this time" })),
  until: t.Optional(t.String({ maxLength: 40, description: "Last message before this time" })),
});
export type ConversationQuery = Static<typeof ConversationQuery>;

const LISTS = new Set(["status", "priority", "label", "channel"]);
const FLAGS = new Set(["windowOpen", "unread"]);

/** The filter that a query string spells. Throws `request.invalid` with the field that is wrong. */
export function filterOf({ limit: _, cursor: __, sort: ___, attribute, ...query }: ConversationQuery): ConversationFilter {
  const filter = Object.fromEntries(
    Object.entries(query)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [
        name,
        LISTS.has(name) ? [...new Set(value.split(","))] : FLAGS.has(name) ? value === "true" : value,
      ]),
  );
  if (attribute === undefined) return checkFilter(filter, "query");
  const [key, value] = [attribute.slice(0, attribute.indexOf(":")), attribute.slice(attribute.indexOf(":") + 1)];
  return checkFilter({ ...filter, attributes: [{ key, value }] }, "query");
}

export const ConversationAnswer = okSchema(ConversationView);
export const ConversationPage = pageSchema(ConversationView);
const count = t.Integer({ minimum: 0, maximum: 1_000, description: "1000 stands for a thousand or more" });
export const TabCountsView = t.Object(
  Object.fromEntries(TABS.map((tab) => [tab, count])) as Record<(typeof TABS)[number], typeof count>,
  { title: "TabCounts" },
);
export const TabCountsAnswer = okSchema(TabCountsView);
