/**
 * What has been begun and not sent, one reply and one note for each conversation. Kept in the browser at once, so that a crash
 * loses no word, and on the server a moment later, so that another window or a new computer shows it, too.
 */
import { effect, inject, Service, signal, untracked } from "@angular/core";
import { ApiClient } from "../api/api-client";
import { asFailure } from "../api/api-failure";
import { recall, remember } from "../browser-memory";
import { type Cancelable, Clock } from "../clock";
import { LiveConnection } from "../live/live-connection";
import type { EventData } from "../live/live-frame";
import { Session } from "../session/session";

export type DraftKind = "reply" | "note";

interface Kept {
  text: string;
  /** The server does not have it yet. */
  isUnsaved: boolean;
  /** When it was begun, by the server's clock; null until it was kept there. */
  begunAt: string | null;
}

const MOST = 400;
const SAVE_MS = 800;
/** What comes back that soon after a save is its own echo. */
const ECHO_MS = 2_000;

const keyOf = (conversation: string, kind: DraftKind): string => (kind === "reply" ? conversation : `${conversation}:note`);

@Service()
export class DraftStore {
  readonly #api = inject(ApiClient);
  readonly #clock = inject(Clock);
  readonly #session = inject(Session);
  readonly #drafts = signal<ReadonlyMap<string, Kept>>(new Map());
  readonly #timers = new Map<string, Cancelable>();
  readonly #savedAt = new Map<string, number>();
  readonly #live = inject(LiveConnection);
  #owner: string | null = null;
  #leave = () => {};

  constructor() {
    effect(() => {
      const owner = this.#session.agent()?.id ?? null;
      untracked(() => this.#open(owner));
    });
    const live = this.#live;
    // Whoever asks first decides when this begins: the line may be open already.
    live.on("draft:updated", (change) => this.#hear(change));
    live.onOpen(() => void this.#meet());
    if (live.state() === "open") void this.#meet();
  }

  textOf(conversation: string, kind: DraftKind = "reply"): string {
    return this.#drafts().get(keyOf(conversation, kind))?.text ?? "";
  }

  /** What the list shows: the reply before the note. */
  anyOf(conversation: string): string {
    return this.textOf(conversation) || this.textOf(conversation, "note");
  }

  /** When what is written here was begun; null while only this window knows of it. */
  begunAt(conversation: string): string | null {
    const kept = this.#drafts().get(keyOf(conversation, "reply")) ?? this.#drafts().get(keyOf(conversation, "note"));
    return kept?.text ? kept.begunAt : null;
  }

  keep(conversation: string, kind: DraftKind, text: string): void {
    const before = this.#drafts().get(keyOf(conversation, kind));
    if ((before?.text ?? "") === text) return;
    this.#put(conversation, kind, { text, isUnsaved: true, begunAt: before?.text ? before.begunAt : null });
    this.#plan(conversation, kind, text === "" ? 0 : SAVE_MS);
  }

  #plan(conversation: string, kind: DraftKind, ms: number): void {
    const key = keyOf(conversation, kind);
    this.#timers.get(key)?.cancel();
    this.#timers.set(
      key,
      this.#clock.timer(ms, () => void this.#save(conversation, kind)),
    );
  }

  async #save(conversation: string, kind: DraftKind): Promise<void> {
    const key = keyOf(conversation, kind);
    const owner = this.#owner;
    const text = this.textOf(conversation, kind);
    this.#savedAt.set(key, this.#clock.now());
    let begunAt: string | null = null;
    try {
      begunAt = (await this.#api.saveDraft(conversation, kind, text))?.begunAt ?? null;
    } catch (error) {
      // Awaited: ApiFailure. Without a server it waits for the line; a conversation that is gone keeps it here only.
      if (asFailure(error).status === 0) return;
    }
    if (owner === this.#owner && this.textOf(conversation, kind) === text)
      this.#put(conversation, kind, { text, isUnsaved: false, begunAt });
  }

  /** The line is open: what was written meanwhile goes to the server, what was written elsewhere comes from it. */
  async #meet(): Promise<void> {
    const owner = this.#owner;
    const before = this.#drafts();
    for (const [key, { isUnsaved }] of before) {
      const [conversation = "", kind] = key.split(":");
      if (isUnsaved) this.#plan(conversation, kind === "note" ? "note" : "reply", 0);
    }
    // Awaited: ApiFailure; what is kept here is shown.
    const drafts = await this.#api.listDrafts().catch(() => null);
    if (!drafts || owner !== this.#owner) return;
    // What was written, saved, sent or heard of while the server looked is newer than what it saw.
    const now = this.#drafts();
    const isNewer = (key: string) => now.get(key)?.isUnsaved === true || now.get(key) !== before.get(key);
    const told = drafts
      .map(({ conversation, kind, text, begunAt }) => [keyOf(conversation, kind), { text, isUnsaved: false, begunAt }] as const)
      .filter(([key]) => !isNewer(key));
    this.#drafts.set(new Map([...told.reverse(), ...[...now].filter(([key]) => isNewer(key))]));
    this.#remember();
  }

  #hear({ agent, conversation, kind, draft }: EventData<"draft:updated">): void {
    if (agent !== this.#owner) return;
    const key = keyOf(conversation, kind);
    const isEcho = this.#clock.now() - (this.#savedAt.get(key) ?? Number.NEGATIVE_INFINITY) < ECHO_MS;
    if (isEcho || this.#drafts().get(key)?.isUnsaved) return;
    this.#put(conversation, kind, { text: draft?.text ?? "", isUnsaved: false, begunAt: draft?.begunAt ?? null });
  }

  #put(conversation: string, kind: DraftKind, kept: Kept): void {
    const drafts = new Map(this.#drafts());
    const key = keyOf(conversation, kind);
    drafts.delete(key);
    if (kept.text || kept.isUnsaved) drafts.set(key, kept);
    this.#drafts.set(new Map([...drafts].slice(-MOST)));
    this.#remember();
  }

  /** Another agent in the same browser has drafts of their own. */
  #open(owner: string | null): void {
    if (owner === this.#owner) return;
    this.#owner = owner;
    this.#leave();
    // What is for one person alone is told in their own room.
    this.#leave = owner ? this.#live.subscribe(`agent:${owner}`) : () => {};
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#savedAt.clear();
    this.#drafts.set(new Map(this.#recalled()));
  }

  #remember(): void {
    if (!this.#owner) return;
    const kept = [...this.#drafts()].map(([key, { text, isUnsaved, begunAt }]) => [key, text, isUnsaved, begunAt]);
    remember(`chasqui.drafts.${this.#owner}`, kept.length > 0 ? JSON.stringify(kept) : null);
  }

  #recalled(): [string, Kept][] {
    const text = this.#owner ? recall(`chasqui.drafts.${this.#owner}`) : null;
    if (!text) return [];
    try {
      const value: unknown = JSON.parse(text);
      if (!Array.isArray(value)) return [];
      return value.flatMap((one: unknown) => {
        if (!Array.isArray(one) || typeof one[0] !== "string" || typeof one[1] !== "string") return [];
        // An earlier version did not say whether the server has it, nor when it was begun.
        const begunAt = typeof one[3] === "string" ? one[3] : null;
        return [[one[0], { text: one[1], isUnsaved: one[2] !== false, begunAt }] as [string, Kept]];
      });
    } catch {
      // Awaited: SyntaxError for what another hand has written.
      return [];
    }
  }
}
