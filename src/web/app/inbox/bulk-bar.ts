/** What can be done to the picked conversations, or to all that match. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal } from "@angular/core";
import type { ConversationAction } from "@server/features/conversation-actions/conversation-action.schema";
import type { BulkTarget } from "../api/api-client";
import { MacroBar } from "../automation/macro-bar";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { ConversationDeeds } from "./conversation-deeds";
import { Directory } from "./directory";

@Component({
  selector: "app-bulk-bar",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, MacroBar, MenuButton],
  template: `
    <div class="bulk" role="toolbar" [attr.aria-label]="t('bulk.heading')">
      <span class="num" role="status">{{ isAll() ? t("bulk.all") : words.n("bulk.picked", count()) }}</span>
      @if (!isAll() && hasMore()) {
        <button class="bulk-all" type="button" (click)="all.emit()">{{ t("bulk.pickAll") }}</button>
      }
      <span class="grow"></span>
      <app-menu-button icon="assign" [label]="t('deed.assign')" [items]="agents()" (chosen)="assign($event)" />
      <app-menu-button icon="tag" [label]="t('deed.label')" [items]="labels()" (chosen)="label($event)" />
      @if (mayRun() && ids()) {
        <button class="ibtn" type="button" aria-haspopup="dialog" [attr.aria-label]="t('command.macro')" [title]="t('command.macro')" [disabled]="isBusy()" (click)="chooseMacro()"><app-icon name="automation" /></button>
      }
      <button class="ibtn" type="button" [attr.aria-label]="t('deed.resolve')" [title]="t('deed.resolve')" [disabled]="isBusy()" (click)="act([{ do: 'status', status: 'resolved' }])">
        <app-icon name="check-circle" />
      </button>
      <button class="ibtn" type="button" [attr.aria-label]="t('bulk.clear')" [title]="t('bulk.clear')" (click)="done.emit()"><app-icon name="close" /></button>
    </div>
    @if (isChoosing() && ids(); as chosen) {
      @defer (on immediate) {
        <app-macro-bar [conversations]="chosen" (closed)="isChoosing.set(false)" (ran)="done.emit()" />
      }
    }
  `,
})
export class BulkBar {
  readonly count = input.required<number>();
  readonly isAll = input.required<boolean>();
  readonly hasMore = input.required<boolean>();
  readonly target = input.required<BulkTarget>();
  readonly all = output();
  readonly done = output();

  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  readonly #deeds = inject(ConversationDeeds);
  readonly #directory = inject(Directory);
  readonly #permissions = inject(Permissions);
  protected readonly isBusy = signal(false);
  protected readonly isChoosing = signal(false);
  protected readonly mayRun = computed(() => this.#permissions.may("conversations.write"));
  /** The picked ones; null where only a filter is known: macros want to be told each conversation. */
  protected readonly ids = computed(() => {
    const target = this.target();
    return "ids" in target ? target.ids : null;
  });
  protected readonly agents = computed((): MenuItem[] => [
    { id: "", text: this.t("deed.nobody"), icon: "x-circle" },
    ...this.#directory.agents().map(({ id, name }) => ({ id, text: name, icon: "person" })),
  ]);
  protected readonly labels = computed((): MenuItem[] =>
    this.#directory.labels().map(({ name }) => ({ id: name, text: name, icon: "tag" })),
  );

  protected assign(agent: string): void {
    void this.act([{ do: "assign", agent: agent || null }]);
  }

  protected label(name: string): void {
    void this.act([{ do: "label", add: [name] }]);
  }

  protected async chooseMacro(): Promise<void> {
    // Awaited: TypeError when the server has just gone; then the button does nothing, and is pressed again.
    await this.words.more().catch(() => null);
    this.isChoosing.set(this.words.hasMore());
  }

  protected async act(actions: ConversationAction[]): Promise<void> {
    if (this.isBusy()) return;
    this.isBusy.set(true);
    await this.#deeds.toMany(this.target(), actions);
    this.isBusy.set(false);
    this.done.emit();
  }
}
