/** The accepted events that ingest has set aside: listed for people, and put back into the order of arrival when asked. */
import type { Clock } from "../core/clock";
import { fail } from "../core/errors";
import { newId } from "../core/id";
import { decodeCursor, toPage } from "../core/page";
import type { DeadLetterView } from "../features/dead-letters/dead-letter.schema";
import type { DeadLetterService } from "../features/dead-letters/dead-letter.service";
import type { InboundEventModel, InboundEventRow } from "./inbound-event.model";

export interface DeadLetterDeps {
  events: InboundEventModel;
  clock: Clock;
  /** There is something to process. */
  onRetried: () => void;
}

export function createDeadLetters({ events, clock, onRetried }: DeadLetterDeps): DeadLetterService {
  return {
    async list({ limit, cursor }) {
      const [at, id] = cursor ? decodeCursor(cursor, ["number", "string"]) : [];
      const after = cursor
        ? {
            $or: [
              { deadAt: { $exists: true, $lt: new Date(at as number) } },
              { deadAt: new Date(at as number), _id: { $lt: id as string } },
            ],
          }
        : { deadAt: { $exists: true } };
      const rows = await events
        .find(after)
        .sort({ deadAt: -1, _id: -1 })
        .limit(limit + 1)
        .lean();
      return toPage(rows as InboundEventRow[], limit, toView, (row) => [row.deadAt?.getTime() ?? 0, row._id]);
    },

    async retry(id) {
      const row = (await events.collection.findOneAndUpdate(
        { _id: id as never, state: "dead" },
        { $set: { state: "ready", order: newId(clock.now()), attempts: 0 }, $unset: { deadAt: "" } } as never,
        { returnDocument: "before" },
      )) as unknown as InboundEventRow | null;
      if (!row) throw fail("dead-letter.not-found");
      onRetried();
      return toView(row);
    },
  };
}

const toView = (row: InboundEventRow): DeadLetterView => ({
  id: row._id,
  kind: row.kind,
  channel: row.channel,
  reason: row.reason,
  attempts: row.attempts,
  receivedAt: row.receivedAt.toISOString(),
  deadAt: (row.deadAt ?? row.receivedAt).toISOString(),
  requestId: row.requestId,
  event: eventOf(row.body),
});

function eventOf(body: string | null): unknown {
  try {
    return body === null ? null : JSON.parse(body);
  } catch {
    // SyntaxError: exactly this may be what is wrong with it.
    return body;
  }
}
