/** The second step: what Meta's webhook form wants, and every check with what it found and the way on. It watches until all of them hold. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  inject,
  input,
  linkedSignal,
  output,
  signal,
} from "@angular/core";
import type { ChannelView } from "@server/events/view";
import type { WebhookDoor } from "@server/features/channels/channel.schema";
import { dataOf, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type Cancelable, Clock } from "../clock";
import { type WordKey, Words } from "../i18n/words";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { listTime, shortMoment } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { type Check, type CheckId, checksOf, newVerifyToken } from "./channel-checks";

type OneChannel = ReturnType<ApiClient["calls"]["channels"]>;

const LOOK_AGAIN_MS = 2_500;

const TITLES: Readonly<Record<CheckId, WordKey>> = {
  token: "connect.checkToken",
  permissions: "connect.checkPermissions",
  number: "connect.checkNumber",
  subscribed: "connect.checkSubscribed",
  verified: "connect.checkVerified",
  message: "connect.checkMessage",
};

@Component({
  selector: "app-webhook-step",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon],
  templateUrl: "./webhook-step.html",
})
export class WebhookStep {
  readonly channel = input.required<ChannelView>();
  /** The verify token as it was set just now; null: it is not told again. */
  readonly verifyToken = input.required<string | null>();
  readonly changed = output<ChannelView>();
  readonly passed = output<{ passed: number; all: number }>();
  readonly toAccess = output();

  protected readonly t = inject(Words).t;
  readonly #calls = inject(ApiClient).calls;
  readonly #clock = inject(Clock);
  readonly #now = inject(Ticker).now;
  readonly #toasts = inject(Toasts);
  protected readonly deed = new Deed();
  protected readonly titles = TITLES;
  protected readonly word = linkedSignal(() => this.verifyToken());
  readonly #door = signal<WebhookDoor | null>(null);
  readonly #lastMessageAt = signal<string | null>(null);
  protected readonly url = computed(() => this.#door()?.url ?? `${location.origin}/api/v2/webhook`);
  protected readonly checks = computed(() =>
    checksOf({
      channel: this.channel(),
      door: this.#door(),
      lastMessageAt: this.#lastMessageAt(),
      timeOf: (at) => listTime(at, this.#now()),
    }),
  );
  /** What the server found that no check has told already: Meta could not be asked, say. */
  protected readonly otherProblem = computed(() =>
    this.checks().some(({ state }) => state === "bad") ? null : this.channel().problem,
  );
  protected readonly isDone = computed(() => this.checks().every(({ state }) => state === "ok"));
  /** Until when the verify token before this one is still taken. */
  protected readonly oldWordUntil = computed(() => {
    const until = this.channel().replacedSecrets.verifyTokenUntil;
    return until ? shortMoment(until) : null;
  });
  /** The webhook's own two lines: what the lamp shows. */
  protected readonly lamp = computed(() =>
    this.checks().find(({ id, state }) => (id === "verified" || id === "message") && state !== "ok"),
  );
  protected readonly isStored = computed(() => this.channel().source === "stored");
  protected readonly iconOf = ({ state }: Check) => (state === "ok" ? "check-circle" : state === "bad" ? "x-circle" : "clock");
  #next: Cancelable | null = null;
  #isGone = false;

  constructor() {
    inject(DestroyRef).onDestroy(() => {
      this.#isGone = true;
      this.#next?.cancel();
    });
    void this.#watch();
  }

  protected async checkAgain(): Promise<void> {
    await this.#put((at) => dataOf(at.check.post()));
    await this.#look();
  }

  protected async subscribe(): Promise<void> {
    await this.#put(async (at) => {
      await dataOf(at.subscription.post());
      return dataOf(at.check.post());
    });
  }

  protected async register(event: Event): Promise<void> {
    event.preventDefault();
    const pin = String(new FormData(event.target as HTMLFormElement).get("pin") ?? "");
    await this.#put((at) => dataOf(at.registration.post({ pin })));
  }

  protected async renewWord(): Promise<void> {
    const verifyToken = newVerifyToken((most) => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % most);
    if (await this.#put((at) => dataOf(at.patch({ verifyToken })))) this.word.set(verifyToken);
  }

  protected async copy(field: HTMLInputElement): Promise<void> {
    field.select();
    // Awaited: NotAllowedError, and nothing at all on addresses without TLS; what is selected can be copied by hand.
    const isCopied = await navigator.clipboard?.writeText(field.value).then(
      () => true,
      () => false,
    );
    if (isCopied) this.#toasts.say(this.t("connect.copied"), "check-circle");
  }

  protected say = ({ word, params }: Check): string => this.t(word, params ?? {});

  async #put(work: (at: OneChannel) => Promise<ChannelView>): Promise<boolean> {
    const { id } = this.channel();
    return this.deed.run(async () => this.changed.emit(await work(this.#calls.channels({ id }))));
  }

  /** Meta's knock and the first message come by themselves: looked for until both are there. */
  async #watch(): Promise<void> {
    await this.#look();
    if (!this.#isGone && !this.isDone()) this.#next = this.#clock.timer(LOOK_AGAIN_MS, () => void this.#watch());
  }

  async #look(): Promise<void> {
    const { conversations, channels } = this.#calls;
    // Awaited: ApiFailure, also for a number that is not read yet; the next look asks again.
    const [door, talks] = await Promise.all([
      dataOf(channels.webhook.get()).catch(() => null),
      Promise.resolve()
        .then(() => pageOf(conversations.get({ query: { channel: this.channel().phoneNumberId, limit: 1 } })))
        .catch(() => null),
    ]);
    if (door) this.#door.set(door);
    if (talks) this.#lastMessageAt.set(talks.items[0]?.lastMessageAt ?? null);
    const checks = this.checks();
    this.passed.emit({ passed: checks.filter(({ state }) => state === "ok").length, all: checks.length });
  }
}
