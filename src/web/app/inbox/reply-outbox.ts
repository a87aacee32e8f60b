/**
 * What was written and has not reached the server: messages and notes on their way, and those that were refused. Kept in the
 * browser, so that neither another conversation, nor a reload, nor a broken line loses a word. Messages of a conversation leave
 * one after the other, each with one key for all its tries: the server takes it once.
 */
import { effect, inject, Service, signal, untracked } from "@angular/core";
import type { MessageView } from "@server/events/view";
import type { NewMessage } from "@server/features/messages/message-content.schema";
import { ApiClient } from "../api/api-client";
import { ApiFailure, asFailure } from "../api/api-failure";
import { recall, remember } from "../browser-memory";
import { type Cancelable, Clock } from "../clock";
import { LiveConnection } from "../live/live-connection";
import { Session } from "../session/session";

/** A message on its way to the server: shown at once, kept when it fails. */
export interface PendingReply {
  /** The idempotency key of all its tries. */
  key: string;
  conversation: string;
  message: NewMessage;
  /** What a person reads of it while it waits. */
  text: string;
  at: number;
  /** Until then it can be taken back without a trace. */
  heldUntil: number | null;
  /** The conversation is resolved once it has left. */
  thenResolve: boolean;
  failure: ApiFailure | null;
  /** Of a private note: whom it mentions. */
  note?: { mentions: string[] };
}

export interface NewReply {
  conversation: string;
  message: NewMessage;
  text: string;
  /** How long it can be taken back. */
  holdMs?: number;
  thenResolve?: boolean;
  note?: { mentions: string[] };
}

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 30_000;

/** Whether the same message may go through later without a change. */
const canWait = ({ status, code }: ApiFailure): boolean =>
  status === 0 || status === 502 || status === 503 || status === 504 || code === "request.in-progress" || status === 429;

@Service()
export class ReplyOutbox {
  readonly #api = inject(ApiClient);
  readonly #clock = inject(Clock);
  readonly #session = inject(Session);
  readonly #pending = signal<readonly PendingReply[]>([]);
  readonly #sending = new Set<string>();
  readonly #waits = new Map<string, Cancelable>();
  readonly #sentListeners = new Set<(message: MessageView) => void>();
  #retryMs = FIRST_RETRY_MS;
  #owner: string | null = null;

  readonly pending = this.#pending.asReadonly();

