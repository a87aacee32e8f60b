/** How far a message has come: clock, one tick, two ticks, two lake ticks, or a warning; always with the word for it. */
import { ChangeDetectionStrategy, Component, computed, inject, input } from "@angular/core";
import { type WordKey, Words } from "../i18n/words";
import { Icon } from "./icon";

const LOOK: Record<string, { icon: string; word: WordKey }> = {
  queued: { icon: "clock", word: "tick.queued" },
  sending: { icon: "clock", word: "tick.sending" },
  unknown: { icon: "help", word: "tick.unknown" },
  sent: { icon: "check", word: "tick.sent" },
  delivered: { icon: "check-double", word: "tick.delivered" },
  read: { icon: "check-double", word: "tick.read" },
  played: { icon: "check-double", word: "tick.played" },
  failed: { icon: "alert", word: "tick.failed" },
  cancelled: { icon: "x-circle", word: "tick.cancelled" },
};

@Component({
  selector: "app-ticks",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `<span class="tick" [class.tick-read]="isRead()" [title]="word()"><app-icon [name]="icon()" /><span class="sr-only">{{ word() }}</span></span>`,
})
export class Ticks {
  readonly state = input.required<string>();
  readonly #words = inject(Words);
  protected readonly icon = computed(() => LOOK[this.state()]?.icon ?? "help");
  protected readonly word = computed(() => {
    const known = LOOK[this.state()];
    return known ? this.#words.t(known.word) : this.state();
  });
  protected readonly isRead = computed(() => this.state() === "read" || this.state() === "played");
}
