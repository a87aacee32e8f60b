/** One fake phone: what its screen shows, and what its owner does on it. */
import { computed, DestroyRef, inject, Service, signal } from "@angular/core";
import type { PhoneMessage as Act } from "@server/channels/whatsapp/sandbox/phone-message.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { type Cancelable, Clock } from "../clock";
import { LiveConnection } from "../live/live-connection";
import { PendingTexts } from "./pending-texts";
import { isOnScreen, type PhoneChange, type PhoneMessage, readPhoneChange } from "./phone-view";

/** The typing sign of WhatsApp ends after 25 seconds by itself. */
const TYPING_MS = 25_000;

@Service({ autoProvided: false })
export class PhoneStore {
  readonly #api = inject(ApiClient);
  readonly #live = inject(LiveConnection);
  readonly #clock = inject(Clock);
  readonly #texts = inject(PendingTexts);

  readonly #id = signal<string | null>(null);
  readonly #actFailure = signal<ApiFailure | null>(null);
  readonly #messages = signal<ReadonlyMap<string, PhoneMessage>>(new Map());
  readonly #phase = signal<"loading" | "ready">("loading");
  readonly #threadFailure = signal<ApiFailure | null>(null);
  readonly #fresh = signal<string | null>(null);
  readonly #isTyping = signal(false);
  #typingEnd: Cancelable | null = null;

  /** Why the last tap or other message could not be sent. */
  readonly actFailure = this.#actFailure.asReadonly();
  /** In the order in which they came to the phone. */
  readonly messages = computed(() => [...this.#messages().values()].filter(isOnScreen));
  readonly phase = this.#phase.asReadonly();
  readonly threadFailure = this.#threadFailure.asReadonly();
  readonly pending = computed(() => this.#texts.all().filter((one) => one.phone === this.#id()));
  /** The message that has just reached the phone: the only one that fades in. */
  readonly fresh = this.#fresh.asReadonly();
  /** The business is writing to this phone. */
  readonly isTyping = this.#isTyping.asReadonly();

  constructor() {
    const offs = [
      this.#live.on("phone:changed", ({ phone, change }) => {
        if (phone === this.#id()) this.#apply(readPhoneChange(change));
      }),
      this.#live.onOpen(() => void this.reload()),
    ];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
      this.#typingEnd?.cancel();
    });
  }

  /** Shows the screen of this phone. */
  async show(id: string): Promise<void> {
    if (this.#id() === id) return;
    this.#id.set(id);
    this.#messages.set(new Map());
    this.#actFailure.set(null);
    this.#setTyping(false);
    await this.reload();
  }

  /** Writes as the customer. The words are on the screen at once, and stay when the webhook could not be reached. */
  async write(text: string): Promise<void> {
    const id = this.#id();
    if (id) await this.#settle(this.#texts.write(id, text));
  }

  async writeAgain(key: string): Promise<void> {
    await this.#settle(this.#texts.writeAgain(key));
  }

  /** Does anything else that a customer can do: sends a picture, taps a button, calls. */
  async act(message: Act): Promise<void> {
    const id = this.#id();
    if (!id) return;
    this.#actFailure.set(null);
    try {
      await dataOf(this.#api.calls.sandbox.phones({ id }).messages.post(message));
    } catch (error) {
      // Awaited: ApiFailure, shown on the phone.
      if (this.#id() === id) this.#actFailure.set(asFailure(error));
    }
  }

  async reload(): Promise<void> {
    const id = this.#id();
    if (!id) return;
    if (this.#messages().size === 0) this.#phase.set("loading");
    this.#threadFailure.set(null);
    try {
      const thread = await this.#api.getPhoneThread(id);
      if (this.#id() !== id) return;
      this.#messages.set(new Map(thread.messages.map((message) => [message.id, message])));
      this.#setTyping(thread.typing);
      this.#phase.set("ready");
    } catch (error) {
      // Awaited: ApiFailure, shown on the phone's screen.
      if (this.#id() === id) this.#threadFailure.set(asFailure(error));
    }
  }

  /** The bubble that waits goes when the screen shows the message; the event that tells of it may have been missed. */
  async #settle(sending: Promise<string | null>): Promise<void> {
    const key = await sending;
    if (key === null) return;
    if (this.pending().some((one) => one.key === key)) await this.reload();
    this.#texts.drop(key);
  }

  #apply(change: PhoneChange | null): void {
    if (change?.kind === "typing") this.#setTyping(change.on);
    else if (change?.kind === "message" || change?.kind === "update") this.#putMessage(change.message);
  }

  #putMessage(message: PhoneMessage): void {
    const isNew = !this.#messages().has(message.id);
    this.#messages.update((known) => new Map(known).set(message.id, message));
    if (message.from === "business") {
      this.#setTyping(false);
      if (isNew) this.#fresh.set(message.id);
    } else if (isNew) this.#texts.settle(this.#id() ?? "", message.content.text);
  }

  #setTyping(on: boolean): void {
    this.#typingEnd?.cancel();
    this.#isTyping.set(on);
    if (on) this.#typingEnd = this.#clock.timer(TYPING_MS, () => this.#isTyping.set(false));
  }
}