  constructor() {
    effect(() => {
      const owner = this.#session.agent()?.id ?? null;
      untracked(() => this.#open(owner));
    });
    inject(LiveConnection).onOpen(() => this.flush());
  }

  /** Calls `listener` with every message that the server has taken. */
  onSent(listener: (message: MessageView) => void): () => void {
    this.#sentListeners.add(listener);
    return () => this.#sentListeners.delete(listener);
  }

  /** Takes a message and sends it as soon as it may go. */
  async add({ conversation, message, text, holdMs = 0, thenResolve = false, note }: NewReply): Promise<void> {
    const at = this.#clock.now();
    const heldUntil = holdMs > 0 ? at + holdMs : null;
    const reply = { key: crypto.randomUUID(), conversation, message, text, at, heldUntil, thenResolve, failure: null };
    this.#set([...this.#pending(), note ? { ...reply, note } : reply]);
    await this.#pump(conversation);
  }

  /** Sends a held or refused message now. */
  async sendNow(key: string): Promise<void> {
    const reply = this.#find(key);
    if (!reply) return;
    this.#change(key, { failure: null, heldUntil: null });
    await this.#pump(reply.conversation);
  }

  /** Tries everything that waits for the line. */
  flush(): void {
    this.#retryMs = FIRST_RETRY_MS;
    for (const conversation of new Set(this.#pending().map((reply) => reply.conversation))) void this.#pump(conversation);
  }

  /** Takes a message out and answers it; undefined when it has left already. */
  remove(key: string): PendingReply | undefined {
    const reply = this.#find(key);
    if (!reply || this.#sending.has(key)) return undefined;
    this.#set(this.#pending().filter((one) => one !== reply));
    void this.#pump(reply.conversation);
    return reply;
  }

  /** The event of a message may come before its answer: then it is on the screen already. */
  settle(key: string): void {
    this.#set(this.#pending().filter((one) => one.key !== key));
  }

  /** Sends what may go, in the order in which it was written. */
  async #pump(conversation: string): Promise<void> {
    if (this.#sending.size > 0 && [...this.#sending].some((key) => this.#find(key)?.conversation === conversation)) return;
    this.#waits.get(conversation)?.cancel();
    this.#waits.delete(conversation);
    for (;;) {
      const reply = this.#pending().find((one) => one.conversation === conversation && !one.failure);
      if (!reply) return;
      const held = (reply.heldUntil ?? 0) - this.#clock.now();
      if (held > 0) return this.#wait(conversation, held);
      if (!(await this.#deliver(reply))) return;
    }
  }

  /** False: it has to wait. */
  async #deliver(reply: PendingReply): Promise<boolean> {
    this.#sending.add(reply.key);
    if (reply.heldUntil !== null) this.#change(reply.key, { heldUntil: null });
    try {
      const message = await (reply.note
        ? this.#api.addNote(reply.conversation, { text: reply.text, ...reply.note }, reply.key)
        : this.#api.sendMessage(reply.conversation, reply.message, reply.key));
      if (reply.thenResolve) await this.#api.act(reply.conversation, [{ do: "status", status: "resolved" }]);
      this.#retryMs = FIRST_RETRY_MS;
      this.settle(reply.key);
      for (const listener of this.#sentListeners) listener(message);
      return true;
    } catch (error) {
      // Awaited: ApiFailure. A broken line is waited for; a refusal stays in the thread with its reason.
      const failure = asFailure(error);
      if (canWait(failure)) {
        this.#wait(reply.conversation, this.#retryMs);
        this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
        return false;
      }
      this.#change(reply.key, { failure });
      return true;
    } finally {
      this.#sending.delete(reply.key);
    }
  }

  #wait(conversation: string, ms: number): void {
    this.#waits.get(conversation)?.cancel();
    this.#waits.set(
      conversation,
      this.#clock.timer(ms, () => void this.#pump(conversation)),
    );
  }

  /** Another agent in the same browser has an outbox of their own. */
  #open(owner: string | null): void {
    if (owner === this.#owner) return;
    this.#owner = owner;
    for (const wait of this.#waits.values()) wait.cancel();
    this.#waits.clear();
    const pending = this.#recall<Omit<PendingReply, "failure"> & { failure: StoredFailure | null }>();
    this.#pending.set(pending.map((reply) => ({ ...reply, failure: reply.failure && revive(reply.failure) })));
    if (owner) this.flush();
  }

  #find(key: string): PendingReply | undefined {
    return this.#pending().find((one) => one.key === key);
  }

  #change(key: string, change: Partial<PendingReply>): void {
    this.#set(this.#pending().map((one) => (one.key === key ? { ...one, ...change } : one)));
  }

  #set(pending: readonly PendingReply[]): void {
    this.#pending.set(pending);
    const value = pending.map((reply) => ({ ...reply, failure: reply.failure && stored(reply.failure) }));
    if (this.#owner) remember(`chasqui.outbox.${this.#owner}`, value.length > 0 ? JSON.stringify(value) : null);
  }

  #recall<T>(): T[] {
    const text = this.#owner ? recall(`chasqui.outbox.${this.#owner}`) : null;
    if (!text) return [];
    try {
      const value: unknown = JSON.parse(text);
      return Array.isArray(value) ? (value as T[]) : [];
    } catch {
      // Awaited: SyntaxError for what an earlier version or another hand has written.
      return [];
    }
  }
}

type StoredFailure = Pick<ApiFailure, "message" | "code" | "status" | "requestId" | "details">;

const stored = ({ message, code, status, requestId, details }: ApiFailure): StoredFailure => ({
  message,
  code,
  status,
  requestId,
  details,
});

const revive = ({ message, code, status, requestId, details }: StoredFailure): ApiFailure =>
  new ApiFailure(message, code, status, requestId, details);
