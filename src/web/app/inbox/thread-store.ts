/**
 * One conversation as it is shown: its facts, its messages, and what is being sent.
 * REST answers and live events go through the same updaters, so it does not matter which comes first.
 */
import { computed, DestroyRef, inject, Service, signal } from "@angular/core";
import type { ReadPositionView } from "@server/events/reading-view";
import type { ConversationView, MessageView } from "@server/events/view";
import type { ConversationAction } from "@server/features/conversation-actions/conversation-action.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { ApiFailure, asFailure } from "../api/api-failure";
import { Clock } from "../clock";
import { LiveConnection } from "../live/live-connection";
import type { EventData } from "../live/live-frame";
import { Session } from "../session/session";
import { byCreation, furtherDelivery, mergeMessage } from "./message-order";
import { type NewReply, ReplyOutbox } from "./reply-outbox";
import { ThreadCompany } from "./thread-company";
import { keepLine, keptLine, newestOf, ThreadReading, unreadFrom } from "./thread-reading";

const PAGE = 50;

@Service({ autoProvided: false })
export class ThreadStore {
  readonly #api = inject(ApiClient);
  readonly #live = inject(LiveConnection);
  readonly #session = inject(Session);
  readonly #outbox = inject(ReplyOutbox);

  readonly #conversation = signal<ConversationView | null>(null);
  readonly #messages = signal<ReadonlyMap<string, MessageView>>(new Map());
  readonly #opened = signal<string | null>(null);
  readonly #phase = signal<"empty" | "loading" | "ready">("empty");
  readonly #failure = signal<ApiFailure | null>(null);
  readonly #actionFailure = signal<ApiFailure | null>(null);
  readonly #next = signal<string | null>(null);
  readonly #fresh = signal<string | null>(null);
  /** What was unread when it was opened: the line above it stays until another conversation is opened. */
  readonly #unreadFrom = signal<string | null>(null);
  readonly #reading = new ThreadReading();
  readonly #isTellingRead = signal(false);
  #isLoadingOlder = false;
  /** Deliveries that were told before their message was known. */
  readonly #early = new Map<string, MessageView["delivery"]>();
  #leave: (() => void) | null = null;
  readonly #company = new ThreadCompany(inject(Clock));

