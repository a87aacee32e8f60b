/** The fake phones: who they are, what their screens show, and what their owners do. Every change is told to the live UI. */
import type { Clock, Timer } from "../../../core/clock";
import { fail } from "../../../core/errors";
import { newId } from "../../../core/id";
import { digitsOf } from "../../../core/phone";
import type { JsonObject } from "../json-value";
import { numberVariants } from "../phone-variant";
import type { SandboxPhone, StateStore, ThreadMessage } from "./state-store";

export type PhoneChange =
  | { kind: "message"; phoneId: string; message: ThreadMessage }
  /** Ticks, reactions or the content of a message changed. */
  | { kind: "update"; phoneId: string; message: ThreadMessage }
  | { kind: "typing"; phoneId: string; on: boolean }
  | { kind: "phone"; phone: SandboxPhone };

export interface NewPhone {
  name: string;
  /** Digits of the number; made up when absent. */
  waId?: string;
  /** The business-scoped user id; made up when absent. */
  userId?: string;
  /** Without @. */
  username?: string;
  /** False: the customer shows a username and a user id only. */
  withPhone?: boolean;
}

/** The phones that exist from the start: two numbers in forms that differ by country, and a customer without any number. */
const firstPhones: readonly NewPhone[] = [
  { name: "Rosa Quispe", waId: "51987650111", userId: "PE.70010000000000000101" },
  // The account is older than Brazil's ninth digit, so WhatsApp knows it with twelve digits.
  { name: "Thiago Moraes", waId: "551187650222", userId: "BR.70010000000000000202" },
  { name: "Luna", username: "luna.tejidos", userId: "MX.70010000000000000303", withPhone: false },
];

/** WhatsApp hides "typing..." after this time (facts §3.2). */
const TYPING_MS = 25_000;
const LONGEST_THREAD = 500;

export class PhoneBook {
  readonly #store: StateStore;
  readonly #clock: Clock;
  readonly #byId = new Map<string, SandboxPhone>();
  readonly #byUserId = new Map<string, SandboxPhone>();
  readonly #byNumber = new Map<string, SandboxPhone>();
  readonly #lastInbound = new Map<string, number | null>();
  readonly #typing = new Map<string, Timer>();
  readonly #listeners = new Set<(change: PhoneChange) => void>();

