/** An accepted event on its way through ingest: handed over from memory, or read from the store. */
import type { InboundEvent } from "../channels/whatsapp/inbound";
import type { InboundEventRow } from "./inbound-event.model";

export interface ReceivedEvent<E extends InboundEvent = InboundEvent> {
  rowId: string;
  requestId: string;
  receivedAt: number;
  /** The row stood for a message that was unavailable when it was read. */
  isPlaceholder: boolean;
  /** It is the real message of such a row. */
  isUpgrade?: boolean;
  /** How often it has failed. */
  attempts: number;
  kind: string;
  /** How long its text is, in characters. */
  size: number;
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
  attempts: number;
  readonly #body: string;
  #event: InboundEvent | undefined;

  constructor(row: InboundEventRow) {
    this.rowId = row._id;
    this.requestId = row.requestId;
    this.receivedAt = row.receivedAt.getTime();
    this.isPlaceholder = row.isPlaceholder === true;
    this.kind = row.kind;
    this.attempts = row.attempts;
    this.#body = row.body ?? "";
    this.size = this.#body.length;
  }

  get event(): InboundEvent {
    this.#event ??= JSON.parse(this.#body) as InboundEvent;
    return this.#event;
  }
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
