/** The inbox: the list, the open conversation, and what is known about it; three panes, two, or one with a way back. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  effect,
  Injector,
  inject,
  input,
  runInInjectionContext,
  signal,
  untracked,
  viewChild,
} from "@angular/core";
import { Router } from "@angular/router";
import type { ConversationView } from "@server/events/view";
import { MacroBar } from "../automation/macro-bar";
import { recall, remember } from "../browser-memory";
import { Clock } from "../clock";
import { PageTitle } from "../i18n/page-title";
import { Words } from "../i18n/words";
import { Session } from "../session/session";
import { Permissions } from "../settings/permissions";
import { type Command, Commands } from "../shell/commands";
import { Ticker } from "../ticker";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { Toasts } from "../ui/toasts";
import { Weave } from "../ui/weave";
import { ContextPanel } from "./context-panel";
import { ConversationDeeds } from "./conversation-deeds";
import { ConversationList } from "./conversation-list";
import { ConversationListStore } from "./conversation-list-store";
import { ConversationThread } from "./conversation-thread";
import { Directory } from "./directory";
import { DraftStore } from "./draft-store";
import type { InsideCommands } from "./inside-commands";
import { SnoozeDialog } from "./snooze-dialog";
import { snoozeItems } from "./snooze-times";
import { ThreadStore } from "./thread-store";

const PANEL_KEY = "chasqui.panel";
/** The list comes first; what opens a conversation is fetched once nobody waits for anything. */
const WARM_MS = 1_200;

@Component({
  selector: "app-inbox-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ContextPanel, ConversationList, ConversationThread, Icon, MacroBar, MenuButton, SnoozeDialog, Weave],
  providers: [ThreadStore],
  templateUrl: "./inbox-page.html",
})
export class InboxPage {
  /** From the address: which conversation is open. */
  readonly id = input<string>();

  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  protected readonly store = inject(ThreadStore);
  protected readonly deeds = inject(ConversationDeeds);
  readonly #list = inject(ConversationListStore);
  readonly #router = inject(Router);
  readonly #directory = inject(Directory);
  readonly #drafts = inject(DraftStore);
  readonly #toasts = inject(Toasts);
  readonly #session = inject(Session);
  readonly #permissions = inject(Permissions);
  readonly #now = inject(Ticker).now;
  private readonly list = viewChild.required(ConversationList);
  private readonly snoozeMenu = viewChild<MenuButton>("snoozeMenu");
  private readonly assignMenu = viewChild<MenuButton>("assignMenu");

