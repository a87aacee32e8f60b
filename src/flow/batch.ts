/**
 * Waits until a customer has finished a thought: two seconds of silence, at most eight from the first fragment, or many
 * fragments. What is waited for is stored on the conversation; the timers are only its alarm clock.
 */
import type { Clock, Timer } from "../core/clock";
import type { Batch } from "../features/conversations/conversation.model";
import type { ConversationService } from "../features/conversations/conversation.service";

/** Somebody who sends this many messages at once has said enough to be answered. */
const MAX_FRAGMENTS = 20;

export interface BatchLimits {
  waitMs: number;
  maxWaitMs: number;
}

/** The batch after one more fragment. Pure. */
export function extendBatch(batch: Batch | null, now: number, { waitMs, maxWaitMs }: BatchLimits): Batch {
  const firstAt = batch?.firstAt ?? new Date(now);
  const count = (batch?.count ?? 0) + 1;
  const due = count >= MAX_FRAGMENTS ? now : Math.min(now + waitMs, firstAt.getTime() + maxWaitMs);
  // A clock that jumped back must not postpone the answer beyond the longest wait.
  return { firstAt, dueAt: new Date(Math.min(Math.max(due, now), now + maxWaitMs)), count, failures: batch?.failures ?? 0 };
}

export interface BatchTimers {
  /** Rings for this conversation at this time, instead of any time set before. */
  set(conversation: string, dueAt: Date): void;
  /** Whether an alarm is set for it. */
  isSet(conversation: string): boolean;
  /** Sets the timers of everything that is stored as waiting. */
  rebuild(): Promise<void>;
  stop(): void;
}

export interface BatchDeps {
  conversations: ConversationService;
  clock: Clock;
  /** `at`: the time this alarm was set for. */
  onDue: (conversation: string, at: number) => void;
}

const REBUILD_PAGE = 500;
/** The longest BATCH_MAX_WAIT_MS there may be; a longer pause after a failure is looked at in between. */
const LONGEST_WAIT_MS = 120_000;

export function createBatchTimers({ conversations, clock, onDue }: BatchDeps): BatchTimers {
  const timers = new Map<string, { timer: Timer; at: number }>();

  const set = (conversation: string, dueAt: Date) => {
    const at = dueAt.getTime();
    const known = timers.get(conversation);
    if (known?.at === at) return;
    known?.timer.cancel();
    // A restart with a clock that was set back must not wait for the old time to come again.
    const timer = clock.timer(Math.min(Math.max(0, at - clock.now()), LONGEST_WAIT_MS), () => {
      timers.delete(conversation);
      onDue(conversation, at);
    });
    timers.set(conversation, { timer, at });
  };

  return {
    set,
    isSet: (conversation) => timers.has(conversation),
    async rebuild() {
      let after: Date | undefined;
      for (;;) {
        const page = await conversations.listBatched(REBUILD_PAGE, { after });
        for (const { _id, batch } of page) if (batch) set(_id, batch.dueAt);
        const last = page.at(-1)?.batch?.dueAt;
        if (page.length < REBUILD_PAGE || !last) return;
        after = last;
      }
    },
    stop() {
      for (const { timer } of timers.values()) timer.cancel();
      timers.clear();
    },
  };
}