  readonly conversation = this.#conversation.asReadonly();
  readonly phase = this.#phase.asReadonly();
  /** Why the conversation could not be loaded. */
  readonly failure = this.#failure.asReadonly();
  /** Why the last action (resolve, switch) was refused. */
  readonly actionFailure = this.#actionFailure.asReadonly();
  readonly pending = computed(() => this.#outbox.pending().filter((reply) => reply.conversation === this.#opened()));
  readonly writer = this.#company.writer;
  /** Colleagues who look at it, too. */
  readonly viewers = computed(() => this.#company.viewers().filter((agent) => agent !== this.#session.agent()?.id));
  /** Colleagues who write in it. */
  readonly typists = computed(() => this.#company.typists().filter((agent) => agent !== this.#session.agent()?.id));
  /** The message that has just come in: the only one that fades in. */
  readonly fresh = this.#fresh.asReadonly();
  readonly unreadFrom = this.#unreadFrom.asReadonly();
  readonly hasOlder = computed(() => this.#next() !== null);
  readonly messages = computed(() => [...this.#messages().values()].sort(byCreation));
  /** There is something to see that this person, or nobody, has seen; not what was marked as unread while it was open. */
  readonly isUnread = computed(() => {
    const shown = this.#conversation();
    if (!shown || this.#reading.isHeld() || this.#isTellingRead()) return false;
    return shown.unreadCount > 0 || this.#reading.isBehind(this.messages());
  });

  constructor() {
    const offs = [
      this.#live.on("message:new", ({ message }) => this.upsertMessage(message)),
      this.#live.on("message:updated", ({ message }) => this.updateMessage(message)),
      this.#live.on("message:removed", ({ message }) => this.removeMessage(message)),
      this.#live.on("message:status", (status) => this.applyStatus(status)),
      this.#live.on("conversation:updated", ({ conversation }) => this.upsertConversation(conversation)),
      this.#live.on("conversation:left", ({ conversation }) => {
        if (conversation === this.#opened()) this.#leaveSight();
      }),
      this.#live.on("read-position:updated", ({ agent, position }) => {
        if (agent === this.#session.agent()?.id && position.conversation === this.#opened()) this.#reading.hear(position);
      }),
      this.#live.on("typing:indicator", (typing) => {
        if (typing.conversation === this.#opened()) this.#company.hear(typing);
      }),
      this.#live.on("viewing:changed", ({ conversation, viewers }) => {
        if (conversation === this.#opened()) this.#company.see(viewers.map(({ agent }) => agent));
      }),
      // A new line knows nothing of where this window looks.
      this.#live.onOpen(() => {
        if (this.#opened()) this.#tellViewing();
      }),
      this.#live.onGap(() => void this.reload()),
      this.#outbox.onSent((message) => {
        if (message.conversation === this.#opened()) this.#addPage([message]);
      }),
    ];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
      this.close();
    });
  }

  /** Shows a conversation; one that is shown already is seen anew. */
  async open(id: string): Promise<void> {
    if (this.#opened() === id) return this.#reading.release();
    this.close();
    this.#opened.set(id);
    this.#leave = this.#live.subscribe(`conversation:${id}`);
    this.#tellViewing();
    await this.reload();
  }

  close(): void {
    const left = this.#opened();
    if (left) {
      this.#live.send({ type: "viewing", conversationId: null });
      keepLine(left, null);
    }
    this.#leave?.();
    this.#leave = null;
    this.#opened.set(null);
    this.#company.clear();
    this.#early.clear();
    this.#conversation.set(null);
    this.#messages.set(new Map());
    this.#failure.set(null);
    this.#actionFailure.set(null);
    this.#next.set(null);
    this.#fresh.set(null);
    this.#unreadFrom.set(null);
    this.#reading.begin(null);
    this.#phase.set("empty");
  }

  /** It exists, and not for this person any more. */
  #leaveSight(): void {
    this.#conversation.set(null);
    this.#messages.set(new Map());
    this.#failure.set(new ApiFailure("This conversation has left your sight.", "conversation.left", 404, null));
  }

  /** Loads the newest page again and keeps what is shown until it is there. */
  async reload(): Promise<void> {
    const id = this.#opened();
    if (!id) return;
    if (this.#phase() === "empty") this.#phase.set("loading");
    this.#failure.set(null);
    try {
      const [conversation, page, place] = await Promise.all([
        this.#api.getConversation(id),
        this.#api.listMessages(id, { limit: PAGE }),
        // Awaited: ApiFailure; without it what nobody has seen counts.
        this.#api.getPosition(id).catch(() => null),
      ]);
      if (this.#opened() !== id) return;
      this.#conversation.set(conversation);
      this.#addPage(page.items);
      // A reload keeps the older pages that are shown; only the first one says where they go on.
      if (this.#phase() === "loading") {
        this.#next.set(page.next);
        this.#reading.begin(place);
        this.#drawLine(id, place, conversation.unreadCount);
      }
      this.#phase.set("ready");
    } catch (error) {
      // Awaited: ApiFailure, shown with a way to try again.
      if (this.#opened() === id) this.#failure.set(asFailure(error));
    }
  }

  async loadOlder(): Promise<void> {
    const id = this.#opened();
    const cursor = this.#next();
    if (!id || !cursor || this.#isLoadingOlder) return;
    this.#isLoadingOlder = true;
    try {
      const page = await this.#api.listMessages(id, { limit: PAGE, cursor });
      if (this.#opened() !== id) return;
      this.#addPage(page.items);
      this.#next.set(page.next);
    } catch (error) {
      // Awaited: ApiFailure; scrolling up again tries again.
      this.#actionFailure.set(asFailure(error));
    } finally {
      this.#isLoadingOlder = false;
    }
  }

  upsertMessage(message: MessageView): void {
    if (message.conversation !== this.#opened()) return;
    if (!this.#messages().has(message.id)) {
      // Our own reply is on the screen already and only gets its ticks.
      if (message.role === "operator") this.#settlePending(message);
      else this.#fresh.set(message.id);
    }
    this.#addPage([message]);
    this.#company.said(message.direction === "inbound" ? "customer" : "business");
  }

  /** A message on the screen has changed: a reaction, an edit, a withdrawal. Older ones that are not loaded stay unloaded. */
  updateMessage(message: MessageView): void {
    if (this.#messages().has(message.id)) this.#addPage([message]);
  }

  /** What it said is shown on another message now. */
  removeMessage(id: string): void {
    if (!this.#messages().has(id)) return;
    const messages = new Map(this.#messages());
    messages.delete(id);
    this.#messages.set(messages);
  }

  applyStatus({ conversation, message, delivery }: EventData<"message:status">): void {
    if (conversation !== this.#opened()) return;
    const known = this.#messages().get(message);
    if (!known) this.#early.set(message, furtherDelivery(this.#early.get(message) ?? null, delivery));
    else this.#put({ ...known, delivery: furtherDelivery(known.delivery, delivery) });
  }

  upsertConversation(conversation: ConversationView): void {
    const shown = this.#conversation();
    if (conversation.id !== this.#opened() || !shown || conversation.version < shown.version) return;
    // Seen or not seen is no new version. What overtakes the answer to our own look is put right by the event of that look.
    if (!this.#isTellingRead()) this.#reading.judge(shown, conversation);
    this.#conversation.set(conversation);
  }

  /** Changes the conversation: `guess` is shown at once and taken back when the server refuses. */
  async act(actions: ConversationAction[], guess: Partial<ConversationView> = {}): Promise<boolean> {
    const before = this.#conversation();
    if (!before) return false;
    this.#actionFailure.set(null);
    this.#conversation.set({ ...before, ...guess });
    try {
      this.upsertConversation(await this.#api.act(before.id, actions));
      return true;
    } catch (error) {
      // Awaited: ApiFailure, shown at the place of the control.
      if (this.#opened() === before.id) {
        this.#conversation.set(before);
        this.#actionFailure.set(asFailure(error));
      }
      return false;
    }
  }

  /** Tells the server that this person has seen the thread. A failure is no news: the next look tells it again. */
  async markRead(): Promise<void> {
    const shown = this.#conversation();
    if (!shown || !this.isUnread()) return;
    this.#isTellingRead.set(true);
    this.#conversation.set({ ...shown, unreadCount: 0 });
    this.#reading.reach(newestOf(this.messages()));
    const told = await this.#api.markRead(shown.id).catch(() => null);
    if (told) this.upsertConversation(told);
    this.#isTellingRead.set(false);
  }

  /** Sends a person's message: in the thread at once. */
  async send(reply: Omit<NewReply, "conversation">): Promise<void> {
    const conversation = this.#opened();
    if (conversation) await this.#outbox.add({ ...reply, conversation });
  }

  async sendNow(key: string): Promise<void> {
    await this.#outbox.sendNow(key);
  }

  /** Takes a message that has not left out of the thread and gives its text back. */
  takeBack(key: string): string {
    return this.#outbox.remove(key)?.text ?? "";
  }

  /** Sends a message again that did not arrive. */
  async resend(message: string): Promise<void> {
    await this.#settle(() => this.#api.resend(message));
  }

  /** Leaves a message that did not arrive, or of which nobody knows, as it is. */
  async dismiss(message: string): Promise<void> {
    await this.#settle(() => this.#api.dismiss(message));
  }

  /** Puts one's own star on a message, or takes it off. */
  async star(message: MessageView, starred: boolean): Promise<void> {
    await this.#settle(() => dataOf(this.#api.calls.messages({ id: message.id }).patch({ starred })));
  }

  /** Changes one's own note. */
  async rewriteNote(message: string, text: string, mentions: string[]): Promise<void> {
    await this.#settle(() => dataOf(this.#api.calls.messages({ id: message }).patch({ text, mentions })));
  }

  /** A note goes; of anything else what it says is erased. */
  async erase(message: string): Promise<void> {
    this.#actionFailure.set(null);
    try {
      const { message: left } = await dataOf(this.#api.calls.messages({ id: message }).delete());
      if (left) this.#put(left);
      else this.removeMessage(message);
    } catch (error) {
      // Awaited: ApiFailure: not one's own, or the role may not erase.
      this.#actionFailure.set(asFailure(error));
    }
  }

  async #settle(call: () => Promise<MessageView>): Promise<void> {
    this.#actionFailure.set(null);
    try {
      const message = await call();
      if (this.#messages().has(message.id)) this.#put(message);
    } catch (error) {
      // Awaited: ApiFailure: somebody else has decided already.
      this.#actionFailure.set(asFailure(error));
    }
  }

  #drawLine(id: string, place: ReadPositionView | null, unseen: number): void {
    const messages = this.messages();
    const kept = keptLine(id);
    const line = unreadFrom(messages, { place, unseen, isWhole: this.#next() === null });
    this.#unreadFrom.set(line ?? (messages.some((message) => message.id === kept) ? kept : null));
    keepLine(id, this.#unreadFrom());
  }

  /** The event of our own message may come before its answer: then the waiting bubble is this message. */
  #settlePending(message: MessageView): void {
    if (message.author !== this.#session.agent()?.id) return;
    const reply = this.pending().find((one) => !one.failure && one.heldUntil === null && one.text === message.content);
    if (reply) this.#outbox.settle(reply.key);
  }

  #addPage(messages: readonly MessageView[]): void {
    this.#messages.update((known) => {
      const all = new Map(known);
      for (const message of messages) {
        const early = this.#early.get(message.id);
        this.#early.delete(message.id);
        const given = early ? { ...message, delivery: furtherDelivery(message.delivery, early) } : message;
        all.set(message.id, mergeMessage(all.get(message.id), given));
      }
      return all;
    });
  }

  #put(message: MessageView): void {
    this.#messages.update((known) => new Map(known).set(message.id, message));
  }

  #tellViewing(): void {
    this.#live.send({ type: "viewing", conversationId: this.#opened() });
  }
}
