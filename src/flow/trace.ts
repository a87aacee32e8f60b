/** Tells which stage a message has just left: one log line and one passing event, with the correlation id that follows it. */
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";
import type { EventBus } from "../events/bus";
import type { StageName } from "../events/catalog";

export interface StageFacts {
  correlationId: string | null;
  conversation?: string | null;
  message?: string | null;
  wamid?: string | null;
  ms?: number | null;
  detail?: string;
}

export type Trace = (stage: StageName, facts: StageFacts) => void;

export function createTrace({ bus, log, clock }: { bus: EventBus; log: Log; clock: Clock }): Trace {
  return (stage, { correlationId, conversation = null, message = null, wamid = null, ms = null, detail = "" }) => {
    log.info(stage, {
      stage,
      correlationId,
      conversation,
      messageId: message,
      wamid,
      ...(ms === null ? {} : { ms: Math.round(ms) }),
      detail,
    });
    bus.pass("flow:stage", {
      stage,
      at: new Date(clock.now()).toISOString(),
      ms,
      correlationId: correlationId ?? "",
      conversation,
      message,
      wamid,
      detail,
    });
  };
}
