/** What events mean, many per transaction: handed to those who know, in the order of arrival. */
import type { Change, EventLog } from "../events/log";
import type { Orphans } from "./orphans";
import { type ReceivedEvent, runsOf, sentElsewhere } from "./received-event";

/** What has to happen once the transaction has committed: timers, log lines. */
export type AfterCommit = () => void;

export interface IngestHandlers {
  /**
   * Stores customers' messages and echoes; several of one contact may be in one call. `areNew`: none of them can be stored yet,
   * unless it came by another way; the store's unique key tells then.
   */
  messages(events: readonly ReceivedEvent[], change: Change, areNew: boolean): Promise<AfterCommit>;
  /** News about templates, numbers, preferences and the like: each has its effect or is recorded as it is. */
  notices(events: readonly ReceivedEvent[], change: Change): Promise<void>;
  /** Applies statuses. Gives back the rows whose message is not known. */
  statuses(events: readonly ReceivedEvent[], change: Change): Promise<{ orphans: Map<string, string>; afterCommit: AfterCommit }>;
}

/** Another process has processed some of these events meanwhile. */
export class Overtaken extends Error {}

export interface ApplyDeps {
  eventLog: EventLog;
  handlers: IngestHandlers;
  orphans: Orphans;
  newOrder: () => string;
  /** Statuses that had waited are to be processed now. */
  onReleased: () => void;
}

/**
 * Processes these events in one transaction. `first`: what has to hold for it. `areNew`: none of them can have been processed before.
 */
export type Apply = (
  received: readonly ReceivedEvent[],
  areNew: boolean,
  first: (change: Change) => Promise<void>,
) => Promise<void>;

export function createApply({ eventLog, handlers, orphans, newOrder, onReleased }: ApplyDeps): Apply {
  return async (received, areNew, first) => {
    const afterCommit = await eventLog.change(async (change) => {
      const steps: AfterCommit[] = [];
      await first(change);
      const statuses = received.filter(({ event }) => event.kind === "status");
      // Between a customer's messages and the news about them the order of arrival counts.
      for (const run of runsOf(received)) {
        if (run[0]?.event.kind === "notice") await handlers.notices(run, change);
        else steps.push(await handlers.messages(run, change, areNew));
      }
      if (statuses.length > 0) {
        const { orphans: orphaned, afterCommit } = await handlers.statuses(statuses, change);
        steps.push(afterCommit);
        await orphans.put(orphaned, change.session);
      }
      const elsewhere = received.flatMap(({ event }) => sentElsewhere(event));
      if (await orphans.release(elsewhere, newOrder, change.session)) onReleased();
      return steps;
    });
    for (const step of afterCommit) step();
  };
}
