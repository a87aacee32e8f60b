/** Asks until when a conversation may rest, in words or by a date, and says which moment was understood. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal, viewChild } from "@angular/core";
import type { ConversationView } from "@server/events/view";
import { Clock } from "../clock";
import { isMonthFirst } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { Modal } from "../ui/modal";
import { fullMoment, localMoment } from "../ui/time-text";
import { ConversationDeeds } from "./conversation-deeds";
import { momentIn } from "./snooze-words";

@Component({
  selector: "app-snooze-dialog",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, Modal],
  template: `
    <app-modal [label]="t('deed.snooze')" look="small-dialog" (closed)="closed.emit()">
      @if (words.hasMore()) {
        <form class="dialog-form" (submit)="snooze($event)">
          <h2>{{ t("deed.snooze") }}</h2>
          <div class="field">
            <label class="label" for="snooze-words">{{ t("snooze.inWords") }}</label>
            <input #inWords class="input" id="snooze-words" autofocus autocomplete="off" spellcheck="false" maxlength="80" dir="auto" [placeholder]="t('snooze.example')" [attr.aria-invalid]="isUnclear()" aria-describedby="snooze-meant" (input)="read(inWords.value)" />
          </div>
          <div class="field">
            <label class="label" for="snooze-at">{{ t("snooze.exactly") }}</label>
            <input #exact class="input" id="snooze-at" type="datetime-local" [value]="exactly()" [attr.aria-invalid]="isPast()" aria-describedby="snooze-meant" (input)="choose(exact.value)" />
          </div>
          <p class="hint hint-line" id="snooze-meant" role="status" [class.hint-bad]="isUnclear() || isPast()">
            @if (isUnclear()) {
              <app-icon name="alert" size="icon-s" />{{ t("snooze.unclear") }}
            } @else if (isPast()) {
              <app-icon name="alert" size="icon-s" />{{ t("later.past") }}
            } @else if (until(); as at) {
              <app-icon name="snooze" size="icon-s" />{{ t("snooze.comesBack", { time: fullMoment(at) }) }}
            }
          </p>
          <div class="dialog-ways">
            <button class="btn" type="button" (click)="modal()?.close()">{{ t("common.cancel") }}</button>
            <button class="btn btn-primary" type="submit" [attr.aria-disabled]="!canSnooze()">{{ t("deed.snooze") }}</button>
          </div>
        </form>
      }
    </app-modal>
  `,
})
export class SnoozeDialog {
  readonly conversation = input.required<ConversationView>();
  readonly closed = output();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly fullMoment = fullMoment;
  readonly #deeds = inject(ConversationDeeds);
  readonly #clock = inject(Clock);
  protected readonly modal = viewChild(Modal);
  protected readonly until = signal<number | null>(null);
  protected readonly isUnclear = signal(false);
  protected readonly isPast = computed(() => {
    const until = this.until();
    return until !== null && until <= this.#clock.now();
  });
  protected readonly exactly = computed(() => {
    const until = this.until();
    return until === null ? "" : localMoment(until);
  });
  protected readonly canSnooze = computed(() => this.until() !== null && !this.isPast());

  constructor() {
    void this.words.more();
  }

  /** What is typed in words shows as a date, too. */
  protected read(text: string): void {
    const found = momentIn(text, this.#clock.now(), isMonthFirst());
    this.until.set(found?.getTime() ?? null);
    // Nobody is told off in the middle of a word.
    this.isUnclear.set(false);
  }

  protected choose(value: string): void {
    const at = Date.parse(value);
    this.isUnclear.set(false);
    this.until.set(Number.isNaN(at) ? null : at);
  }

  protected snooze(event: Event): void {
    event.preventDefault();
    const until = this.until();
    if (until === null) this.isUnclear.set(true);
    if (until === null || !this.canSnooze()) return;
    void this.#deeds.snooze(this.conversation(), new Date(until));
    this.modal()?.close();
  }
}
