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
import { ApiFailure, asFailure } from "../api/api-failure";
import { LANGUAGE_NAMES, LANGUAGES } from "../i18n/locale";
import { Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { Logo } from "../ui/logo";
import { Weave } from "../ui/weave";
import { SecondFactorStep } from "./second-factor-step";
import { Session } from "./session";
import { returnAddress } from "./session.guard";

type StepCode = "auth.second-factor-required" | "auth.second-factor-setup";
interface Pending {
  code: StepCode;
  challenge: string;
}

const isStep = (code: string): code is StepCode => code === "auth.second-factor-required" || code === "auth.second-factor-setup";

@Component({
  selector: "app-sign-in-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, Logo, SecondFactorStep, Weave],
  templateUrl: "./sign-in-page.html",
})
export class SignInPage {
  protected readonly session = inject(Session);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly languages = LANGUAGES;
  protected readonly names = LANGUAGE_NAMES;
  readonly #router = inject(Router);
  private readonly emailField = viewChild<ElementRef<HTMLInputElement>>("email");
  private readonly passwordField = viewChild<ElementRef<HTMLInputElement>>("password");

  /** From the address: where the agent wanted to go. */
  readonly to = input<string>();

  /** A sign-in that is not complete yet: what the server wants besides the password. */
  protected readonly pending = signal<Pending | null>(null);
  protected readonly hasSingleSignOn = signal(false);
  protected readonly isShown = signal(false);
  protected readonly isBusy = signal(false);
  protected readonly failure = signal<ApiFailure | null>(null);
  /** Fields that are empty although they must not be, named after the first try only. */
  protected readonly missing = signal<{ email: boolean; password: boolean }>({ email: false, password: false });
  /** The five bands fade towards the sides. */
  protected readonly bands = [0.5, 0.75, 1, 0.75, 0.5];

  constructor() {
    afterNextRender(() => this.emailField()?.nativeElement.focus());
    this.#readReturn();
    void this.session.hasSingleSignOn().then((isOn) => this.hasSingleSignOn.set(isOn));
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
      await this.enter();
    } catch (error) {
      // Awaited: ApiFailure: wrong credentials, too many tries, no server, or a code is wanted too. Words stand above the form.
      const failure = asFailure(error);
      const challenge = failure.details.find(({ path }) => path === "challenge")?.message;
      if (challenge && isStep(failure.code)) return this.pending.set({ code: failure.code, challenge });
      this.failure.set(failure);
      this.passwordField()?.nativeElement.select();
      this.passwordField()?.nativeElement.focus();
    } finally {
      this.isBusy.set(false);
    }
  }

  protected async enter(): Promise<void> {
    await this.#router.navigateByUrl(returnAddress(this.to() ?? null));
  }

  /** The challenge has ended, or somebody wants to be somebody else. */
  protected startAgain(failure: ApiFailure | null): void {
    this.pending.set(null);
    this.failure.set(failure);
  }

  /** What the company's sign-in page has left behind the `#`. */
  #readReturn(): void {
    const said = new URLSearchParams(location.hash.slice(1));
    const [code, challenge, refused] = [said.get("code"), said.get("challenge"), said.get("failure")];
    if (code && challenge && isStep(code)) this.pending.set({ code, challenge });
    if (refused) this.failure.set(new ApiFailure(this.t("signIn.ssoFailed", { code: refused }), refused, 0, null));
    if (said.size > 0) history.replaceState(history.state, "", location.pathname + location.search);
  }
}
