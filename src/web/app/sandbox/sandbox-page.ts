/** The first minute of a new user: play the customer on a fake phone and watch the same conversation as an agent. */
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
import { Router } from "@angular/router";
import { type WordKey, Words } from "../i18n/words";
import { ConversationThread } from "../inbox/conversation-thread";
import { ThreadStore } from "../inbox/thread-store";
import { LiveConnection } from "../live/live-connection";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { ChaosKnobs } from "./chaos-knobs";
import { FakePhone } from "./fake-phone";
import { PhoneLink } from "./phone-link";
import { PhonePicker } from "./phone-picker";
import { PhoneStore } from "./phone-store";
import { StageTrail } from "./stage-trail";
import { TrailStore } from "./trail-store";

type Pane = "phone" | "inbox" | "trail";

@Component({
  selector: "app-sandbox-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ChaosKnobs, ConversationThread, FailureNote, FailurePage, FakePhone, PhonePicker, StageTrail],
  providers: [PhoneStore, ThreadStore, TrailStore],
  templateUrl: "./sandbox-page.html",
})
export class SandboxPage {
  protected readonly store = inject(PhoneStore);
  protected readonly thread = inject(ThreadStore);
  readonly #router = inject(Router);
  readonly #link = inject(PhoneLink);
  readonly #live = inject(LiveConnection);
  #isLooking = false;
  #mustLook = false;

  /** From the address: which phone is in the hand. */
  readonly phone = input<string>();

  protected readonly t = inject(Words).t;
  protected readonly pane = signal<Pane>("phone");
  protected readonly panes: readonly { id: Pane; word: WordKey }[] = [
    { id: "phone", word: "sandbox.panePhone" },
    { id: "inbox", word: "sandbox.paneInbox" },
    { id: "trail", word: "sandbox.happened" },
  ];
  protected readonly isOff = computed(() => this.store.failure()?.code === "sandbox.off");
  protected readonly firstName = computed(() => this.store.phone()?.name.split(" ")[0] ?? this.t("sandbox.thePhone"));

  constructor() {
    void this.store.load();
    effect(() => {
      const phones = this.store.phones();
      const asked = this.phone();
      const chosen = phones.find((one) => one.id === asked) ?? phones[0];
      if (chosen) untracked(() => void this.store.choose(chosen.id));
    });
    // The phone itself is told anew again and again; only another phone opens another conversation.
    const id = computed(() => this.store.phone()?.id);
    effect(() => {
      const chosen = id();
      untracked(() => {
        this.thread.close();
        if (chosen) void this.#follow();
      });
    });
    // Whatever happens on the phone may have opened its first conversation, or a new one after the last was closed.
    const offs = [
      this.#live.on("phone:changed", ({ phone }) => {
        if (phone === this.store.phone()?.id && !this.thread.conversation()?.isOpen) void this.#follow();
      }),
      this.#live.on("conversation:updated", ({ conversation }) => {
        const shown = this.thread.conversation();
        const isNewer =
          shown !== null && conversation.contact.id === shown.contact.id && conversation.createdAt > shown.createdAt;
        if (isNewer) void this.thread.open(conversation.id);
        else if (!shown) void this.#follow();
      }),
    ];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
    });
  }

  protected choose(id: string): void {
    void this.#router.navigate([], { queryParams: { phone: id }, replaceUrl: true });
  }

  /** Opens the conversation of the phone in the hand, as soon as there is one. Events that come while it looks make it look once more. */
  async #follow(): Promise<void> {
    this.#mustLook = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#mustLook) {
      this.#mustLook = false;
      const phone = this.store.phone();
      if (!phone) break;
      // Awaited: ApiFailure; the next event or reload looks again, and the thread shows its own failures.
      const found = await this.#link.find(phone).catch(() => null);
      if (this.store.phone()?.id !== phone.id) this.#mustLook = true;
      else if (found) await this.thread.open(found.id);
    }
    this.#isLooking = false;
  }
}
