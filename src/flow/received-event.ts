/** An accepted event on its way through ingest: read from a webhook body, or from a row of its own. */
import type { InboundEvent } from "../channels/whatsapp/inbound";
import { shortHash } from "../core/id";
import type { InboundEventRow } from "./inbound-event.model";
import type { JournalEntry } from "./journal.model";

export interface ReceivedEvent<E extends InboundEvent = InboundEvent> {
  rowId: string;
  requestId: string;
  receivedAt: number;
  /** It stands for a message that was unavailable: the real one may follow under the same id. */
  isPlaceholder: boolean;
  /** How often it has failed. */
  attempts: number;
  kind: string;
  /** How long its text is, in characters. */
  size: number;
  /** Its text, as it is stored. */
  readonly body: string;
  /** Read from the store it may be damaged: asking for it throws then, so that only its own processing fails. */
  readonly event: E;
}

/** An event as it was stored. */
export class StoredEvent implements ReceivedEvent {
  readonly rowId: string;
  readonly requestId: string;
  readonly receivedAt: number;
  readonly isPlaceholder: boolean;
  readonly kind: string;
  readonly size: number;
  readonly body: string;
  attempts: number;
  #event: InboundEvent | undefined;

  constructor(row: InboundEventRow) {
    this.rowId = row._id;
    this.requestId = row.requestId;
    this.receivedAt = row.receivedAt.getTime();
    this.isPlaceholder = row.isPlaceholder === true;
    this.kind = row.kind;
    this.attempts = row.attempts;
    this.body = row.body ?? "";
    this.size = this.body.length;
  }

  get event(): InboundEvent {
    this.#event ??= JSON.parse(this.body) as InboundEvent;
    return this.#event;
  }
}

/** Every event of an entry of the journal. Never throws: what makes no sense is an event too. */
export function eventsOf({ requests }: JournalEntry, read: (body: Uint8Array, at: number) => InboundEvent[]): ReceivedEvent[] {
  return requests.flatMap(({ id, at, body }) =>
    read(body, at.getTime()).map((event): ReceivedEvent => {
      const text = JSON.stringify(event);
      return {
        rowId: shortHash(event.key),
        requestId: id,
        receivedAt: at.getTime(),
        isPlaceholder: isPlaceholder(event),
        attempts: 0,
        kind: event.kind,
        size: text.length,
        body: text,
        event,
      };
    }),
  );
}

/** A message that WhatsApp could not hand over (131060 above all): the real one may follow under the same id (facts §2.4). */
const isPlaceholder = (event: InboundEvent): boolean => event.kind === "message" && event.content.type === "unsupported";

/** The row of an event: as it stands once its work is done, or ready to be done at `order`. */
export function toRow(
  { rowId, requestId, receivedAt, isPlaceholder, kind, body, event }: ReceivedEvent,
  order?: string,
): InboundEventRow {
  const isIgnored = event.kind === "ignored";
  const isReady = order !== undefined && !isIgnored;
  return {
    _id: rowId,
    channel: event.channel,
    kind,
    state: isIgnored ? "ignored" : isReady ? "ready" : "done",
    ...(isReady ? { order } : {}),
    ...(isPlaceholder ? { isPlaceholder: true } : {}),
    body,
    receivedAt: new Date(receivedAt),
    requestId,
    attempts: 0,
    reason: isIgnored ? event.reason : null,
  };
}

/** Each event once, and the real message where it comes together with its placeholder. Gives the others too. */
export function onlyOnce(received: readonly ReceivedEvent[]): { once: ReceivedEvent[]; repeated: ReceivedEvent[] } {
  const byRow = new Map<string, ReceivedEvent>();
  for (const one of received) {
    const first = byRow.get(one.rowId);
    if (!first || (first.isPlaceholder && !one.isPlaceholder)) byRow.set(one.rowId, one);
  }
  if (byRow.size === received.length) return { once: [...received], repeated: [] };
  const once = new Set(byRow.values());
  return { once: [...once], repeated: received.filter((one) => !once.has(one)) };
}

/** Messages and notices in the order of arrival, as runs of one or the other. Statuses are taken at the end. */
export function runsOf(received: readonly ReceivedEvent[]): ReceivedEvent[][] {
  const runs: ReceivedEvent[][] = [];
  let isNotice: boolean | null = null;
  for (const one of received) {
    const { kind } = one.event;
    if (kind !== "message" && kind !== "echo" && kind !== "notice") continue;
    if ((kind === "notice") !== isNotice) runs.push([]);
    isNotice = kind === "notice";
    runs.at(-1)?.push(one);
  }
  return runs;
}

/** Messages of ours that did not go through us, as `channel:wamid`: their statuses may have come first. */
export function sentElsewhere(event: InboundEvent): string[] {
  if (event.kind === "echo") return [`${event.channel}:${event.wamid}`];
  if (event.kind !== "notice" || (event.name !== "history" && event.name !== "standby:message")) return [];
  const kept = event.name === "history" ? event.payload.messages : [event.payload];
  return kept.flatMap(({ direction, wamid }) => (direction === "outbound" ? [`${event.channel}:${wamid}`] : []));
}
