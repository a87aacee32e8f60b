/** What happened with a contact over all conversations, the newest first. */
import { ChangeDetectionStrategy, Component, effect, inject, input, signal, untracked } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { TimelineEntry } from "@server/features/contact-timeline/contact-timeline.schema";
import { pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { type WordKey, Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { Ticker } from "../ticker";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { fullTime, listTime } from "../ui/time-text";

const ICON: Record<TimelineEntry["kind"], string> = {
  created: "person-plus",
  changed: "edit",
  "opted-in": "check-circle",
  "opted-out": "x-circle",
  blocked: "lock",
  unblocked: "undo",
  merged: "merge",
  unmerged: "branch",
  imported: "upload",
  "conversation-opened": "inbox",
  "conversation-resolved": "check-circle",
  activity: "pulse",
};

@Component({
  selector: "app-contact-timeline",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, RouterLink],
  template: `
    @if (failure(); as refused) {
      <app-failure-note [failure]="refused" />
    }
    <ol class="timeline">
      @for (entry of entries(); track entry.id) {
        <li>
          <app-icon [name]="icon(entry)" size="icon-m" />
          <span class="min-w-0 grow">
            @if (entry.conversation) {
              <a class="timeline-link" [routerLink]="['/conversations', entry.conversation]" dir="auto">{{ textOf(entry) }}</a>
            } @else {
              <span dir="auto">{{ textOf(entry) }}</span>
            }
            <span class="block meta">{{ byOf(entry) }}<time [attr.datetime]="entry.at" [title]="fullTime(entry.at)">{{ timeOf(entry.at) }}</time></span>
          </span>
        </li>
      }
    </ol>
    @if (next()) {
      <button class="btn btn-s btn-quiet" type="button" (click)="more()">{{ t("search.more") }}</button>
    }
  `,
})
export class ContactTimeline {
  readonly contact = input.required<string>();
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  readonly #calls = inject(ApiClient).calls;
  readonly #directory = inject(Directory);
  readonly #now = inject(Ticker).now;
  protected readonly entries = signal<readonly TimelineEntry[]>([]);
  protected readonly next = signal<string | null>(null);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly fullTime = fullTime;
  protected readonly icon = ({ kind }: TimelineEntry) => ICON[kind];
  protected readonly timeOf = (at: string) => listTime(at, this.#now());

  constructor() {
    effect(() => {
      const contact = this.contact();
      untracked(() => {
        this.entries.set([]);
        void this.#load(contact);
      });
    });
  }

  protected textOf({ kind, text }: TimelineEntry): string {
    return kind === "activity" ? text : this.t(`timeline.${kind}` as WordKey);
  }

  protected byOf({ by, kind }: TimelineEntry): string {
    const name = kind === "activity" ? null : this.#directory.nameOf(by);
    return name ? `${name} · ` : "";
  }

  protected async more(): Promise<void> {
    const cursor = this.next();
    if (cursor) await this.#load(this.contact(), cursor);
  }

  async #load(contact: string, cursor?: string): Promise<void> {
    this.failure.set(null);
    try {
      const query = { limit: 15, ...(cursor ? { cursor } : {}) };
      const page = await pageOf(this.#calls.contacts({ id: contact }).timeline.get({ query }));
      if (contact !== this.contact()) return;
      this.entries.update((all) => (cursor ? [...all, ...page.items] : page.items));
      this.next.set(page.next);
    } catch (error) {
      // Awaited: ApiFailure.
      this.failure.set(asFailure(error));
    }
  }
}
