/** Follows the stages that the server tells in its log, so that at any instant it is known what stands between two stages. */

/** Where work can stand: behind this stage and before the next one. */
export const BOUNDARIES = ["received", "accepted", "stored", "answering", "queued", "sending", "sent", "delivered"] as const;
export type Boundary = (typeof BOUNDARIES)[number];

export const BOUNDARY_TEXTS: Record<Boundary, string> = {
  received: "webhook posted, not answered",
  accepted: "answered 200, not yet in the thread",
  stored: "in the thread, waiting in its batch",
  answering: "the assistant is thinking",
  queued: "reply queued, not yet sent",
  sending: "intent written, call in flight",
  sent: "accepted by WhatsApp, no status yet",
  delivered: "delivered, not yet read",
};

export interface StageLine {
  stage: string;
  conversation: string | null;
  messageId: string | null;
  wamid: string | null;
  detail: string;
}

export class StageTracker {
  readonly #standing: Record<Boundary, Set<string>> = Object.fromEntries(
    BOUNDARIES.map((name) => [name, new Set<string>()]),
  ) as Record<Boundary, Set<string>>;

  /** Stored before the phone side has heard of the answer. */
  readonly #early = new Set<string>();

  /** The phone side: a message is on its way to the webhook. */
  posted(mark: string): void {
    this.#standing.received.add(mark);
  }

  /** The phone side: its webhook was answered with 200. */
  taken(mark: string, wamid: string): void {
    this.#standing.received.delete(mark);
    if (!this.#early.delete(wamid)) this.#standing.accepted.add(wamid);
  }

  follow({ stage, conversation, messageId, wamid, detail }: StageLine): void {
    const { accepted, stored, answering, queued, sending, sent, delivered } = this.#standing;
    switch (stage) {
      case "stored":
        if (wamid && !accepted.delete(wamid)) this.#early.add(wamid);
        if (conversation) stored.add(conversation);
        break;
      case "routed":
        if (conversation) stored.delete(conversation);
        if (conversation && detail === "assistant") answering.add(conversation);
        break;
      case "queued":
        if (conversation) answering.delete(conversation);
        if (messageId) queued.add(messageId);
        break;
      case "sending":
        if (messageId) queued.delete(messageId);
        if (messageId) sending.add(messageId);
        break;
      case "sent":
        if (messageId && sending.delete(messageId)) sent.add(messageId);
        break;
      case "delivered":
        if (messageId && sent.delete(messageId)) delivered.add(messageId);
        break;
      case "read":
      case "failed":
        if (messageId) for (const set of [sending, sent, delivered]) set.delete(messageId);
    }
  }

  /** How much stands at each boundary now. */
  count(): Record<Boundary, number> {
    return Object.fromEntries(BOUNDARIES.map((name) => [name, this.#standing[name].size])) as Record<Boundary, number>;
  }

  /** The process died: nobody thinks and no call is in flight any more; everything else still stands. */
  died(): void {
    this.#standing.answering.clear();
    this.#standing.sending.clear();
  }
}
