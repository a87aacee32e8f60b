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
import { recall, remember } from "../browser-memory";
import { type WordKey, Words } from "../i18n/words";
import { ConversationThread } from "../inbox/conversation-thread";
import { ThreadStore } from "../inbox/thread-store";
import { LiveConnection } from "../live/live-connection";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { ChaosKnobs } from "./chaos-knobs";
import { FakePhone } from "./fake-phone";
import { PendingTexts } from "./pending-texts";
import { PhoneLink } from "./phone-link";
import { PhonePicker } from "./phone-picker";
import { isFolded, type PhoneRow, putAway, putBeside, roomFor, rowFrom, taken } from "./phone-row";
import { SandboxStore } from "./sandbox-store";
import { StageTrail } from "./stage-trail";
import { TrailStore } from "./trail-store";

type Pane = "phone" | "inbox" | "trail";
const KEY = "chasqui.sandbox.phones";

@Component({
  selector: "app-sandbox-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ChaosKnobs, ConversationThread, FailureNote, FailurePage, FakePhone, PhonePicker, StageTrail],
  providers: [PendingTexts, SandboxStore, ThreadStore, TrailStore],
  templateUrl: "./sandbox-page.html",
  host: { "(window:resize)": "measure()" },
})
export class SandboxPage {
  protected readonly store = inject(SandboxStore);
  protected readonly thread = inject(ThreadStore);
  readonly #router = inject(Router);
  readonly #link = inject(PhoneLink);
  readonly #live = inject(LiveConnection);
  #isLooking = false;
  #mustLook = false;

  /** From the address: which phone is in the hand. */
  readonly phone = input<string>();
  /** From the address: which ones lie on the table, divided by commas. */
  readonly open = input<string>();

  protected readonly t = inject(Words).t;
  protected readonly pane = signal<Pane>("phone");
  protected readonly panes: readonly { id: Pane; word: WordKey }[] = [
    { id: "phone", word: "sandbox.panePhone" },
    { id: "inbox", word: "sandbox.paneInbox" },
    { id: "trail", word: "sandbox.happened" },
  ];
  readonly #width = signal(innerWidth);
  /** Phones need the room: their switches and what happened are shown in their place when asked for. */
  protected readonly isFolded = computed(() => isFolded(this.#width(), this.store.shown().length));
  protected readonly isOff = computed(() => this.store.failure()?.code === "sandbox.off");
  protected readonly firstName = computed(() => this.store.phone()?.name.split(" ")[0] ?? this.t("sandbox.thePhone"));

  constructor() {
    void this.store.load();
    const known = computed(() => this.store.phones().map(({ id }) => id), {
      equal: (before, after) => before.join() === after.join(),
    });
    effect(() => {
      const [phone, open, phones] = [this.phone(), this.open(), known()];
      // An address without phones means those of the last time.
      const kept = phone === undefined && open === undefined ? keptRow() : { phone, open: open?.split(",") ?? [] };
      untracked(() => this.store.lay(rowFrom(kept, phones)));
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
    this.#go(taken(this.store.row(), id));
  }

  protected beside(id: string): void {
    this.#go(putBeside(this.store.row(), id));
  }

  protected putAway(id: string): void {
    this.#go(putAway(this.store.row(), id));
  }

  protected measure(): void {
    this.#width.set(innerWidth);
    this.store.setRoom(roomFor(innerWidth));
  }

  /** The address says which phones are out, so that a reload shows the same; the browser remembers it for the next visit. */
  #go({ open, inHand }: PhoneRow): void {
    const before = this.store.row();
    if (inHand === before.inHand && open.join() === before.open.join()) return;
    const row = { phone: inHand, open: open.length > 1 ? open.join(",") : null };
    remember(KEY, JSON.stringify({ phone: inHand, open }));
    void this.#router.navigate([], { queryParams: row, queryParamsHandling: "merge", replaceUrl: true });
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

/** The row of the last visit; whatever else is kept there counts as none. */
function keptRow(): { phone?: string; open?: string[] } {
  try {
    const kept: unknown = JSON.parse(recall(KEY) ?? "null");
    if (typeof kept !== "object" || kept === null) return {};
    const { phone, open } = kept as Record<string, unknown>;
    return {
      ...(typeof phone === "string" ? { phone } : {}),
      ...(Array.isArray(open) ? { open: open.filter((id) => typeof id === "string") } : {}),
    };
  } catch {
    // Awaited: SyntaxError.
    return {};
  }
}
