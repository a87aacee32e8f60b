/** The fake phones of the sandbox: which exist, which one is in the hand, and what its screen shows. */
import { computed, DestroyRef, inject, Service, signal } from "@angular/core";
import type { PhoneMessage as Act } from "@server/channels/whatsapp/sandbox/phone-message.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { type Cancelable, Clock } from "../clock";
import { LiveConnection } from "../live/live-connection";
import {
  isOnScreen,
  type NewPhone,
  type Phone,
  type PhoneChange,
  type PhoneMessage,
  type PhonePatch,
  readPhoneChange,
  type SandboxView,
} from "./phone-view";

/** What was written on the phone and has not been answered by the webhook yet. */
export interface PendingText {
  key: string;
  phone: string;
  text: string;
  at: number;
  failure: ApiFailure | null;
}

/** The typing sign of WhatsApp ends after 25 seconds by itself. */
const TYPING_MS = 25_000;

@Service({ autoProvided: false })
export class PhoneStore {
  readonly #api = inject(ApiClient);
  readonly #live = inject(LiveConnection);
  readonly #clock = inject(Clock);

  readonly #view = signal<SandboxView | null>(null);
  readonly #failure = signal<ApiFailure | null>(null);
  readonly #actionFailure = signal<ApiFailure | null>(null);
  readonly #chosen = signal<string | null>(null);
  readonly #messages = signal<ReadonlyMap<string, PhoneMessage>>(new Map());
  readonly #phase = signal<"loading" | "ready">("loading");
  readonly #threadFailure = signal<ApiFailure | null>(null);
  readonly #pending = signal<readonly PendingText[]>([]);
  readonly #fresh = signal<string | null>(null);
  readonly #isTyping = signal(false);
  readonly #news = signal<ReadonlySet<string>>(new Set());
  #typingEnd: Cancelable | null = null;

