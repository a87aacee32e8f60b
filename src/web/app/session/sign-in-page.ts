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
import { Router, RouterLink } from "@angular/router";
import { ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { PasswordField } from "./password-field";
import { SecondFactorStep } from "./second-factor-step";
import { Session } from "./session";
import { returnAddress } from "./session.guard";
import { SignInFrame } from "./sign-in-frame";

type StepCode = "auth.second-factor-required" | "auth.second-factor-setup";
interface Pending {
  code: StepCode;
  challenge: string;
}

const isStep = (code: string): code is StepCode => code === "auth.second-factor-required" || code === "auth.second-factor-setup";

@Component({
  selector: "app-sign-in-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, PasswordField, RouterLink, SecondFactorStep, SignInFrame],
  templateUrl: "./sign-in-page.html",
})
export class SignInPage {
  protected readonly session = inject(Session);
  protected readonly t = inject(Words).t;
  readonly #router = inject(Router);
  private readonly emailField = viewChild<ElementRef<HTMLInputElement>>("email");
  private readonly passwordField = viewChild(PasswordField);

  /** From the address: where the agent wanted to go. */
  readonly to = input<string>();

  /** A sign-in that is not complete yet: what the server wants besides the password. */
  protected readonly pending = signal<Pending | null>(null);
  protected readonly hasSingleSignOn = signal(false);
  protected readonly isBusy = signal(false);
  protected readonly failure = signal<ApiFailure | null>(null);
  /** Fields that are empty although they must not be, named after the first try only. */
  protected readonly missing = signal<{ email: boolean; password: boolean }>({ email: false, password: false });

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
      this.passwordField()?.select();
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
