/** The rules in their order: switched on and off, moved, opened; and what of them does not work any more. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  type ElementRef,
  inject,
  signal,
  viewChild,
} from "@angular/core";
import { RouterLink } from "@angular/router";
import type { RuleView } from "@server/features/automation-rules/automation-rule.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { Permissions } from "../settings/permissions";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { AutomationChoices } from "./automation-choices";
import { AutomationProblems } from "./automation-problems";
import { AutomationText } from "./automation-text";
import { conditionsDraft, isGroup, type Mode, moved } from "./rule-draft";

@Component({
  selector: "app-automation-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [AutomationProblems, FailureNote, Icon, RouterLink, SureButton],
  template: `
    <div class="stack">
      <header class="rule-head">
        <div class="grow min-w-0"><h1 class="room-title">{{ t("automation.heading") }}</h1><p class="card-text">{{ t("automation.rulesText") }}</p></div>
        @if (mayManage()) {
          <a class="btn" routerLink="runs"><app-icon name="history" size="icon-m" />{{ t("runs.heading") }}</a>
          <a class="btn btn-primary" routerLink="rules/new"><app-icon name="plus" size="icon-m" />{{ t("rule.new") }}</a>
        }
      </header>
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" [retryLabel]="t('common.tryAgain')" (retry)="reload()" />
      }
      <app-automation-problems />
      <section class="card" [attr.aria-label]="t('automation.rules')">
        <ol class="rows" #list>
          @for (rule of rules(); track rule.id; let index = $index; let isLast = $last) {
            <li class="row-line rule-line" [attr.data-rule]="rule.id">
              <button class="switch" type="button" role="switch" [attr.aria-label]="t('rule.enabledOf', { name: rule.name })" [attr.aria-checked]="rule.isEnabled" (click)="toggle(rule)"></button>
              <a class="rule-link min-w-0 grow" [routerLink]="['rules', rule.id]">
                <b class="block clip" dir="auto">{{ rule.name }}</b>
                <span class="block meta clip" dir="auto" [title]="summary(rule)">{{ summary(rule) }}</span>
              </a>
              <button class="ibtn" type="button" data-move="-1" [disabled]="index === 0" [attr.aria-label]="t('automation.up', { name: rule.name })" [title]="t('automation.up', { name: rule.name })" (click)="move(index, -1)"><app-icon name="arrow-up" size="icon-m" /></button>
              <button class="ibtn" type="button" data-move="1" [disabled]="isLast" [attr.aria-label]="t('automation.down', { name: rule.name })" [title]="t('automation.down', { name: rule.name })" (click)="move(index, 1)"><app-icon name="arrow-down" size="icon-m" /></button>
              <app-sure-button icon="trash" [label]="t('labels.remove', { name: rule.name })" (sure)="removeRule(rule)" />
            </li>
          } @empty {
            @if (isLoaded()) {
              <li class="empty empty-card"><h2>{{ t("automation.noRules") }}</h2><p>{{ t("automation.noRulesText") }}</p><a class="btn" routerLink="rules/new"><app-icon name="plus" size="icon-m" />{{ t("rule.new") }}</a></li>
            }
          }
        </ol>
      </section>
    </div>
  `,
})
export class AutomationRoom {
  protected readonly t = inject(Words).t;
  readonly #rules = inject(ApiClient).calls["automation-rules"];
  readonly #text = inject(AutomationText);
  readonly #permissions = inject(Permissions);
  protected readonly mayManage = computed(() => this.#permissions.may("automation.manage"));
  protected readonly deed = new Deed();
  protected readonly rules = signal<readonly RuleView[]>([]);
  protected readonly isLoaded = signal(false);
  private readonly list = viewChild.required<ElementRef<HTMLElement>>("list");
  /** Sentences are made once for what is shown, and again when names have come. */
  readonly #summaries = computed(() => new Map(this.rules().map((rule) => [rule.id, this.#say(rule)])));
  protected readonly summary = ({ id }: RuleView): string => this.#summaries().get(id) ?? "";

  constructor() {
    void this.reload();
    void inject(AutomationChoices).loadNames();
    const off = inject(LiveConnection).on("automation:updated", ({ kind }) => {
      if (kind === "automation-rule") void this.reload();
    });
    inject(DestroyRef).onDestroy(off);
  }

  protected async reload(): Promise<void> {
    await this.deed.run(() => this.#load());
  }

  protected async toggle(rule: RuleView): Promise<void> {
    await this.#change(() => dataOf(this.#rules({ id: rule.id }).patch({ isEnabled: !rule.isEnabled, version: rule.version })));
  }

  protected async move(from: number, step: 1 | -1): Promise<void> {
    const order = moved(this.rules(), from, step).map(({ id }) => id);
    const id = this.rules()[from]?.id;
    await this.#change(() => dataOf(this.#rules.order.post({ rules: order })));
    requestAnimationFrame(() => {
      const line = this.list().nativeElement.querySelector(`[data-rule="${id}"]`);
      const button = line?.querySelector<HTMLElement>(`[data-move="${step}"]:not([disabled])`);
      (button ?? line?.querySelector<HTMLElement>("[data-move]:not([disabled])"))?.focus();
    });
  }

  protected async removeRule(rule: RuleView): Promise<void> {
    await this.#change(() => dataOf(this.#rules({ id: rule.id }).delete()));
  }

  #say({ trigger, conditions, actions }: RuleView): string {
    const { mode, nodes } = conditionsDraft(conditions);
    const joined = this.#joined(
      mode,
      nodes.map((node) => {
        if (!isGroup(node)) return this.#text.check(node);
        const inside = this.#joined(
          node.mode,
          node.checks.map((check) => this.#text.check(check)),
        );
        return node.checks.length > 1 ? `(${inside})` : inside;
      }),
    );
    return [this.#text.trigger(trigger), ...(joined ? [joined] : []), this.#text.actions(actions)].join(" → ");
  }

  #joined(mode: Mode, parts: readonly string[]): string {
    return parts.join(` ${this.t(mode === "all" ? "rule.and" : "rule.or")} `);
  }

  async #change(work: () => Promise<unknown>): Promise<void> {
    await this.deed.run(work);
    const refused = this.deed.failure();
    await this.deed.run(() => this.#load());
    if (refused) this.deed.failure.set(refused);
  }

  async #load(): Promise<void> {
    const rules = await dataOf(this.#rules.get());
    this.rules.set([...rules].sort((a, b) => a.order - b.order));
    this.isLoaded.set(true);
  }
}
