/** What happened, as a line of the thread in the reader's language. The server's own words remain where it told no kind. */
import type { MessageView } from "@server/events/view";
import type { WordKey, Words } from "../i18n/words";
import { shortMoment } from "../ui/time-text";

export interface Names {
  agent: (id: string) => string | null;
  team: (id: string) => string | null;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const list = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);

/** The line of an activity. Pure but for the words and names that it is given. */
export function activityText({ payload, content }: MessageView, words: Pick<Words, "t" | "has">, names: Names): string {
  const by = text(payload.by);
  // The server's line begins with the name of whoever did it, also of one who has left and of a key.
  const rule = by.startsWith("rule:") ? /^Rule "(.*?)" /.exec(content)?.[1] : undefined;
  const name = names.agent(by) ?? (rule ? `“${rule}”` : content.split(" ")[0] || "?");
  const say = (key: WordKey, more: Record<string, string> = {}): string => words.t(key, { name, ...more });
  const agent = typeof payload.agent === "string" ? (names.agent(payload.agent) ?? "?") : null;
  const team = typeof payload.team === "string" ? (names.team(payload.team) ?? "?") : null;
  const until = text(payload.until);
  switch (payload.kind) {
    case "assign":
      if (payload.agent === payload.by) return say("activity.took");
      return agent ? say("activity.assigned", { who: agent }) : say("activity.queued");
    case "transfer":
      return team ? say("activity.transferred", { who: team }) : say("activity.leftTeam");
    case "priority":
      return say("activity.priority", { what: words.t(`priority.${text(payload.to)}` as WordKey) });
    case "label":
      return labelLine(list(payload.added), list(payload.removed), say);
    case "status":
      return say(payload.to === "open" ? "activity.opened" : payload.to === "closed" ? "activity.closed" : "activity.resolved");
    case "snooze":
      return until ? say("activity.snoozed", { time: shortMoment(until) }) : say("activity.snoozedReply");
    case "assistant":
      return say(payload.on ? "activity.assistantOn" : "activity.assistantOff");
    case "mute":
      return say(payload.on ? "activity.muted" : "activity.unmuted");
    case "follow":
    case "unfollow":
      return say(payload.kind === "follow" ? "activity.followed" : "activity.unfollowed", { who: agent ?? "?" });
    case "woken":
      return say("activity.woken");
    case "needs-person":
      return reasonLine("activity.needsPerson", text(payload.reason), words);
    case "hand-off":
      return [reasonLine("activity.handedOff", text(payload.reason), words), text(payload.summary)].filter(Boolean).join(" · ");
    case "outside-hours":
      return say("activity.outsideHours");
    case "scheduled":
      return payload.state === "failed" ? say("activity.scheduledFailed") : content;
    case "csat":
      return typeof payload.score === "number"
        ? say("activity.rated", { score: `${payload.score}/${String(payload.scale ?? "")}` })
        : say("activity.rateExplained");
    case "opted-out":
    case "opted-in":
      return say(payload.kind === "opted-out" ? "activity.optedOut" : "activity.optedIn", { word: text(payload.word) });
    case "rule":
    case "macro": {
      const line = say(payload.kind === "rule" ? "activity.rule" : "activity.macro", { what: text(payload.name) });
      return isWhole(payload.outcomes) ? line : `${line} · ${words.t("activity.partly")}`;
    }
    default:
      return content;
  }
}

/** Whether every action of a rule or macro was done, or left out on purpose. */
const isWhole = (outcomes: unknown): boolean =>
  !Array.isArray(outcomes) ||
  outcomes.every((one: { state?: unknown } | null) => !["failed", "unknown"].includes(text(one?.state)));

function labelLine(added: string[], removed: string[], say: (key: WordKey, more: Record<string, string>) => string): string {
  const what = added.join(", ");
  const other = removed.join(", ");
  if (added.length > 0 && removed.length > 0) return say("activity.labelsChanged", { what, other });
  return added.length > 0 ? say("activity.labelsAdded", { what }) : say("activity.labelsRemoved", { what: other });
}

/** Reasons of ours are translated; what the assistant has said in its own words stays as it is. */
function reasonLine(key: WordKey, reason: string, words: Pick<Words, "t" | "has">): string {
  const known = `reason.${reason}`;
  return words.t(key, { why: words.has(known) ? words.t(known) : reason });
}
