/**
 * What was written and has not reached the server: drafts, replies on their way, replies that were refused. Outlives the
 * thread that shows it, so that looking at another conversation loses no word.
 */
import { Service, signal } from "@angular/core";
import type { ApiFailure } from "../api/api-failure";

/** A reply on its way to the server: shown at once, kept when it fails. */
export interface PendingReply {
  /** The idempotency key of all its tries. */
  key: string;
  conversation: string;
  text: string;
  at: number;
  failure: ApiFailure | null;
}

@Service()
export class ReplyOutbox {
  readonly #pending = signal<readonly PendingReply[]>([]);
  readonly pending = this.#pending.asReadonly();
  readonly #drafts = new Map<string, string>();

  add(reply: PendingReply): void {
    this.#pending.update((all) => [...all, reply]);
  }

  setFailure(key: string, failure: ApiFailure | null): void {
    this.#pending.update((all) => all.map((one) => (one.key === key ? { ...one, failure } : one)));
  }

  /** Takes a reply out and answers it; undefined when it has left already. */
  remove(key: string): PendingReply | undefined {
    const reply = this.#pending().find((one) => one.key === key);
    if (reply) this.#pending.update((all) => all.filter((one) => one !== reply));
    return reply;
  }

  draftOf(conversation: string): string {
    return this.#drafts.get(conversation) ?? "";
  }

  keepDraft(conversation: string, text: string): void {
    if (text) this.#drafts.set(conversation, text);
    else this.#drafts.delete(conversation);
  }
}
