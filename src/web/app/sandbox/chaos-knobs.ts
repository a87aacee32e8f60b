/** The knobs that make the sandbox misbehave as the real platform sometimes does; what is turned holds for every phone. */
import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import type { ChaosSettings } from "@server/channels/whatsapp/sandbox/chaos";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type WordKey, Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";

type Share = "duplicates" | "reorder" | "skipDelivered";
type Flag = "hideNumbers" | "statusBeforeAnswer" | "tokenExpired";

const SHARES: readonly { id: Share; word: WordKey }[] = [
  { id: "duplicates", word: "chaos.duplicates" },
  { id: "reorder", word: "chaos.reorder" },
  { id: "skipDelivered", word: "chaos.skipDelivered" },
];
const FLAGS: readonly { id: Flag; word: WordKey }[] = [
  { id: "hideNumbers", word: "chaos.hideNumbers" },
  { id: "statusBeforeAnswer", word: "chaos.statusBeforeAnswer" },
  { id: "tokenExpired", word: "chaos.tokenExpired" },
];
const FAULTS: readonly ChaosSettings["fault"][] = [
  "none",
  "429",
  "500",
  "503",
  "html",
  "timeout",
  "timeout-after-accept",
  "reset-after-accept",
];

@Component({
  selector: "app-chaos-knobs",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote],
  template: `
    <details class="chaos" (toggle)="open($any($event).target.open)">
      <summary>{{ t("chaos.heading") }}</summary>
      @if (knobs(); as now) {
        @for (share of shares; track share.id) {
          <div class="knob">
            <label [for]="'chaos-' + share.id">{{ t(share.word) }}</label>
            <input type="range" min="0" max="1" step="0.1" [id]="'chaos-' + share.id" [value]="now[share.id]" [attr.aria-valuetext]="percent(now[share.id])" (change)="set(share.id, +$any($event.target).value)" />
          </div>
        }
        @for (flag of flags; track flag.id) {
          <div class="knob">
            <span [id]="'chaos-' + flag.id">{{ t(flag.word) }}</span>
            <button class="switch" type="button" role="switch" [attr.aria-labelledby]="'chaos-' + flag.id" [attr.aria-checked]="now[flag.id]" (click)="set(flag.id, !now[flag.id])"></button>
          </div>
        }
        <div class="knob">
          <label for="chaos-fault">{{ t("chaos.fault") }}</label>
          <select class="input input-small" id="chaos-fault" (change)="turn({ fault: $any($event.target).value })">
            @for (fault of faults; track fault) {
              <option [value]="fault" [selected]="fault === now.fault">{{ fault === "none" ? t("common.none") : fault }}</option>
            }
          </select>
        </div>
        <div class="knob">
          <label for="chaos-delay">{{ t("chaos.statusDelay") }}</label>
          <input class="input input-small chaos-number" id="chaos-delay" type="number" min="0" max="600000" step="500" [value]="now.statusDelayMs" (change)="turn({ statusDelayMs: +$any($event.target).value })" />
        </div>
        <div class="knob">
          <label for="chaos-error">{{ t("chaos.errorCode") }}</label>
          <input class="input input-small chaos-number" id="chaos-error" type="number" min="0" [value]="now.errorCode ?? ''" (change)="turn({ errorCode: $any($event.target).value === '' ? null : +$any($event.target).value })" />
        </div>
        <button class="btn btn-s" type="button" (click)="calm()">{{ t("chaos.calm") }}</button>
      }
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" />
      }
    </details>
  `,
})
export class ChaosKnobs {
  protected readonly t = inject(Words).t;
  readonly #chaos = inject(ApiClient).calls.sandbox.chaos;
  protected readonly deed = new Deed();
  protected readonly knobs = signal<ChaosSettings | null>(null);
  protected readonly shares = SHARES;
  protected readonly flags = FLAGS;
  protected readonly faults = FAULTS;
  protected readonly percent = (share: number): string => `${Math.round(share * 100)} %`;

  protected async open(isOpen: boolean): Promise<void> {
    if (isOpen) await this.deed.run(async () => this.knobs.set(await dataOf(this.#chaos.get())));
  }

  protected async turn(change: Partial<ChaosSettings>): Promise<void> {
    await this.deed.run(async () => this.knobs.set(await dataOf(this.#chaos.put(change))));
  }

  protected async set(knob: Share | Flag, value: number | boolean): Promise<void> {
    await this.turn({ [knob]: value });
  }

  protected async calm(): Promise<void> {
    await this.turn({
      duplicates: 0,
      reorder: 0,
      skipDelivered: 0,
      hideNumbers: false,
      statusBeforeAnswer: false,
      tokenExpired: false,
      fault: "none",
      statusDelayMs: 0,
      errorCode: null,
    });
  }
}
