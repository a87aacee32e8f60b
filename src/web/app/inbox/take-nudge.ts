/** Said to whoever writes their first reply in a conversation that is not theirs: whose it is, and a press to make it one's own. */
import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import { Words } from "../i18n/words";
import { Session } from "../session/session";
import { Icon } from "../ui/icon";
import { Directory } from "./directory";
import { ThreadStore } from "./thread-store";

@Component({
  selector: "app-take-nudge",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    @if (line(); as text) {
      <div class="since" role="status">
        <app-icon name="assign" size="icon-m" /><span class="grow" dir="auto">{{ text }}</span>
        <button type="button" (click)="take()">{{ t("deed.take") }}</button>
      </div>
    }
  `,
})
export class TakeNudge {
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  readonly #store = inject(ThreadStore);
  readonly #directory = inject(Directory);
  readonly #session = inject(Session);

  protected readonly line = computed(() => {
    const { assignedAgent = null, isOpen = false } = this.#store.conversation() ?? {};
    const me = this.#session.agent()?.id ?? null;
    if (!isOpen || assignedAgent === me || !this.#words.hasMore()) return null;
    if (this.#store.messages().some(({ role, author }) => role === "operator" && author === me)) return null;
    return assignedAgent === null
      ? this.t("nudge.nobody")
      : this.t("nudge.theirs", { name: this.#directory.nameOf(assignedAgent) ?? "?" });
  });

  constructor() {
    void this.#words.more();
  }

  protected take(): void {
    void this.#store.act([{ do: "take" }], { assignedAgent: this.#session.agent()?.id ?? null });
  }
}
