/** Notes about a contact: they stay with the person, whatever the conversation. */
import { ChangeDetectionStrategy, Component, DestroyRef, effect, inject, input, signal, untracked } from "@angular/core";
import type { ContactNoteView } from "@server/events/customer-view";
import { dataOf, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { LiveConnection } from "../live/live-connection";
import { Session } from "../session/session";
import { Ticker } from "../ticker";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { fullTime, listTime } from "../ui/time-text";

@Component({
  selector: "app-contact-notes",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon],
  template: `
    <form class="note-form" (submit)="add($event, field)">
      <textarea #field class="input input-area" rows="2" maxlength="5000" dir="auto" [attr.aria-label]="t('contact.newNote')" [placeholder]="t('contact.newNote')" (keydown.control.enter)="add($event, field)" (keydown.meta.enter)="add($event, field)"></textarea>
      <button class="btn btn-s" type="submit">{{ t("common.add") }}</button>
    </form>
    @if (failure(); as refused) {
      <app-failure-note [failure]="refused" />
    }
    <ul class="notes">
      @for (note of notes(); track note.id) {
        <li class="note-card">
          <span class="note-text" dir="auto">{{ note.text }}</span>
          <span class="note-by meta">
            <span class="clip">{{ nameOf(note.author) }} · <time [title]="fullTime(note.createdAt)">{{ timeOf(note.createdAt) }}</time></span>
            @if (note.author === me()) {
              <button class="ibtn ibtn-s" type="button" [attr.aria-label]="t('message.noteDelete')" [title]="t('message.noteDelete')" (click)="remove(note)"><app-icon name="trash" size="icon-s" /></button>
            }
          </span>
        </li>
      }
    </ul>
    @if (next()) {
      <button class="btn btn-s btn-quiet" type="button" (click)="more()">{{ t("search.more") }}</button>
    }
  `,
})
export class ContactNotes {
  readonly contact = input.required<string>();
  protected readonly t = inject(Words).t;
  readonly #calls = inject(ApiClient).calls;
  readonly #directory = inject(Directory);
  readonly #session = inject(Session);
  readonly #now = inject(Ticker).now;
  protected readonly notes = signal<readonly ContactNoteView[]>([]);
  protected readonly next = signal<string | null>(null);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly fullTime = fullTime;
  protected readonly me = () => this.#session.agent()?.id;
  protected readonly nameOf = (agent: string) => this.#directory.nameOf(agent) ?? "?";
  protected readonly timeOf = (at: string) => listTime(at, this.#now());

  constructor() {
    effect(() => {
      const contact = this.contact();
      untracked(() => {
        this.notes.set([]);
        void this.#load(contact);
      });
    });
    const live = inject(LiveConnection);
    const offs = [
      live.on("contact-note:updated", ({ note }) => {
        if (note.contact === this.contact()) this.#put(note);
      }),
      live.on("contact-note:removed", ({ note }) => this.notes.update((all) => all.filter(({ id }) => id !== note))),
    ];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
    });
  }

  protected async add(event: Event, field: HTMLTextAreaElement): Promise<void> {
    event.preventDefault();
    const text = field.value.trim();
    if (!text) return;
    await this.#try(async () => {
      this.#put(await dataOf(this.#calls.contacts({ id: this.contact() }).notes.post({ text })));
      field.value = "";
    });
  }

  protected async remove(note: ContactNoteView): Promise<void> {
    await this.#try(async () => {
      await dataOf(this.#calls.contacts({ id: note.contact }).notes({ note: note.id }).delete());
      this.notes.update((all) => all.filter(({ id }) => id !== note.id));
    });
  }

  protected async more(): Promise<void> {
    const cursor = this.next();
    if (cursor) await this.#load(this.contact(), cursor);
  }

  async #load(contact: string, cursor?: string): Promise<void> {
    await this.#try(async () => {
      const page = await pageOf(
        this.#calls.contacts({ id: contact }).notes.get({ query: { limit: 20, ...(cursor ? { cursor } : {}) } }),
      );
      if (contact !== this.contact()) return;
      this.notes.update((all) => (cursor ? [...all, ...page.items] : page.items));
      this.next.set(page.next);
    });
  }

  #put(note: ContactNoteView): void {
    this.notes.update((all) => [note, ...all.filter(({ id }) => id !== note.id)].sort((a, b) => (a.id < b.id ? 1 : -1)));
  }

  async #try(work: () => Promise<void>): Promise<void> {
    this.failure.set(null);
    try {
      await work();
    } catch (error) {
      // Awaited: ApiFailure; what was written stays in the field.
      this.failure.set(asFailure(error));
    }
  }
}
