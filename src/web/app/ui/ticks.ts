/** How far a message has come: clock, one tick, two ticks, two lake ticks, or a warning; always with the word for it. */
import { ChangeDetectionStrategy, Component, computed, input } from "@angular/core";
import { Icon } from "./icon";

const LOOK: Record<string, { icon: string; word: string }> = {
  queued: { icon: "clock", word: "waiting" },
  sending: { icon: "clock", word: "sending" },
  unknown: { icon: "help", word: "not confirmed" },
  sent: { icon: "check", word: "sent" },
  delivered: { icon: "check-double", word: "delivered" },
  read: { icon: "check-double", word: "read" },
  played: { icon: "check-double", word: "played" },
  failed: { icon: "alert", word: "failed" },
  cancelled: { icon: "x-circle", word: "cancelled" },
};

@Component({
  selector: "app-ticks",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `<span class="tick" [class.tick-read]="isRead()" [title]="look().word"><app-icon [name]="look().icon" /><span class="sr-only">{{ look().word }}</span></span>`,
})
export class Ticks {
  readonly state = input.required<string>();
  protected readonly look = computed(() => LOOK[this.state()] ?? { icon: "help", word: this.state() });
  protected readonly isRead = computed(() => this.state() === "read" || this.state() === "played");
}
