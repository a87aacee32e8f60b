/** Rules, schedules and settings that name what has gone, each with the way to where it is put right. */
import { ChangeDetectionStrategy, Component, inject } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { Problem } from "@server/features/references/reference.schema";
import { type WordKey, Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { AttentionStore } from "./attention-store";

/** The room of the settings in which each kind is changed. */
const ROOMS: Readonly<Record<Problem["kind"], string>> = {
  "automation-rule": "automation",
  macro: "automation",
  "sla-policy": "hours",
  "business-hours": "hours",
  settings: "rules",
};

@Component({
  selector: "app-problem-card",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink],
  template: `
    <section class="card">
      <h2>{{ t("attention.problem.heading") }}</h2>
      <p class="card-text">{{ t("attention.problem.text") }}</p>
      <ul class="rows">
        @for (one of store.problems(); track one.kind + one.id + one.path) {
          <li class="row-line">
            <span class="min-w-0 grow">
              <span class="block clip"><b dir="auto">{{ one.name }}</b><span class="meta"> · {{ t(kindWord(one)) }}</span></span>
              <span class="block" dir="auto">{{ t(goneWord(one), { name: nameOf(one) }) }}</span>
            </span>
            <a class="btn btn-s" [routerLink]="['/settings', room(one)]">{{ t("attention.problem.mend") }}</a>
          </li>
        } @empty {
          <li class="meta">{{ t("attention.problem.none") }}</li>
        }
      </ul>
    </section>
  `,
})
export class ProblemCard {
  protected readonly t = inject(Words).t;
  protected readonly store = inject(AttentionStore);
  protected readonly room = ({ kind }: Problem): string => ROOMS[kind];
  protected readonly kindWord = ({ kind }: Problem): WordKey => `attention.kind.${kind}`;
  readonly #directory = inject(Directory);
  /** People who have left are still known by their name. */
  protected readonly nameOf = ({ missing: { kind, id } }: Problem): string =>
    (kind === "agent" ? this.#directory.nameOf(id) : null) ?? id;
  protected readonly goneWord = ({ missing }: Problem): WordKey => `attention.gone.${missing.kind}`;
}
