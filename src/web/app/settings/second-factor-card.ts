/** The second factor: turned on with an authenticator app, turned off with password and code; recovery codes shown once. */
import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import { encode } from "uqr";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Session } from "../session/session";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";

/** The dark squares of a QR code as one path on a grid of `size`. */
export function qrPath(text: string): { size: number; path: string } {
  const { size, data } = encode(text, { border: 2 });
  const path = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return { size, path };
}

@Component({
  selector: "app-second-factor-card",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote],
  template: `
    <section class="card" aria-labelledby="factor-heading">
      <div class="card-head">
        <h2 id="factor-heading" class="grow">{{ t("factor.about") }}</h2>
        <span class="chip" [class.chip-success]="isOn()">{{ t(isOn() ? "factor.on" : "factor.off") }}</span>
      </div>
      <p class="card-text">{{ t("factor.aboutText") }}</p>
      @if (codes(); as all) {
        <div class="stack" role="status">
          <p><b>{{ t("factor.codes") }}</b></p>
          <ul class="codes">
            @for (code of all; track code) {
              <li>{{ code }}</li>
            }
          </ul>
          <button class="btn" type="button" (click)="codes.set(null)">{{ t("factor.kept") }}</button>
        </div>
      } @else if (setup(); as begun) {
        <form class="form-grid" (submit)="confirm($event, code.value)">
          <p class="card-text">{{ t("factor.scan") }}</p>
          <svg class="qr" role="img" [attr.aria-label]="t('factor.qr')" [attr.viewBox]="'0 0 ' + begun.qr.size + ' ' + begun.qr.size" shape-rendering="crispEdges"><path fill="currentColor" [attr.d]="begun.qr.path" /></svg>
          <p class="secret">{{ begun.secret }}</p>
          <div class="form-row">
            <div class="field"><label class="label" for="factor-code">{{ t("factor.code") }}</label><input #code class="input" id="factor-code" inputmode="numeric" autocomplete="one-time-code" required maxlength="6" /></div>
            <button class="btn btn-primary" type="submit">{{ t("factor.turnOn") }}</button>
            <button class="btn" type="button" (click)="setup.set(null)">{{ t("common.cancel") }}</button>
          </div>
        </form>
      } @else if (isOn()) {
        <form class="form-grid" (submit)="$event.preventDefault()">
          <div class="form-row">
            <div class="field"><label class="label" for="factor-password">{{ t("signIn.password") }}</label><input #password class="input" id="factor-password" type="password" autocomplete="current-password" maxlength="200" /></div>
            <div class="field"><label class="label" for="factor-off-code">{{ t("factor.code") }}</label><input #off class="input" id="factor-off-code" inputmode="numeric" autocomplete="one-time-code" maxlength="24" /></div>
            <button class="btn" type="button" (click)="renew(off.value)">{{ t("factor.newCodes") }}</button>
            <button class="btn" type="button" (click)="remove(password.value, off.value)">{{ t("factor.turnOff") }}</button>
          </div>
        </form>
      } @else {
        <button class="btn" type="button" (click)="begin()">{{ t("factor.turnOn") }}</button>
      }
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" />
      }
    </section>
  `,
})
export class SecondFactorCard {
  protected readonly t = inject(Words).t;
  readonly #factor = inject(ApiClient).calls.auth["second-factor"];
  readonly #session = inject(Session);
  protected readonly deed = new Deed();
  protected readonly setup = signal<{ secret: string; qr: ReturnType<typeof qrPath> } | null>(null);
  protected readonly codes = signal<readonly string[] | null>(null);
  /** What was changed here; the session knows the state of its beginning. */
  readonly #changed = signal<boolean | null>(null);
  protected readonly isOn = computed(() => this.#changed() ?? this.#session.agent()?.hasSecondFactor ?? false);

  protected async begin(): Promise<void> {
    await this.deed.run(async () => {
      const { secret, uri } = await dataOf(this.#factor.post());
      this.setup.set({ secret, qr: qrPath(uri) });
    });
  }

  protected async confirm(event: Event, code: string): Promise<void> {
    event.preventDefault();
    await this.deed.run(async () => {
      const { recoveryCodes } = await dataOf(this.#factor.confirm.post({ code: code.trim() }));
      this.codes.set(recoveryCodes);
      this.setup.set(null);
      this.#changed.set(true);
    });
  }

  protected async renew(code: string): Promise<void> {
    await this.deed.run(async () => {
      const { recoveryCodes } = await dataOf(this.#factor["recovery-codes"].post({ code: code.trim() }));
      this.codes.set(recoveryCodes);
    });
  }

  protected async remove(password: string, code: string): Promise<void> {
    const isDone = await this.deed.run(() => dataOf(this.#factor.delete({ password, code: code.trim() })));
    if (isDone) this.#changed.set(false);
  }
}
