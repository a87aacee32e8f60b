/** Chooses when a message leaves, and hands it to the server: it leaves also when this computer is off. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal, viewChild } from "@angular/core";
import type { NewMessage } from "@server/features/messages/message-content.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Clock } from "../clock";
import { Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { Modal } from "../ui/modal";
import { localMoment, shortMoment } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { snoozeChoices } from "./snooze-times";

@Component({
  selector: "app-later-dialog",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Modal],
  template: `
    <app-modal [label]="t('later.heading')" look="small-dialog" (closed)="closed.emit()">
      <form class="dialog-form" (submit)="schedule($event, at.value, unless.checked)">
        <h2>{{ t("later.heading") }}</h2>
        <div class="later-quick" role="group" [attr.aria-label]="t('later.quick')">
          @for (choice of choices; track choice.id) {
            <button class="btn btn-s" type="button" (click)="at.value = choice.value; look(at.value)">{{ t(choice.word) }}</button>
          }
        </div>
        <div class="field">
          <label class="label" for="later-at">{{ t("later.at") }}</label>
          <input class="input" id="later-at" #at type="datetime-local" required autofocus [value]="first" [attr.aria-invalid]="isPast()" [attr.aria-describedby]="isPast() ? 'later-past' : null" (input)="look(at.value)" />
          @if (isPast()) {
            <span class="hint hint-bad" id="later-past" role="alert">{{ t("later.past") }}</span>
          }
        </div>
        <label class="check"><input #unless type="checkbox" checked /> {{ t("later.unlessReply") }}</label>
        @if (isAfterWindow()) {
          <p class="callout callout-warning">{{ t("later.windowCloses") }}</p>
        }
        @if (failure(); as refused) {
          <app-failure-note [failure]="refused" />
        }
        <div class="dialog-ways">
          <button class="btn" type="button" (click)="modal()?.close()">{{ t("common.cancel") }}</button>
          <button class="btn btn-primary" type="submit">{{ t("later.heading") }}</button>
        </div>
      </form>
    </app-modal>
  `,
})
export class LaterDialog {
  readonly conversation = input.required<string>();
  readonly messages = input.required<readonly NewMessage[]>();
  readonly windowExpiresAt = input<string | null>(null);
  readonly closed = output();
  readonly scheduled = output();

  protected readonly t = inject(Words).t;
  protected readonly modal = viewChild(Modal);
  readonly #calls = inject(ApiClient).calls;
  readonly #clock = inject(Clock);
  readonly #toasts = inject(Toasts);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly isPast = signal(false);
  protected readonly choices = snoozeChoices(this.#clock.now()).flatMap(({ id, word, until }) =>
    until ? [{ id, word, value: localMoment(until.getTime()) }] : [],
  );
  protected readonly first = this.choices[0]?.value ?? "";
  readonly #at = signal(this.first);
  protected readonly isAfterWindow = computed(() => {
    const end = this.windowExpiresAt();
    const at = Date.parse(this.#at());
    return !Number.isNaN(at) && (end === null || at > Date.parse(end));
  });

  protected look(value: string): void {
    this.#at.set(value);
    this.isPast.set(false);
  }

  protected async schedule(event: Event, value: string, cancelOnReply: boolean): Promise<void> {
    event.preventDefault();
    const at = Date.parse(value);
    this.isPast.set(Number.isNaN(at) || at <= this.#clock.now());
    if (this.isPast()) return;
    this.failure.set(null);
    try {
      const dueAt = new Date(at).toISOString();
      for (const content of this.messages())
        await dataOf(this.#calls.conversations({ id: this.conversation() }).scheduled.post({ dueAt, content, cancelOnReply }));
      this.#toasts.say(this.t("later.done", { time: shortMoment(at) }), "clock");
      this.scheduled.emit();
      this.modal()?.close();
    } catch (error) {
      // Awaited: ApiFailure, shown in the form; what was written stays in the composer.
      this.failure.set(asFailure(error));
    }
  }
}
