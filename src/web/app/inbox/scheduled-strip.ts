/** What waits for its time in a conversation, and the way to stop it. */
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
import type { ScheduledMessageView } from "@server/events/writing-view";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { Icon } from "../ui/icon";
import { fullTime, shortMoment } from "../ui/time-text";
import { Toasts } from "../ui/toasts";

@Component({
  selector: "app-scheduled-strip",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    @if (waiting().length > 0) {
      <ul class="scheduled" [attr.aria-label]="words.n('delivery.scheduled', waiting().length)">
        @for (one of waiting(); track one.id) {
          <li>
            <app-icon name="clock" size="icon-m" /><time class="num" [attr.datetime]="one.dueAt" [title]="fullTime(one.dueAt)">{{ shortMoment(one.dueAt) }}</time><span class="clip grow" dir="auto">{{ textOf(one) }}</span>
            <button class="ibtn ibtn-s" type="button" [attr.aria-label]="words.t('later.cancel', { text: textOf(one) })" [title]="words.t('later.cancel', { text: textOf(one) })" (click)="cancel(one)"><app-icon name="close" size="icon-m" /></button>
          </li>
        }
      </ul>
    }
  `,
})
export class ScheduledStrip {
  readonly conversation = input.required<string>();
  protected readonly words = inject(Words);
  readonly #calls = inject(ApiClient).calls;
  readonly #toasts = inject(Toasts);
  readonly #all = signal<readonly ScheduledMessageView[]>([]);
  protected readonly shortMoment = shortMoment;
  protected readonly fullTime = fullTime;
  protected readonly waiting = computed(() =>
    this.#all()
      .filter(({ state }) => state === "scheduled")
      .sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1)),
  );

  constructor() {
    effect(() => {
      const conversation = this.conversation();
      untracked(() => void this.#load(conversation));
    });
    const live = inject(LiveConnection);
    const offs = [
      live.on("scheduled-message:updated", ({ scheduled }) => {
        if (scheduled.conversation === this.conversation()) this.#put(scheduled);
      }),
      live.onGap(() => void this.#load(this.conversation())),
    ];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
    });
  }

  protected textOf({ content }: ScheduledMessageView): string {
    const { text, type } = content;
    return typeof text === "string" ? text : String(type ?? "");
  }

  protected async cancel(one: ScheduledMessageView): Promise<void> {
    try {
      this.#put(await dataOf(this.#calls.scheduled({ id: one.id }).delete()));
      this.#toasts.say(this.words.t("later.cancelled"), "check");
    } catch (error) {
      // Awaited: ApiFailure: it has just left.
      this.#toasts.say(this.words.failure(asFailure(error)), "alert");
      await this.#load(this.conversation());
    }
  }

  #put(one: ScheduledMessageView): void {
    this.#all.update((all) => [...all.filter(({ id }) => id !== one.id), one]);
  }

  async #load(conversation: string): Promise<void> {
    if (this.#all().some((one) => one.conversation !== conversation)) this.#all.set([]);
    // Awaited: ApiFailure; the thread itself says when the server is away.
    const all = await dataOf(this.#calls.conversations({ id: conversation }).scheduled.get()).catch(() => null);
    if (all && conversation === this.conversation()) this.#all.set(all);
  }
}