  readonly #injector = inject(Injector);
  #made: InsideCommands | null = null;
  readonly #wide = matchMedia("(min-width: 1200px)");
  protected readonly hasPanel = signal(this.#wide.matches && recall(PANEL_KEY) !== "folded");
  /** The conversation a macro is being chosen for. */
  protected readonly macroFor = signal<string | null>(null);
  protected readonly mayRun = computed(() => this.#permissions.may("conversations.write"));
  protected readonly snoozes = computed(() => snoozeItems(this.#now(), this.t));
  protected readonly agents = computed((): MenuItem[] => {
    const assigned = this.store.conversation()?.assignedAgent ?? null;
    const me = this.#session.agent()?.id;
    return [
      ...this.#directory.agents().map(({ id, name }) => ({
        id,
        text: id === me ? this.t("deed.me", { name }) : name,
        icon: "person",
        detail: this.t(`presence.${this.#directory.presenceOf(id)}`),
        isOn: id === assigned,
      })),
      { id: "", text: this.t("deed.nobody"), icon: "x-circle", isOn: assigned === null },
    ];
  });

  constructor() {
    effect(() => {
      const id = this.id();
      untracked(() => {
        if (id) void this.store.open(id);
        else this.store.close();
      });
    });
    const clock = inject(Clock);
    effect(() => {
      // Without a network it is loaded when a conversation is opened.
      const warm = () => import("./conversation-thread").catch(() => null);
      if (this.#list.phase() === "ready") untracked(() => clock.timer(WARM_MS, () => void warm()));
    });
    effect(() => {
      const shown = this.store.conversation();
      if (shown?.mergedInto) untracked(() => this.#goTo(shown.id, shown.mergedInto ?? ""));
    });
    const title = inject(PageTitle);
    effect(() => title.prefix.set(this.store.conversation()?.contact.name ?? ""));
    inject(Commands).add(this.#commands());
  }

  protected goBack(): void {
    void this.#router.navigate(["/conversations"]);
  }

  protected togglePanel(): void {
    this.hasPanel.update((shown) => !shown);
    if (this.#wide.matches) remember(PANEL_KEY, this.hasPanel() ? null : "folded");
  }

  protected snooze(id: string): void {
    const conversation = this.store.conversation();
    if (conversation) this.deeds.snoozeBy(conversation, id);
  }

  protected assign(agent: string): void {
    const conversation = this.store.conversation();
    if (conversation) void this.deeds.assign(conversation, agent || null);
  }

  /** Its words come with it, when it is first wanted. */
  protected async chooseMacro(): Promise<void> {
    const conversation = this.store.conversation();
    if (!conversation) return;
    // Awaited: TypeError when the server has just gone.
    await this.#words.more().catch(() => null);
    if (this.#words.hasMore()) this.macroFor.set(conversation.id);
    else this.#toasts.say(this.t("failure.network.unreachable"), "alert");
  }

  /** Its messages are in another one now: that is where to go on, with what was begun here. */
  #goTo(merged: string, target: string): void {
    for (const kind of ["reply", "note"] as const) {
      const begun = [this.#drafts.textOf(target, kind), this.#drafts.textOf(merged, kind)].filter(Boolean);
      this.#drafts.keep(target, kind, begun.join("\n"));
      this.#drafts.keep(merged, kind, "");
    }
    this.#toasts.say(this.t("thread.merged"), "merge");
    void this.#router.navigate(["/conversations", target], { replaceUrl: true });
  }

  async #resolve(goOn: boolean): Promise<void> {
    const conversation = this.store.conversation();
    if (!conversation) return;
    const next = this.#list.neighbour(conversation.id, 1) ?? this.#list.neighbour(conversation.id, -1);
    const isDone = await this.deeds.resolve(conversation);
    if (isDone && goOn && next) void this.#router.navigate(["/conversations", next.id]);
  }

  /** What the command bar shows inside a command, loaded when it is first looked at. */
  async #inside(pick: (made: InsideCommands, one: ConversationView) => readonly Command[] | Promise<readonly Command[]>) {
    const one = this.store.conversation();
    const { InsideCommands: Made } = await import("./inside-commands");
    this.#made ??= runInInjectionContext(this.#injector, () => new Made());
    return one ? pick(this.#made, one) : [];
  }

  #commands(): Command[] {
    const isOpen = () => this.store.conversation() !== null;
    return [
      { id: "next", group: "list", icon: "arrow-down", word: "command.next", keys: "alt+j", run: () => this.list().step(1) },
      {
        id: "previous",
        group: "list",
        icon: "arrow-up",
        word: "command.previous",
        keys: "alt+k",
        run: () => this.list().step(-1),
      },
      { id: "search", group: "list", icon: "search", word: "search.field", keys: "/", run: () => this.list().focusSearch() },
      { id: "tab", group: "list", icon: "inbox", word: "command.nextTab", keys: "alt+n", run: () => this.list().nextTab() },
      {
        id: "resolve",
        group: "conversation",
        icon: "check-circle",
        word: "deed.resolve",
        keys: "alt+e",
        run: () => void this.#resolve(false),
        isPossible: isOpen,
      },
      {
        id: "resolve-next",
        group: "conversation",
        icon: "check-circle",
        word: "command.resolveNext",
        keys: "mod+alt+e",
        run: () => void this.#resolve(true),
        isPossible: isOpen,
      },
      {
        id: "snooze",
        group: "conversation",
        icon: "snooze",
        word: "deed.snooze",
        keys: "alt+m",
        run: () => this.snoozeMenu()?.toggle(),
        inside: (typed) => this.#inside((made, one) => made.snoozes(one, typed)),
        isPossible: isOpen,
      },
      {
        id: "assign",
        group: "conversation",
        icon: "assign",
        word: "deed.assign",
        keys: "alt+a",
        run: () => this.assignMenu()?.toggle(),
        inside: () => this.#inside((made, one) => made.people(one)),
        isPossible: isOpen,
      },
      {
        id: "take",
        group: "conversation",
        icon: "person",
        word: "deed.take",
        run: () => this.assign(this.#session.agent()?.id ?? ""),
        isPossible: isOpen,
      },
      {
        id: "macro",
        group: "conversation",
        icon: "automation",
        word: "command.macro",
        inside: () => this.#inside((made, one) => made.macros(one)),
        isPossible: () => isOpen() && this.mayRun(),
      },
      {
        id: "panel",
        group: "conversation",
        icon: "panel",
        word: "command.panel",
        keys: "alt+o",
        run: () => this.togglePanel(),
        isPossible: isOpen,
      },
    ];
  }
}
