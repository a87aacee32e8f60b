/** Where the links of mails lead: accept an invitation, or set a new password; and where one asks for such a link. */
import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  type ElementRef,
  inject,
  input,
  type OnInit,
  signal,
  viewChild,
} from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { PasswordField } from "./password-field";
import { Session } from "./session";
import { SignInFrame } from "./sign-in-frame";

export type PasswordTask = "accept" | "reset" | "forgot";

@Component({
  selector: "app-password-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, PasswordField, RouterLink, SignInFrame],
  templateUrl: "./password-page.html",
})
export class PasswordPage implements OnInit {
  /** From the route. */
  readonly task = input.required<PasswordTask>();

  protected readonly t = inject(Words).t;
  readonly #session = inject(Session);
  readonly #router = inject(Router);
  private readonly first = viewChild<ElementRef<HTMLInputElement>>("first");
  private readonly password = viewChild(PasswordField);
  /** Behind the sign #, which no server sees; taken out of the address so that nobody reads it there. */
  readonly #token = location.hash.slice(1);

  protected readonly invited = signal<{ email: string; name: string } | null>(null);
  protected readonly isBusy = signal(false);
  protected readonly isDone = signal(false);
  /** Fields that are empty although they must not be. */
  protected readonly isMissing = signal(false);
  protected readonly failure = signal<ApiFailure | null>(null);

  constructor() {
    if (this.#token) history.replaceState(history.state, "", location.pathname);
    afterNextRender(() => (this.first() ? this.first()?.nativeElement.focus() : this.password()?.select()));
  }

  ngOnInit(): void {
    if (this.task() === "accept") void this.#look();
  }

  protected get isBroken(): boolean {
    return this.task() !== "forgot" && this.#token === "";
  }

  protected async ask(event: Event, email: string): Promise<void> {
    event.preventDefault();
    this.isMissing.set(email.trim() === "");
    if (this.isMissing()) return;
    await this.#try(async () => {
      await this.#session.forgot(email.trim());
      this.isDone.set(true);
    });
  }

  protected async set(event: Event): Promise<void> {
    event.preventDefault();
    const password = this.password()?.value ?? "";
    this.isMissing.set(password === "");
    if (this.isMissing()) return;
    await this.#try(async () => {
      await this.#session.resetPassword(this.#token, password);
      this.isDone.set(true);
    });
  }

  protected async accept(event: Event, name: string): Promise<void> {
    event.preventDefault();
    const password = this.password()?.value ?? "";
    this.isMissing.set(name.trim() === "" || password === "");
    if (this.isMissing()) return;
    await this.#try(async () => {
      await this.#session.accept(this.#token, { name: name.trim(), password });
      await this.#router.navigateByUrl("/");
    });
  }

  async #look(): Promise<void> {
    if (this.isBroken) return;
    await this.#try(async () => this.invited.set(await this.#session.lookInvitation(this.#token)));
  }

  async #try(work: () => Promise<void>): Promise<void> {
    if (this.isBusy()) return;
    this.isBusy.set(true);
    this.failure.set(null);
    try {
      await work();
    } catch (error) {
      // Awaited: ApiFailure: the link has ended, the password is too short, or the role needs a second factor before one is in.
      const failure = asFailure(error);
      const challenge = failure.details.find(({ path }) => path === "challenge")?.message;
      if (challenge) await this.#router.navigateByUrl(`/sign-in#${new URLSearchParams({ code: failure.code, challenge })}`);
      else this.failure.set(failure);
    } finally {
      this.isBusy.set(false);
    }
  }
}
