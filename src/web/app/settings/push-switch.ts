/** Whether this device is told of mentions, assignments and new messages while no window is open. */
import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { PushDevice } from "../offline/push-device";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";

const KINDS = ["mention", "assignment", "message"] as const;

@Component({
  selector: "app-push-switch",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote],
  template: `
    <section class="card">
      <h2>{{ t("push.heading") }}</h2>
      <p class="card-text">{{ t(device.isPossible ? "push.text" : "push.impossible") }}</p>
      @if (device.isPossible) {
        <div class="setting">
          <span class="label" id="push-on">{{ t("push.thisDevice") }}</span>
          <button class="switch" type="button" role="switch" aria-labelledby="push-on" [attr.aria-checked]="device.isOn()" (click)="toggle()"></button>
        </div>
        @if (device.isOn()) {
          @for (kind of kinds; track kind) {
            <div class="setting">
              <span class="label" [id]="'push-' + kind">{{ t(kindWord(kind)) }}</span>
              <button class="switch" type="button" role="switch" [attr.aria-labelledby]="'push-' + kind" [attr.aria-checked]="device.kinds().has(kind)" (click)="toggleKind(kind)"></button>
            </div>
          }
          <div class="form-ways"><button class="btn" type="button" (click)="test()">{{ t("push.test") }}</button></div>
        }
      }
      @if (refused()) {
        <p class="hint hint-bad" role="alert">{{ t("push.refused") }}</p>
      }
      @if (deed.failure(); as failure) {
        <app-failure-note [failure]="failure" />
      }
    </section>
  `,
})
export class PushSwitch {
  protected readonly t = inject(Words).t;
  protected readonly device = inject(PushDevice);
  readonly #calls = inject(ApiClient).calls;
  protected readonly deed = new Deed();
  protected readonly kinds = KINDS;
  protected readonly refused = signal(false);
  protected readonly kindWord = (kind: (typeof KINDS)[number]) => `push.${kind}` as const;

  protected async toggle(): Promise<void> {
    this.refused.set(false);
    await this.deed.run(async () => {
      if (this.device.isOn()) await this.device.turnOff();
      else this.refused.set(!(await this.device.turnOn()));
    });
  }

  protected async toggleKind(kind: (typeof KINDS)[number]): Promise<void> {
    await this.deed.run(() => this.device.toggleKind(kind));
  }

  protected async test(): Promise<void> {
    await this.deed.run(() => dataOf(this.#calls.push.test.post()));
  }
}
