/** An inbox in which something happens by itself: the world of the inbox, and what the tests of rules and promises ask of it. */
import { expect } from "bun:test";
import type { RunView } from "../../../src/features/automation-actions/automation-run.service";
import type { RuleView } from "../../../src/features/automation-rules/automation-rule.schema";
import { until } from "../../helpers/until";
import type { InboxWorld } from "../inbox/inbox-world";

export type RuleDraft = Partial<Omit<RuleView, "actions" | "conditions" | "trigger">> & {
  event?: string;
  minutes?: number;
  conditions?: unknown;
  actions?: unknown[];
};

let made = 0;

/** Creates a rule; by default it hears of every customer's message and does nothing but write a note. */
export async function makeRule(world: InboxWorld, { event = "message:received", minutes, ...draft }: RuleDraft = {}) {
  const trigger = { event, ...(minutes === undefined ? {} : { minutes }) };
  const { status, body } = await world.admin.post<RuleView>("/automation-rules", {
    name: `Rule ${++made}`,
    trigger,
    actions: [{ do: "note", text: "a rule was here" }],
    ...draft,
  });
  if (status !== 200) throw new Error(`making a rule answered ${status}: ${JSON.stringify(body)}`);
  return body.data;
}

export const removeRule = async (world: InboxWorld, id: string) =>
  expect((await world.admin.delete(`/automation-rules/${id}`)).status).toBe(200);

/** Runs of a rule or macro, or on a conversation, the newest first. */
export const runsOf = (world: InboxWorld, about: { source?: string; conversation?: string }) =>
  world.admin.data<RunView[]>(`/automation-runs?${new URLSearchParams(about as Record<string, string>)}`);

/** Waits until so many runs of a rule are over. */
export const ran = (world: InboxWorld, source: string, count = 1): Promise<RunView[]> =>
  until(
    async () => {
      const runs = await runsOf(world, { source });
      return runs.length >= count && runs.every(({ finishedAt }) => finishedAt !== null) ? runs : null;
    },
    { what: `${count} finished runs` },
  );

/** Long enough for the feed and the runner to have done what they would do. */
export const settled = () => Bun.sleep(500);
