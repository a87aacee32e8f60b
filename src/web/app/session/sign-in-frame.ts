/** What all pages around signing in have in common: the logo, a heading, room for a form, the language, and the woven band beside it. */
import { ChangeDetectionStrategy, Component, inject, input } from "@angular/core";
import { LANGUAGE_NAMES, LANGUAGES } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Logo } from "../ui/logo";
import { Weave } from "../ui/weave";

@Component({
  selector: "app-sign-in-frame",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Logo, Weave],
  template: `
    <main class="sign-in">
      <section class="sign-in-side">
        <div class="sign-in-form">
          <app-logo [wordmark]="true" [height]="34" />
          <div>
            <h1>{{ heading() }}</h1>
            <p class="text-ink-2">{{ text() }}</p>
          </div>
          <ng-content />
          <div class="seg" role="group" [attr.aria-label]="words.t('menu.language')">
            @for (one of languages; track one) {
              <button type="button" [attr.aria-pressed]="words.language() === one" [attr.lang]="one" (click)="words.choose(one)">{{ names[one] }}</button>
            }
          </div>
        </div>
      </section>
      <section class="sign-in-art" aria-hidden="true">
        <div class="bands">
          @for (opacity of bands; track $index) {
            <app-weave [width]="760" [opacity]="opacity" />
          }
        </div>
      </section>
    </main>
  `,
})
export class SignInFrame {
  readonly heading = input.required<string>();
  readonly text = input.required<string>();
  protected readonly words = inject(Words);
  protected readonly languages = LANGUAGES;
  protected readonly names = LANGUAGE_NAMES;
  /** The five bands fade towards the sides. */
  protected readonly bands = [0.5, 0.75, 1, 0.75, 0.5];
}
