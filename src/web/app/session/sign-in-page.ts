/** Where agents sign in: e-mail and password, an error in words, and back to the page they wanted. */
import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  type ElementRef,
  inject,
  input,
  signal,
  viewChild,
} from "@angular/core";
import { Router } from "@angular/router";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { LANGUAGE_NAMES, LANGUAGES } from "../i18n/locale";
import { Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { Logo } from "../ui/logo";
import { Weave } from "../ui/weave";
import { Session } from "./session";
import { returnAddress } from "./session.guard";

@Component({
  selector: "app-sign-in-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, Logo, Weave],
  templateUrl: "./sign-in-page.html",
})
export class SignInPage {
  protected readonly session = inject(Session);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly languages = LANGUAGES;
  protected readonly names = LANGUAGE_NAMES;
  readonly #router = inject(Router);
  private readonly emailField = viewChild.required<ElementRef<HTMLInputElement>>("email");
  private readonly passwordField = viewChild.required<ElementRef<HTMLInputElement>>("password");

  /** From the address: where the agent wanted to go. */
  readonly to = input<string>();

  protected readonly isShown = signal(false);
  protected readonly isBusy = signal(false);
  protected readonly failure = signal<ApiFailure | null>(null);
  /** Fields that are empty although they must not be, named after the first try only. */
  protected readonly missing = signal<{ email: boolean; password: boolean }>({ email: false, password: false });
  /** The five bands fade towards the sides. */
  protected readonly bands = [0.5, 0.75, 1, 0.75, 0.5];

  constructor() {
    afterNextRender(() => this.emailField().nativeElement.focus());
  }

  protected async signIn(event: Event, email: string, password: string): Promise<void> {
    event.preventDefault();
    if (this.isBusy()) return;
    this.missing.set({ email: email.trim() === "", password: password === "" });
    this.failure.set(null);
    if (this.missing().email || this.missing().password) return;
    this.isBusy.set(true);
    try {
      await this.session.signIn(email.trim(), password);
      await this.#router.navigateByUrl(returnAddress(this.to() ?? null));
    } catch (error) {
      // Awaited: ApiFailure: wrong credentials, too many tries, no server. The words stand above the form.
      this.failure.set(asFailure(error));
      this.passwordField().nativeElement.select();
      this.passwordField().nativeElement.focus();
    } finally {
      this.isBusy.set(false);
    }
  }
}
