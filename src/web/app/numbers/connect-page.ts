/** Connecting a WhatsApp number, step by step; the same steps look after one that is connected. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  inject,
  input,
  signal,
  untracked,
} from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import type { ChannelView } from "@server/events/view";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { type WordKey, Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { Permissions } from "../settings/permissions";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { AccessStep, type Connected } from "./access-step";
import { ProfileStep } from "./profile-step";
import { WebhookStep } from "./webhook-step";

const STEPS = ["access", "webhook", "profile"] as const;
type Step = (typeof STEPS)[number];

const TITLES: Readonly<Record<Step, { name: WordKey; heading: WordKey; text: WordKey }>> = {
  access: { name: "connect.stepAccess", heading: "connect.headingAccess", text: "connect.textAccess" },
  webhook: { name: "connect.stepWebhook", heading: "connect.headingWebhook", text: "connect.textWebhook" },
  profile: { name: "connect.stepProfile", heading: "connect.headingProfile", text: "connect.textProfile" },
};

@Component({
  selector: "app-connect-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [AccessStep, FailurePage, Icon, ProfileStep, RouterLink, WebhookStep],
  templateUrl: "./connect-page.html",
})
export class ConnectPage {
  /** From the address: the number; none: a new one. */
  readonly id = input<string>();
  /** From the address: where to go on. */
  readonly step = input<string>();

  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  readonly #channels = inject(ApiClient).calls.channels;
  readonly #router = inject(Router);
  readonly #permissions = inject(Permissions);
  protected readonly mayManage = computed(() => this.#permissions.may("channels.manage"));
  protected readonly channel = signal<ChannelView | null>(null);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly verifyToken = signal<string | null>(null);
  protected readonly result = signal<{ passed: number; all: number } | null>(null);
  protected readonly steps = STEPS;
  protected readonly titles = TITLES;
  protected readonly current = computed((): Step => {
    if (!this.id()) return "access";
    return STEPS.find((one) => one === this.step()) ?? "webhook";
  });
  protected readonly place = computed(() => STEPS.indexOf(this.current()));
  protected readonly hasNext = computed(() => this.place() + 1 < STEPS.length);

  constructor() {
    effect(() => {
      const id = this.id();
      untracked(() => void this.load(id));
    });
    inject(DestroyRef).onDestroy(
      inject(LiveConnection).on("channel:updated", ({ channel }) => {
        if (channel.id === this.channel()?.id) this.channel.set(channel);
      }),
    );
  }

  protected aboutStep(step: Step): string {
    const channel = this.channel();
    const result = this.result();
    if (step === "access")
      return channel ? channel.name || channel.displayNumber || channel.phoneNumberId : this.t("connect.aboutAccess");
    if (step === "webhook" && result) return this.t("connect.passed", { passed: result.passed, all: result.all });
    return this.t(step === "webhook" ? "connect.aboutWebhook" : "connect.aboutProfile");
  }

  protected isDone(step: Step): boolean {
    const result = this.result();
    if (step === "access") return this.channel()?.token.isValid === true;
    return step === "webhook" && result !== null && result.passed === result.all;
  }

  protected finish({ channel, verifyToken }: Connected): void {
    this.channel.set(channel);
    if (verifyToken) this.verifyToken.set(verifyToken);
    this.go("webhook", channel.id);
  }

  protected go(step: Step, id = this.id()): void {
    void this.#router.navigate(["/numbers/connect", ...(id ? [id] : [])], { queryParams: { step } });
  }

  protected async load(id = this.id()): Promise<void> {
    this.failure.set(null);
    if (this.channel()?.id === id) return;
    this.result.set(null);
    this.verifyToken.set(null);
    if (!id) return this.channel.set(null);
    try {
      this.channel.set(await dataOf(this.#channels({ id }).get()));
    } catch (error) {
      // Awaited: ApiFailure, shown with a way to try again.
      this.failure.set(asFailure(error));
    }
  }
}
