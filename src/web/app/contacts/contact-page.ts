/** One contact on a page of its own: facts, labels, consent, notes, conversations, timeline. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, untracked } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { ConversationView } from "@server/events/view";
import { ApiClient } from "../api/api-client";
import { asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { Ticker } from "../ticker";
import { Avatar, tintOf } from "../ui/avatar";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { shortDate } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { ContactData } from "./contact-data";
import { ContactFacts } from "./contact-facts";
import { ContactMerges } from "./contact-merges";
import { ContactNotes } from "./contact-notes";
import { ContactStore } from "./contact-store";
import { ContactTimeline } from "./contact-timeline";
import { ContactTwins } from "./contact-twins";

@Component({
  selector: "app-contact-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [
    Avatar,
    ContactData,
    ContactFacts,
    ContactMerges,
    ContactNotes,
    ContactTimeline,
    ContactTwins,
    FailurePage,
    Icon,
    MenuButton,
    RouterLink,
  ],
  providers: [ContactStore],
  templateUrl: "./contact-page.html",
})
export class ContactPage {
  readonly id = input.required<string>();
  protected readonly store = inject(ContactStore);
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  readonly #api = inject(ApiClient);
  readonly #directory = inject(Directory);
  readonly #toasts = inject(Toasts);
  readonly #now = inject(Ticker).now;
  protected readonly talks = signal<readonly ConversationView[]>([]);
  protected readonly tint = (name: string): string => `tint-${tintOf(name)}`;
  protected readonly dateOf = (at: string): string => shortDate(at, this.#now());
  protected readonly labels = computed((): MenuItem[] =>
    this.#directory
      .labels()
      .map(({ name }) => ({ id: name, text: name, isOn: this.store.contact()?.labels.includes(name) ?? false })),
  );

  constructor() {
    effect(() => {
      const id = this.id();
      untracked(() => void this.load(id));
    });
  }

  protected async load(id: string): Promise<void> {
    this.talks.set([]);
    void this.store.load(id);
    // Awaited: ApiFailure; the page itself says when the server is away.
    const page = await this.#api.listConversations({ contact: id, limit: 50 }).catch(() => null);
    if (page && id === this.id()) this.talks.set(page.items);
  }

  protected toggleLabel(name: string): void {
    const before = this.store.contact()?.labels ?? [];
    const labels = before.includes(name) ? before.filter((one) => one !== name) : [...before, name];
    void this.#try(() => this.store.patch({ labels }));
  }

  protected toggleBlocked(isBlocked: boolean): void {
    void this.#try(() => this.store.setBlocked(isBlocked));
  }

  protected toggleConsent(optedIn: boolean): void {
    void this.#try(() => this.store.setConsent(optedIn, this.t("contact.consentSource")));
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // Awaited: ApiFailure; what is shown is the server's state.
      this.#toasts.say(this.#words.failure(asFailure(error)), "alert");
    }
  }
}
