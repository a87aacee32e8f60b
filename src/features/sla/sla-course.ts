/** What an event means for the clocks of a conversation. Pure: state, conversation and promise in, the state afterwards and what was kept out. */
import type { SlaTarget } from "../../events/automation-view";
import type { Conversation } from "../conversations/conversation.model";
import { type Calendar, type Promised, paused, resumed, type SlaSpan, scheduled, started } from "./sla-clock";
import type { SlaPolicy } from "./sla-policy.model";
import type { SlaState } from "./sla-state.model";

/** What has happened, as far as a promise is concerned. */
export interface SlaHappening {
  at: number;
  /** `asked`: a customer's message. `answered`: ours. `passed-on`: the assistant has given it to the people. */
  what: "asked" | "answered" | "passed-on" | "changed";
}

export interface Course {
  state: SlaState;
  /** Clocks that were stopped in time. */
  met: SlaSpan[];
}

const promisedBy = (policy: SlaPolicy, target: SlaTarget): Promised => {
  const minutes = { "first-reply": policy.firstReply, "next-reply": policy.nextReply, resolution: policy.resolution }[target];
  return { ms: minutes === null ? null : minutes * 60_000, warnPercent: policy.warnPercent };
};

export function course(
  before: SlaState | null,
  conversation: Conversation,
  policy: SlaPolicy,
  { at, what }: SlaHappening,
  calendar: Calendar,
): Course {
  const isOver = conversation.status === "resolved" || conversation.status === "closed";
  const isStill = conversation.waitingFor === "snooze" && policy.pausesInSnooze;
  const begun = (target: SlaTarget, from: number) => started(target, from, promisedBy(policy, target), calendar);
  const replyTarget = (isReplied: boolean): SlaTarget => (isReplied ? "next-reply" : "first-reply");
  const met: SlaSpan[] = [];
  let { isReplied, reply, resolution } = before ?? adopted(conversation, at);

  const stop = (span: SlaSpan | undefined) => {
    if (span?.dueAt && !span.isBreached && at <= span.dueAt.getTime()) met.push(span);
    // What stood still was kept too.
    else if (span?.since === null && !span.isBreached && span.isPromised) met.push(span);
  };

  if (isOver) {
    stop(resolution);
    reply = undefined;
    resolution = undefined;
  } else {
    // One that is reopened begins anew.
    resolution ??= begun("resolution", at);
    if (what === "answered") {
      stop(reply);
      reply = undefined;
      isReplied = true;
    } else if (what === "asked" || what === "passed-on") reply ??= begun(replyTarget(isReplied), at);
    else if (!before && conversation.waitingSince) reply ??= begun(replyTarget(isReplied), conversation.waitingSince.getTime());
  }
  const settle = (span: SlaSpan | undefined): SlaSpan | undefined => {
    if (!span) return undefined;
    const promised = promisedBy(policy, span.target);
    if (isStill) return { ...paused(span, at, calendar), isPromised: promised.ms !== null };
    return span.since === null ? resumed(span, at, promised, calendar) : scheduled(span, promised, calendar);
  };
  const spans = { reply: settle(reply), resolution: settle(resolution) };
  const state: SlaState = {
    _id: conversation._id,
    contact: conversation.contact,
    policy: policy._id,
    isReplied,
    ...(spans.reply ? { reply: spans.reply } : {}),
    ...(spans.resolution ? { resolution: spans.resolution } : {}),
    updatedAt: new Date(at),
  };
  return { state, met };
}

/** A conversation that nothing was promised to until now. */
const adopted = (
  { answeredSeq, lastMessage }: Conversation,
  _at: number,
): Pick<SlaState, "isReplied" | "reply" | "resolution"> => ({
  isReplied: answeredSeq > 0 && lastMessage?.direction === "outbound",
});

/** The clock that is due first, as the inbox shows it. */
export function mirrorOf({ policy, reply, resolution }: SlaState): Conversation["sla"] {
  const [first] = [reply, resolution]
    .filter((span) => span !== undefined)
    .filter((span) => span.isPromised)
    .sort((a, b) => (a.dueAt?.getTime() ?? Number.POSITIVE_INFINITY) - (b.dueAt?.getTime() ?? Number.POSITIVE_INFINITY));
  return first ? { policy, target: first.target, dueAt: first.dueAt, state: stateOf(first) } : null;
}

export function stateOf({ since, isBreached, isWarned }: SlaSpan): "running" | "warned" | "breached" | "paused" {
  if (isBreached) return "breached";
  if (since === null) return "paused";
  return isWarned ? "warned" : "running";
}