  constructor(store: StateStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    for (const phone of store.phones()) this.#keep(phone);
    if (this.#byId.size === 0) for (const phone of firstPhones) this.create(phone);
  }

  list = (): SandboxPhone[] => [...this.#byId.values()];

  get(id: string): SandboxPhone {
    const phone = this.#byId.get(id);
    if (!phone) throw fail("sandbox.phone-not-found");
    return phone;
  }

  create({ name, waId, userId, username, withPhone = true }: NewPhone): SandboxPhone {
    const number = withPhone ? digitsOf(waId ?? this.#freeNumber()) : null;
    const phone: SandboxPhone = {
      id: newId(this.#clock.now()),
      name,
      waId: number,
      userId: userId ?? this.freeUserId(),
      username: username ?? null,
      online: true,
      reads: true,
      blocked: false,
      createdAt: this.#clock.now(),
    };
    if ((number !== null && this.#byNumber.has(number)) || this.#byUserId.has(phone.userId)) {
      throw fail("request.invalid", { message: "Another sandbox phone has this number or user id." });
    }
    this.#save(phone);
    return phone;
  }

  change(
    id: string,
    change: Partial<Pick<SandboxPhone, "name" | "waId" | "userId" | "username" | "online" | "reads" | "blocked">>,
  ): SandboxPhone {
    const old = this.get(id);
    const holder = change.waId ? this.#byNumber.get(change.waId) : undefined;
    if (holder && holder.id !== id)
      throw fail("request.invalid", { message: "Another sandbox phone has this number or user id." });
    if (old.waId !== null) this.#byNumber.delete(old.waId);
    this.#byUserId.delete(old.userId);
    const phone = { ...old, ...change };
    this.#save(phone);
    return phone;
  }

  /** The phone a send goes to: by user id, or by number in any of its forms. */
  find({ to, recipient }: { to?: string; recipient?: string }): SandboxPhone | undefined {
    if (to === undefined) return recipient === undefined ? undefined : this.#byUserId.get(recipient);
    for (const form of numberVariants(to)) {
      const phone = this.#byNumber.get(form);
      if (phone) return phone;
    }
    return undefined;
  }

  thread(id: string, limit: number = LONGEST_THREAD): ThreadMessage[] {
    return this.#store.thread(this.get(id).id, limit);
  }

  isTyping = (id: string): boolean => this.#typing.has(id);

  /** When the customer last wrote something that opens the window; null: never. */
  lastInboundAt(phoneId: string): number | null {
    let at = this.#lastInbound.get(phoneId);
    if (at === undefined) {
      at = this.#store.lastInboundAt(phoneId);
      this.#lastInbound.set(phoneId, at);
    }
    return at;
  }

  /** Puts a message on the screen. A message of the business ends "typing...". */
  show(phoneId: string, message: ThreadMessage): void {
    this.#store.addMessage(phoneId, message);
    const opensWindow = message.content.type !== "reaction" && message.content.type !== "system";
    if (message.from === "customer" && opensWindow) this.#lastInbound.set(phoneId, message.at);
    this.#tell({ kind: "message", phoneId, message });
    if (message.from === "business") this.setTyping(phoneId, false);
  }

  /** Like show, but a message that is on the screen already stays as it is. */
  showOnce(phoneId: string, message: ThreadMessage): void {
    if (!this.#store.findMessage(message.id)) this.show(phoneId, message);
  }

  /** Whether the customer stopped marketing messages. */
  hasStopped = (phoneId: string): boolean => this.#store.note(`stopped ${phoneId}`) === "stop";

  setPreference(phoneId: string, value: "stop" | "resume"): void {
    this.#store.setNote(`stopped ${phoneId}`, value);
  }

  /** A call opens the window as a message does. */
  openWindow(phoneId: string, at: number): void {
    this.#lastInbound.set(phoneId, at);
  }

  setTicks(messageId: string, ticks: ThreadMessage["ticks"]): void {
    const message = this.#store.findMessage(messageId);
    if (!message || message.ticks === ticks) return;
    this.#store.setTicks(messageId, ticks);
    this.#told({ ...message, ticks });
  }

  setReaction(messageId: string, by: "customer" | "business", emoji: string | null): void {
    const message = this.#store.findMessage(messageId);
    if (!message) return;
    const reactions = { ...message.reactions };
    if (emoji === null) delete reactions[by];
    else reactions[by] = emoji;
    this.#store.setReactions(messageId, reactions);
    this.#told({ ...message, reactions });
  }

  setContent(messageId: string, content: { type: string; text: string; body: JsonObject }): void {
    const message = this.#store.findMessage(messageId);
    if (!message) return;
    this.#store.setContent(messageId, content);
    this.#told({ ...message, content });
  }

  setTyping(phoneId: string, on: boolean): void {
    const running = this.#typing.get(phoneId);
    running?.cancel();
    if (on) {
      this.#typing.set(
        phoneId,
        this.#clock.timer(TYPING_MS, () => this.setTyping(phoneId, false)),
      );
    } else this.#typing.delete(phoneId);
    if (on !== (running !== undefined)) this.#tell({ kind: "typing", phoneId, on });
  }

  subscribe(listener: (change: PhoneChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(): void {
    for (const timer of this.#typing.values()) timer.cancel();
    this.#typing.clear();
    this.#listeners.clear();
  }

  /** A user id nobody has. */
  freeUserId = (): string => `PE.${madeUpDigits(20)}`;

  #freeNumber(): string {
    let number = madeUpNumber();
    while (this.#byNumber.has(number)) number = madeUpNumber();
    return number;
  }

  #save(phone: SandboxPhone): void {
    this.#store.putPhone(phone);
    this.#keep(phone);
    this.#tell({ kind: "phone", phone });
  }

  #keep(phone: SandboxPhone): void {
    this.#byId.set(phone.id, phone);
    this.#byUserId.set(phone.userId, phone);
    if (phone.waId !== null) this.#byNumber.set(phone.waId, phone);
  }

  #told({ phoneId, ...message }: ThreadMessage & { phoneId: string }): void {
    this.#tell({ kind: "update", phoneId, message });
  }

  #tell(change: PhoneChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

const madeUpDigits = (length: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(length)), (byte) => String(byte % 10)).join("");

/** A number in the form of a Peruvian mobile. It never leaves this machine, so it may belong to anybody. */
const madeUpNumber = (): string => `519${madeUpDigits(8)}`;
