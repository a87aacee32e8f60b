/** Who the customer is, what state the conversation is in, and what there was before; what can be changed is changed here. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  inject,
  input,
  output,
  signal,
  untracked,
  viewChild,
} from "@angular/core";
import { RouterLink } from "@angular/router";
import type { ConversationView } from "@server/events/view";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { ContactFacts } from "../contacts/contact-facts";
import { ContactNotes } from "../contacts/contact-notes";
import { ContactStore } from "../contacts/contact-store";
import { ContactTimeline } from "../contacts/contact-timeline";
import { ContactTwins } from "../contacts/contact-twins";
import { Words } from "../i18n/words";
import { Session } from "../session/session";
import { Ticker } from "../ticker";
import { Avatar, tintOf } from "../ui/avatar";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { Modal } from "../ui/modal";
import { fullTime, shortDate, shortMoment, timeLeft } from "../ui/time-text";
import { ConversationDeeds } from "./conversation-deeds";
import { Directory } from "./directory";
import { ThreadStore } from "./thread-store";

const PRIORITIES = ["urgent", "high", "normal", "low"] as const;
const MOST_BEFORE = 20;

@Component({
  selector: "app-context-panel",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar, ContactFacts, ContactNotes, ContactTimeline, ContactTwins, FailureNote, Icon, MenuButton, Modal, RouterLink],
  providers: [ContactStore],
  templateUrl: "./context-panel.html",
})
export class ContextPanel {
  readonly conversation = input.required<ConversationView>();
  readonly closed = output();

  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly store = inject(ThreadStore);
  protected readonly deeds = inject(ConversationDeeds);
  protected readonly directory = inject(Directory);
  readonly #api = inject(ApiClient);
  readonly #session = inject(Session);
  readonly #now = inject(Ticker).now;
  protected readonly modal = viewChild(Modal);
  protected readonly isNaming = signal(false);
  protected readonly labelFailure = signal<ApiFailure | null>(null);
  readonly #contacts = inject(ContactStore);
  protected readonly contact = this.#contacts.contact;
  /** Loaded only once somebody wants it. */
  protected readonly hasTimeline = signal(false);
  protected readonly before = signal<readonly ConversationView[]>([]);

  protected readonly fullTime = fullTime;
  protected readonly dateOf = (at: string): string => shortDate(at, this.#now());
  protected readonly tint = (name: string): string => `tint-${tintOf(name)}`;
  protected readonly windowLeft = computed(() => {
    const { windowExpiresAt } = this.conversation();
    return windowExpiresAt ? timeLeft(windowExpiresAt, this.#now()) : null;
  });
  /** How much of the day that customers have to write freely is left, between 0 and 1. */
  protected readonly windowPart = computed(() => {
    const { windowExpiresAt } = this.conversation();
    const left = windowExpiresAt ? Date.parse(windowExpiresAt) - this.#now() : 0;
    return Math.max(0, Math.min(1, left / 86_400_000));
  });
  protected readonly snoozedUntil = computed(() => {
    const { waitingFor, snoozedUntil } = this.conversation();
    if (waitingFor !== "snooze") return null;
    return snoozedUntil ? shortMoment(snoozedUntil) : this.t("snooze.untilReply");
  });
  protected readonly agents = computed((): MenuItem[] => [
    { id: "", text: this.t("deed.nobody"), icon: "x-circle", isOn: this.conversation().assignedAgent === null },
    ...this.directory.agents().map(({ id, name }) => ({
      id,
      detail: this.t(`presence.${this.directory.presenceOf(id)}`),
      text: id === this.#session.agent()?.id ? this.t("deed.me", { name }) : name,
      isOn: this.conversation().assignedAgent === id,
    })),
  ]);
  protected readonly teams = computed((): MenuItem[] => [
    { id: "", text: this.t("panel.noTeam"), icon: "x-circle", isOn: this.conversation().team === null },
    ...this.directory.teams().map(({ id, name }) => ({ id, text: name, isOn: this.conversation().team === id })),
  ]);
  protected readonly priorities = computed((): MenuItem[] =>
    PRIORITIES.map((id) => ({ id, text: this.t(`priority.${id}`), isOn: this.conversation().priority === id })),
  );
  protected readonly priority = computed(() => this.t(`priority.${this.conversation().priority}`));
  protected readonly labels = computed((): MenuItem[] =>
    this.directory.labels().map(({ name }) => ({ id: name, text: name, isOn: this.conversation().labels.includes(name) })),
  );
  protected readonly followers = computed((): MenuItem[] =>
    this.directory.agents().map(({ id, name }) => ({ id, text: name, isOn: this.conversation().participants.includes(id) })),
  );

  constructor() {
    const ids = computed(() => `${this.conversation().contact.id} ${this.conversation().id}`);
    effect(() => {
      ids();
      untracked(() => void this.#load());
    });
    void this.words.more();
  }

  protected nameLabel(): void {
    this.labelFailure.set(null);
    this.isNaming.set(true);
  }

  protected async createLabel(event: Event, given: string): Promise<void> {
    event.preventDefault();
    const name = given.trim().toLowerCase();
    if (!name) return;
    try {
      await this.#api.createLabel(name);
      this.modal()?.close();
      await this.deeds.label(this.conversation(), name, true);
    } catch (error) {
      // Awaited: ApiFailure: the role may not create labels, or there is one of this name. What was typed stays.
      this.labelFailure.set(asFailure(error));
    }
  }

  protected toggleLabel(name: string): void {
    void this.deeds.label(this.conversation(), name, !this.conversation().labels.includes(name));
  }

  protected toggleFollower(id: string): void {
    void this.deeds.follow(this.conversation(), id, !this.conversation().participants.includes(id));
  }

  protected setPriority(id: string): void {
    const priority = PRIORITIES.find((one) => one === id);
    if (priority) void this.deeds.setPriority(this.conversation(), priority);
  }

  protected transfer(team: string): void {
    void this.store.act([{ do: "transfer", team: team || null }], { team: team || null });
  }

  protected switchAssistant(): void {
    const on = !this.conversation().isAIEnabled;
    void this.store.act([{ do: "assistant", on }], { isAIEnabled: on });
  }

  protected toggleMute(): void {
    void this.deeds.mute(this.conversation(), !this.conversation().isMuted);
  }

  async #load(): Promise<void> {
    const { contact, id } = this.conversation();
    if (this.contact()?.id !== contact.id) {
      this.before.set([]);
      this.hasTimeline.set(false);
    }
    void this.#contacts.load(contact.id);
    // Awaited: ApiFailure; what the conversation itself knows is shown.
    const page = await this.#api.listConversations({ contact: contact.id, limit: MOST_BEFORE }).catch(() => null);
    if (this.conversation().contact.id !== contact.id) return;
    this.before.set((page?.items ?? []).filter((one) => one.id !== id));
  }
}
