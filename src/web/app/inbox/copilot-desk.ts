/**
 * What the copilot was asked for one conversation and what it has answered so far. One task at a time: the next one, another
 * conversation and `stop` end the one that runs, also on the server. Loaded with the panel, and kept when that is folded.
 */
import { computed, inject, Service, signal } from "@angular/core";
import type { CopilotBody, CopilotView } from "@server/features/copilot/copilot.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { LiveConnection } from "../live/live-connection";
import { Session } from "../session/session";
import { textsOf } from "./copilot-text";

export type CopilotTask = Omit<CopilotBody, "stream">;

@Service()
export class CopilotDesk {
  readonly #calls = inject(ApiClient).calls;
  readonly #task = signal<CopilotTask | null>(null);
  readonly #come = signal("");
  readonly #answer = signal<CopilotView | null>(null);
  readonly #failure = signal<ApiFailure | null>(null);
  readonly #isBusy = signal(false);
  readonly #wasStopped = signal(false);
  readonly #session = inject(Session);
  #conversation: string | null = null;
  #agent: string | null = null;
  #running: { stream: string; abort: AbortController } | null = null;

  readonly task = this.#task.asReadonly();
  readonly answer = this.#answer.asReadonly();
  readonly failure = this.#failure.asReadonly();
  readonly isBusy = this.#isBusy.asReadonly();
  readonly wasStopped = this.#wasStopped.asReadonly();
  /** What can be read: pieces until the whole is there. */
  readonly texts = computed((): readonly string[] => {
    const task = this.#task();
    return this.#answer()?.texts ?? (task ? textsOf(task.task, this.#come()) : []);
  });

  constructor() {
    inject(LiveConnection).on("copilot:text", ({ stream, text }) => {
      if (stream === this.#running?.stream) this.#come.update((come) => come + text);
    });
  }

  /** What was asked for another conversation, or by somebody else, is gone. */
  open(conversation: string): void {
    const agent = this.#session.agent()?.id ?? null;
    if (conversation === this.#conversation && agent === this.#agent) return;
    this.#end();
    this.#conversation = conversation;
    this.#agent = agent;
    this.#clear(null);
  }

  /** Asks. Without a live line the whole comes at once; what goes wrong is in `failure`. */
  async ask(task: CopilotTask): Promise<void> {
    const id = this.#conversation;
    if (id === null) return;
    this.#end();
    this.#clear(task);
    this.#isBusy.set(true);
    const run = { stream: crypto.randomUUID(), abort: new AbortController() };
    this.#running = run;
    try {
      const call = this.#calls.conversations({ id }).copilot.post({ ...task, stream: run.stream }, { fetch: run.abort });
      const answer = await dataOf(call);
      if (this.#running === run) this.#answer.set(answer);
    } catch (error) {
      // Awaited: ApiFailure. Whatever a task answers that was stopped is nobody's any more.
      if (this.#running === run) this.#failure.set(asFailure(error));
    }
    if (this.#running !== run) return;
    this.#running = null;
    this.#isBusy.set(false);
  }

  /** Once more what was asked last. */
  again(): void {
    const task = this.#task();
    if (task) void this.ask(task);
  }

  /** Ends what runs; what has come so far stays. */
  stop(): void {
    if (!this.#isBusy()) return;
    this.#end();
    this.#wasStopped.set(true);
  }

  #end(): void {
    this.#running?.abort.abort();
    this.#running = null;
    this.#isBusy.set(false);
  }

  #clear(task: CopilotTask | null): void {
    this.#task.set(task);
    this.#come.set("");
    this.#answer.set(null);
    this.#failure.set(null);
    this.#wasStopped.set(false);
  }
}
