/** What a sign-in wants besides the password: a code of the authenticator app; or, for roles that need one, setting the app up first. */
import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  type ElementRef,
  effect,
  inject,
  input,
  output,
  signal,
  viewChild,
} from "@angular/core";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { Session } from "./session";

@Component({
  selector: "app-second-factor-step",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote],
  template: `
    @if (recovery(); as kept) {
      <div class="factor">
        <h2>{{ t("factor.recoveryHeading") }}</h2>
        <p class="text-ink-2">{{ t("factor.recoveryText") }}</p>
        <ul class="recovery mono">
          @for (code of kept.codes; track code) {
            <li>{{ code }}</li>
          }
        </ul>
        <button class="btn btn-primary btn-l" type="button" (click)="goIn(kept.enter)">{{ t("factor.kept") }}</button>
      </div>
    } @else {
      <form class="factor" novalidate (submit)="send($event, code.value)">
        <h2>{{ t(isSetup() ? "factor.setupHeading" : "factor.heading") }}</h2>
        <p class="text-ink-2">{{ t(isSetup() ? "factor.setupText" : "factor.text") }}</p>
        @if (secret(); as found) {
          <p class="recovery mono">{{ found.secret }}</p>
          <a class="btn" [href]="found.uri">{{ t("factor.openApp") }}</a>
        }
        @if (failure(); as refused) {
          <app-failure-note [failure]="refused" />
        }
        <div class="field">
          <label class="label" for="factor-code">{{ t("factor.code") }}</label>
          <input #code class="input input-l num" id="factor-code" autocomplete="one-time-code" inputmode="text" maxlength="24" spellcheck="false" autocapitalize="none" />
        </div>
        <button class="btn btn-primary btn-l" type="submit" [attr.aria-disabled]="isBusy() || null">{{ t("signIn.do") }}</button>
        <button class="btn btn-quiet" type="button" (click)="left.emit(null)">{{ t("factor.back") }}</button>
      </form>
    }
  `,
})
export class SecondFactorStep {
  readonly challenge = input.required<string>();
  readonly isSetup = input.required<boolean>();
  readonly entered = output();
  /** Back to the password, with the reason when there is one. */
  readonly left = output<ApiFailure | null>();

  protected readonly t = inject(Words).t;
  readonly #session = inject(Session);
  private readonly field = viewChild<ElementRef<HTMLInputElement>>("code");
  protected readonly isBusy = signal(false);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly secret = signal<{ secret: string; uri: string } | null>(null);
  protected readonly recovery = signal<{ codes: string[]; enter: () => void } | null>(null);

  constructor() {
    afterNextRender(() => this.field()?.nativeElement.focus());
    effect(() => {
      if (this.isSetup()) void this.#begin(this.challenge());
    });
  }

  protected async send(event: Event, code: string): Promise<void> {
    event.preventDefault();
    if (this.isBusy() || code.trim() === "") return;
    this.isBusy.set(true);
    this.failure.set(null);
    try {
      if (this.isSetup()) {
        const { recoveryCodes, enter } = await this.#session.finishSetup(this.challenge(), code.trim());
        this.recovery.set({ codes: recoveryCodes, enter });
      } else {
        await this.#session.verify(this.challenge(), code.trim());
        this.entered.emit();
      }
    } catch (error) {
      // Awaited: ApiFailure: a wrong code is tried again here, a challenge that has ended needs the password again.
      const failure = asFailure(error);
      if (failure.code === "auth.challenge-ended") this.left.emit(failure);
      else this.failure.set(failure);
      this.field()?.nativeElement.select();
    } finally {
      this.isBusy.set(false);
    }
  }

  protected goIn(enter: () => void): void {
    enter();
    this.entered.emit();
  }

  async #begin(challenge: string): Promise<void> {
    try {
      this.secret.set(await this.#session.beginSetup(challenge));
    } catch (error) {
      // Awaited: ApiFailure: the challenge has ended.
      this.left.emit(asFailure(error));
    }
  }
}
