/** Sends that failed, or that nobody has confirmed: with the way to the conversation, and a person's decision. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  inject,
  input,
  signal,
  untracked,
} from "@angular/core";
import type { MessageView } from "@server/events/view";
import { type Page, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type WordKey, Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { AttentionStore } from "./attention-store";
import { UndeliveredRow } from "./undelivered-row";

const PAGE = 25;

@Component({
  selector: "app-undelivered-card",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, UndeliveredRow],
  template: `
    <section class="card" [attr.data-sends]="state()">
      <h2>{{ t(word("heading")) }}</h2>
      <p class="card-text">{{ t(word("text")) }}</p>
      <ul class="rows">
        @for (one of messages(); track one.id) {
          <li><app-undelivered-row [message]="one" [name]="names().get(one.conversation) ?? null" (decided)="remove(one.id)" /></li>
        } @empty {
          <li class="meta">{{ t(isLoaded() ? word("none") : "attention.looking") }}</li>
        }
      </ul>
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" [retryLabel]="t('common.tryAgain')" (retry)="load()" />
      }
      @if (next(); as cursor) {
        <p class="form-ways"><button class="btn btn-s" type="button" (click)="more(cursor)">{{ t("search.more") }}</button></p>
      }
    </section>
  `,
})
export class UndeliveredCard {
  readonly state = input.required<"unknown" | "failed">();
  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  readonly #attention = inject(AttentionStore);
  protected readonly deed = new Deed();
  protected readonly messages = signal<readonly MessageView[]>([]);
  protected readonly next = signal<string | null>(null);
  protected readonly names = signal<ReadonlyMap<string, string>>(new Map());
  protected readonly isLoaded = signal(false);
  readonly #ids = computed(() => new Set(this.messages().map(({ id }) => id)));
  protected readonly word = (part: "heading" | "text" | "none"): WordKey => `attention.${this.state()}.${part}`;

  constructor() {
    effect(() => {
      this.state();
      untracked(() => void this.load());
    });
    const off = inject(LiveConnection).on("message:status", ({ message, delivery }) => {
      const isOurs = this.#ids().has(message);
      if (isOurs || delivery?.state === this.state()) void this.load();
    });
    inject(DestroyRef).onDestroy(off);
  }

  protected async load(): Promise<void> {
    await this.deed.run(async () => {
      const page = await this.#page();
      this.messages.set(page.items);
      this.next.set(page.next);
      this.isLoaded.set(true);
      await this.#nameThem(page.items);
    });
  }

  protected async more(cursor: string): Promise<void> {
    await this.deed.run(async () => {
      const page = await this.#page(cursor);
      this.messages.update((all) => [...all, ...page.items]);
      this.next.set(page.next);
      await this.#nameThem(page.items);
    });
  }

  protected remove(id: string): void {
    this.messages.update((all) => all.filter((one) => one.id !== id));
    void this.#attention.load();
  }

  #page(cursor?: string): Promise<Page<MessageView[]>> {
    return pageOf(this.#api.calls.deliveries.get({ query: { state: this.state(), limit: PAGE, ...(cursor ? { cursor } : {}) } }));
  }

  /** Whom the messages are for. */
  async #nameThem(messages: readonly MessageView[]): Promise<void> {
    const wanted = [...new Set(messages.map(({ conversation }) => conversation))].filter((id) => !this.names().has(id));
    // Awaited: ApiFailure; the row then says what is sent, not to whom.
    const found = await Promise.all(wanted.map((id) => this.#api.getConversation(id).catch(() => null)));
    this.names.update((before) => {
      const names = new Map(before);
      for (const one of found) if (one) names.set(one.id, one.contact.name);
      return names;
    });
  }
}
