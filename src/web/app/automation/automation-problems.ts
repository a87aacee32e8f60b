/** What rules, macros, promises, hours and settings name that has gone: nothing that acts by itself fails without a word. */
import { ChangeDetectionStrategy, Component, effect, inject, input, signal, untracked } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { Problem } from "@server/features/references/reference.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { Icon } from "../ui/icon";

const PLACES: Readonly<Record<Problem["kind"], (id: string) => readonly string[]>> = {
  "automation-rule": (id) => ["/settings/automation/rules", id],
  macro: (id) => ["/settings/macros", id],
  "sla-policy": () => ["/settings/sla"],
  "business-hours": () => ["/settings/hours"],
  settings: () => ["/settings/rules"],
};

@Component({
  selector: "app-automation-problems",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, RouterLink],
  template: `
    @if (problems().length > 0) {
      <section class="callout callout-warning" aria-labelledby="automation-problems">
        <app-icon name="alert" size="icon-m" />
        <div class="min-w-0">
          <h2 class="label" id="automation-problems">{{ t("problems.heading") }}</h2>
          <ul class="problem-lines">
            @for (one of problems(); track one.kind + one.id + one.path) {
              <li><a [routerLink]="placeOf(one)" dir="auto">{{ t(kindWord(one)) }} “{{ one.name }}”</a>: {{ t(missingWord(one), { name: nameOf(one) }) }}</li>
            }
          </ul>
        </div>
      </section>
    }
  `,
})
export class AutomationProblems {
  /** Only of this kind; all when left out. */
  readonly only = input<Problem["kind"]>();
  protected readonly t = inject(Words).t;
  readonly #problems = inject(ApiClient).calls["automation-problems"];
  protected readonly problems = signal<readonly Problem[]>([]);
  protected readonly placeOf = ({ kind, id }: Problem) => PLACES[kind](id);
  protected readonly kindWord = ({ kind }: Problem) => `problems.kind.${kind}` as const;
  protected readonly missingWord = ({ missing }: Problem) => `problems.missing.${missing.kind}` as const;
  /** Only labels, templates and attributes are known by what people call them. */
  protected readonly nameOf = ({ missing: { kind, id } }: Problem): string =>
    kind === "label" || kind === "template" || kind === "attribute" ? id : "";

  constructor() {
    const permissions = inject(Permissions);
    effect(() => {
      if (permissions.may("automation.manage")) untracked(() => void this.#load());
    });
  }

  async #load(): Promise<void> {
    // Awaited: ApiFailure; the room below says why the server does not answer.
    const all = await dataOf(this.#problems.get()).catch(() => []);
    this.problems.set(all.filter(({ kind }) => kind === (this.only() ?? kind)));
  }
}
