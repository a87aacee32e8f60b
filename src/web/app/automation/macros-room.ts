/** The macros one can run: one's own, those of one's teams, those of everybody. */
import { ChangeDetectionStrategy, Component, computed, DestroyRef, inject, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { MacroView } from "@server/features/macros/macro.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { Session } from "../session/session";
import { Permissions } from "../settings/permissions";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { AutomationChoices } from "./automation-choices";
import { AutomationProblems } from "./automation-problems";
import { AutomationText } from "./automation-text";

@Component({
  selector: "app-macros-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [AutomationProblems, FailureNote, Icon, RouterLink, SureButton],
  template: `
    <div class="stack">
      <header class="rule-head">
        <div class="grow min-w-0"><h1 class="room-title">{{ t("automation.macros") }}</h1><p class="card-text">{{ t("macro.text") }}</p></div>
        <a class="btn btn-primary" routerLink="new"><app-icon name="plus" size="icon-m" />{{ t("macro.new") }}</a>
      </header>
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" [retryLabel]="t('common.tryAgain')" (retry)="reload()" />
      }
      <app-automation-problems only="macro" />
      <section class="card" [attr.aria-label]="t('automation.macros')">
        <ul class="rows">
          @for (macro of macros(); track macro.id) {
            <li class="row-line rule-line">
              <a class="rule-link min-w-0 grow" [routerLink]="[macro.id]">
                <b class="block clip" dir="auto">{{ macro.name }}</b>
                <span class="block meta clip" dir="auto">{{ summary(macro) }}</span>
              </a>
              <span class="chip clip" [title]="forWhom(macro)">{{ forWhom(macro) }}</span>
              @if (mayChange(macro)) {
                <app-sure-button icon="trash" [label]="t('labels.remove', { name: macro.name })" (sure)="remove(macro)" />
              }
            </li>
          } @empty {
            @if (isLoaded()) {
              <li class="empty empty-card"><h2>{{ t("automation.noMacros") }}</h2><p>{{ t("macro.noneText") }}</p><a class="btn" routerLink="new"><app-icon name="plus" size="icon-m" />{{ t("macro.new") }}</a></li>
            }
          }
        </ul>
      </section>
    </div>
  `,
})
export class MacrosRoom {
  protected readonly t = inject(Words).t;
  readonly #macros = inject(ApiClient).calls.macros;
  readonly #text = inject(AutomationText);
  readonly #choices = inject(AutomationChoices);
  readonly #permissions = inject(Permissions);
  readonly #session = inject(Session);
  protected readonly deed = new Deed();
  protected readonly macros = signal<readonly MacroView[]>([]);
  protected readonly isLoaded = signal(false);
  readonly #summaries = computed(() => new Map(this.macros().map(({ id, actions }) => [id, this.#text.actions(actions)])));
  protected readonly summary = ({ id }: MacroView): string => this.#summaries().get(id) ?? "";

  constructor() {
    void this.reload();
    void this.#choices.loadNames();
    const off = inject(LiveConnection).on("automation:updated", ({ kind }) => {
      if (kind === "macro") void this.reload();
    });
    inject(DestroyRef).onDestroy(off);
  }

  /** Those of others are changed by whoever manages automation. */
  protected mayChange({ visibility, owner }: MacroView): boolean {
    return (visibility === "personal" && owner === this.#session.agent()?.id) || this.#permissions.may("automation.manage");
  }

  protected forWhom({ visibility, teams }: MacroView): string {
    if (visibility === "team") return teams.map((id) => this.#choices.teamName(id) ?? this.t("rule.gone")).join(", ");
    return this.t(visibility === "personal" ? "replies.personal" : "replies.shared");
  }

  protected async reload(): Promise<void> {
    await this.deed.run(async () => {
      this.macros.set(await dataOf(this.#macros.get()));
      this.isLoaded.set(true);
    });
  }

  protected async remove({ id }: MacroView): Promise<void> {
    if (await this.deed.run(() => dataOf(this.#macros({ id }).delete()))) await this.reload();
  }
}