  readonly business = computed(() => this.#view()?.business ?? null);
  readonly phones = computed(() => this.#view()?.phones ?? []);
  readonly isLoaded = computed(() => this.#view() !== null);
  /** Why the sandbox could not be loaded: `sandbox.off` when it is switched off. */
  readonly failure = this.#failure.asReadonly();
  readonly actionFailure = this.#actionFailure.asReadonly();
  readonly phone = computed(() => this.phones().find((phone) => phone.id === this.#chosen()) ?? null);
  /** In the order in which they came to the phone. */
  readonly messages = computed(() => [...this.#messages().values()].filter(isOnScreen));
  readonly phase = this.#phase.asReadonly();
  readonly threadFailure = this.#threadFailure.asReadonly();
  readonly pending = computed(() => this.#pending().filter((one) => one.phone === this.#chosen()));
  /** The message that has just reached the phone: the only one that fades in. */
  readonly fresh = this.#fresh.asReadonly();
  /** The business is writing to the phone in the hand. */
  readonly isTyping = this.#isTyping.asReadonly();
  /** Phones that got a message while another one was in the hand. */
  readonly news = this.#news.asReadonly();

  constructor() {
    const offs = [
      this.#live.subscribe("sandbox"),
      this.#live.on("phone:changed", ({ phone, change }) => this.#apply(phone, readPhoneChange(change))),
      this.#live.onOpen(() => void this.load()),
    ];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
      this.#typingEnd?.cancel();
    });
  }

  /** A failure stays in sight until a later try went well: the page does not flicker when the connection comes back. */
  async load(): Promise<void> {
    try {
      this.#view.set(await this.#api.getSandbox());
      await this.#loadThread();
      this.#failure.set(null);
    } catch (error) {
      // Awaited: ApiFailure; `sandbox.off` gets a page of its own.
      this.#failure.set(asFailure(error));
    }
  }

  /** Takes a phone into the hand. */
  async choose(id: string): Promise<void> {
    if (this.#chosen() === id) return;
    this.#chosen.set(id);
    this.#messages.set(new Map());
    this.#actionFailure.set(null);
    this.#setTyping(false);
    this.#news.update((news) => new Set([...news].filter((one) => one !== id)));
    await this.#loadThread();
  }

  /** Creates a phone and answers it; throws ApiFailure for the form to show. */
  async create(phone: NewPhone): Promise<Phone> {
    const created = await this.#api.createPhone(phone);
    this.#putPhone(created);
    return created;
  }

  /** Online or offline, reads or not: shown at once, taken back when refused. */
  async change(patch: PhonePatch): Promise<void> {
    const before = this.phone();
    if (!before) return;
    this.#actionFailure.set(null);
    this.#putPhone({ ...before, ...patch });
    try {
      this.#putPhone(await this.#api.changePhone(before.id, patch));
    } catch (error) {
      // Awaited: ApiFailure, shown beside the switch.
      this.#putPhone(before);
      this.#actionFailure.set(asFailure(error));
    }
  }

  /** Writes as the customer. The words are on the screen at once, and stay when the webhook could not be reached. */
  async write(text: string): Promise<void> {
    const phone = this.#chosen();
    if (!phone) return;
    const pending: PendingText = { key: crypto.randomUUID(), phone, text, at: this.#clock.now(), failure: null };
    this.#pending.update((all) => [...all, pending]);
    await this.#post(pending);
  }

  /** Does anything else that a customer can do: sends a picture, taps a button, calls. */
  async act(message: Act): Promise<void> {
    const phone = this.#chosen();
    if (!phone) return;
    this.#actionFailure.set(null);
    try {
      await dataOf(this.#api.calls.sandbox.phones({ id: phone }).messages.post(message));
    } catch (error) {
      // Awaited: ApiFailure, shown beside the switches of the phone.
      this.#actionFailure.set(asFailure(error));
    }
  }

  async writeAgain(key: string): Promise<void> {
    const pending = this.#pending().find((one) => one.key === key);
    if (pending) await this.#post({ ...pending, failure: null });
  }

  async #post(pending: PendingText): Promise<void> {
    this.#pending.update((all) => all.map((one) => (one.key === pending.key ? pending : one)));
    try {
      await this.#api.sendFromPhone(pending.phone, pending.text);
      if (this.#chosen() === pending.phone && this.#pending().some((one) => one.key === pending.key)) await this.#loadThread();
      this.#pending.update((all) => all.filter((one) => one.key !== pending.key));
    } catch (error) {
      // Awaited: ApiFailure, shown under the bubble.
      const failure = asFailure(error);
      this.#pending.update((all) => all.map((one) => (one.key === pending.key ? { ...one, failure } : one)));
    }
  }

  async #loadThread(): Promise<void> {
    const id = this.#chosen();
    if (!id || !this.phone()) return;
    if (this.#messages().size === 0) this.#phase.set("loading");
    this.#threadFailure.set(null);
    try {
      const thread = await this.#api.getPhoneThread(id);
      if (this.#chosen() !== id) return;
      this.#messages.set(new Map(thread.messages.map((message) => [message.id, message])));
      this.#setTyping(thread.typing);
      this.#phase.set("ready");
    } catch (error) {
      // Awaited: ApiFailure, shown on the phone's screen.
      if (this.#chosen() === id) this.#threadFailure.set(asFailure(error));
    }
  }

  async reloadThread(): Promise<void> {
    await this.#loadThread();
  }

  #apply(phone: string, change: PhoneChange | null): void {
    if (!change) return;
    if (change.kind === "phone") this.#putPhone(change.phone);
    else if (phone !== this.#chosen()) {
      if (change.kind === "message" && change.message.from === "business") this.#news.update((news) => new Set(news).add(phone));
    } else if (change.kind === "typing") this.#setTyping(change.on);
    else this.#putMessage(change.message);
  }

  #putMessage(message: PhoneMessage): void {
    const isNew = !this.#messages().has(message.id);
    this.#messages.update((known) => new Map(known).set(message.id, message));
    if (message.from === "business") {
      this.#setTyping(false);
      if (isNew) this.#fresh.set(message.id);
    } else if (isNew) this.#settlePending(message);
  }

  /** The bubble that waited for the webhook is this message now. */
  #settlePending(message: PhoneMessage): void {
    this.#pending.update((all) => {
      const at = all.findIndex((one) => one.phone === this.#chosen() && !one.failure && one.text === message.content.text);
      return at < 0 ? all : all.toSpliced(at, 1);
    });
  }

  #putPhone(phone: Phone): void {
    this.#view.update((view) => {
      if (!view) return view;
      const isKnown = view.phones.some((one) => one.id === phone.id);
      return {
        ...view,
        phones: isKnown ? view.phones.map((one) => (one.id === phone.id ? phone : one)) : [...view.phones, phone],
      };
    });
  }

  #setTyping(on: boolean): void {
    this.#typingEnd?.cancel();
    this.#isTyping.set(on);
    if (on) this.#typingEnd = this.#clock.timer(TYPING_MS, () => this.#isTyping.set(false));
  }
}
