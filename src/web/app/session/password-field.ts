/** A password that is being written, and a button that shows it. */
import { ChangeDetectionStrategy, Component, type ElementRef, inject, input, signal, viewChild } from "@angular/core";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";

@Component({
  selector: "app-password-field",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <div class="field">
      <label class="label" for="password">{{ label() }}</label>
      <span class="password">
        <input
          #password
          class="input input-l"
          id="password"
          [type]="isShown() ? 'text' : 'password'"
          [autocomplete]="autocomplete()"
          spellcheck="false"
          autocapitalize="none"
          [attr.aria-invalid]="isMissing() || isWrong()"
          [attr.aria-describedby]="isMissing() ? 'password-missing' : null"
        />
        <button
          class="ibtn"
          type="button"
          [attr.aria-label]="t('signIn.show')"
          [attr.aria-pressed]="isShown()"
          [title]="t(isShown() ? 'signIn.hide' : 'signIn.show')"
          (click)="isShown.set(!isShown())"
        >
          <app-icon [name]="isShown() ? 'lock' : 'eye'" />
        </button>
      </span>
      @if (isMissing()) {
        <span class="hint hint-bad" id="password-missing"><app-icon name="alert" size="icon-s" />{{ t("signIn.passwordMissing") }}</span>
      }
    </div>
  `,
})
export class PasswordField {
  readonly label = input.required<string>();
  readonly autocomplete = input.required<"current-password" | "new-password">();
  /** It is empty although it must not be. */
  readonly isMissing = input(false);
  /** The server did not like it. */
  readonly isWrong = input(false);
  protected readonly t = inject(Words).t;
  protected readonly isShown = signal(false);
  private readonly field = viewChild.required<ElementRef<HTMLInputElement>>("password");

  get value(): string {
    return this.field().nativeElement.value;
  }

  select(): void {
    this.field().nativeElement.select();
    this.field().nativeElement.focus();
  }
}
