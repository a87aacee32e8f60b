/** Rules and macros: what runs by itself, and what runs at a press. Rules are switched on and off and put in order here. */
import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import type { RuleView } from "@server/features/automation-rules/automation-rule.schema";
import type { MacroView } from "@server/features/macros/macro.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";

@Component({
  selector: "app-automation-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, SureButton],
  template: `
    <div class="stack">
      <h1 class="room-title">{{ t("automation.heading") }}</h1>
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" />
      }
      <section class="card">
        <h2>{{ t("automation.rules") }}</h2>
        <p class="card-text">{{ t("automation.rulesText") }}</p>
        <ol class="rows">
          @for (rule of rules(); track rule.id; let index = $index; let isLast = $last) {
            <li class="row-line">
              <button class="switch" type="button" role="switch" [attr.aria-label]="rule.name" [attr.aria-checked]="rule.isEnabled" (click)="toggle(rule)"></button>
              <span class="min-w-0 grow"><b class="block clip" dir="auto">{{ rule.name }}</b><span class="block meta clip"><span class="mono">{{ rule.trigger.event }}</span> → <span class="mono">{{ doesOf(rule.actions) }}</span></span></span>
              <button class="ibtn" type="button" [disabled]="index === 0" [attr.aria-label]="t('automation.up', { name: rule.name })" [title]="t('automation.up', { name: rule.name })" (click)="move(index, -1)"><app-icon name="arrow-up" size="icon-m" /></button>
              <button class="ibtn" type="button" [disabled]="isLast" [attr.aria-label]="t('automation.down', { name: rule.name })" [title]="t('automation.down', { name: rule.name })" (click)="move(index, 1)"><app-icon name="arrow-down" size="icon-m" /></button>
              <app-sure-button icon="trash" [label]="t('labels.remove', { name: rule.name })" (sure)="removeRule(rule)" />
            </li>
          } @empty {
            <li class="meta">{{ t("automation.noRules") }}</li>
          }
        </ol>
      </section>
      <section class="card">
        <h2>{{ t("automation.macros") }}</h2>
        <ul class="rows">
          @for (macro of macros(); track macro.id) {
            <li class="row-line">
              <span class="min-w-0 grow"><b class="block clip" dir="auto">{{ macro.name }}</b><span class="block meta clip mono">{{ doesOf(macro.actions) }}</span></span>
              <span class="chip">{{ t(macro.visibility === "personal" ? "replies.personal" : macro.visibility === "team" ? "panel.team" : "replies.shared") }}</span>
              <app-sure-button icon="trash" [label]="t('labels.remove', { name: macro.name })" (sure)="removeMacro(macro)" />
            </li>
          } @empty {
            <li class="meta">{{ t("automation.noMacros") }}</li>
          }
        </ul>
        <form class="form-grid" (submit)="addMacro($event)">
          <div class="form-row">
            <div class="field"><label class="label" for="macro-name">{{ t("contact.name") }}</label><input class="input" id="macro-name" name="name" required maxlength="80" autocomplete="off" dir="auto" /></div>
            <div class="field">
              <label class="label" for="macro-visibility">{{ t("replies.scope") }}</label>
              <select class="input" id="macro-visibility" name="visibility"><option value="all">{{ t("replies.shared") }}</option><option value="personal">{{ t("replies.personal") }}</option></select>
            </div>
            <div class="field">
              <label class="label" for="macro-then">{{ t("automation.then") }}</label>
              <select class="input" id="macro-then" name="then"><option value="">{{ t("common.none") }}</option><option value="resolved">{{ t("deed.resolve") }}</option><option value="snooze">{{ t("snooze.untilReply") }}</option></select>
            </div>
          </div>
          <div class="field"><label class="label" for="macro-text">{{ t("automation.says") }}</label><textarea class="input input-area" id="macro-text" name="text" rows="3" required maxlength="4000" dir="auto"></textarea></div>
          <div class="form-ways"><button class="btn" type="submit">{{ t("automation.addMacro") }}</button></div>
        </form>
      </section>
    </div>
  `,
})
export class AutomationRoom {
  protected readonly t = inject(Words).t;
  readonly #calls = inject(ApiClient).calls;
  protected readonly deed = new Deed();
  protected readonly rules = signal<readonly RuleView[]>([]);
  protected readonly macros = signal<readonly MacroView[]>([]);
  protected readonly doesOf = (actions: readonly { do: string }[]): string => actions.map((action) => action.do).join(", ");

  constructor() {
    void this.deed.run(() => this.#load());
  }

  protected async toggle(rule: RuleView): Promise<void> {
    await this.#change(() =>
      dataOf(this.#calls["automation-rules"]({ id: rule.id }).patch({ isEnabled: !rule.isEnabled, version: rule.version })),
    );
  }

  protected async move(from: number, step: 1 | -1): Promise<void> {
    const order = this.rules().map(({ id }) => id);
    const [moved] = order.splice(from, 1);
    if (!moved) return;
    order.splice(from + step, 0, moved);
    await this.#change(() => dataOf(this.#calls["automation-rules"].order.post({ rules: order })));
  }

  protected async removeRule(rule: RuleView): Promise<void> {
    await this.#change(() => dataOf(this.#calls["automation-rules"]({ id: rule.id }).delete()));
  }

  protected async removeMacro(macro: MacroView): Promise<void> {
    await this.#change(() => dataOf(this.#calls.macros({ id: macro.id }).delete()));
  }

  protected async addMacro(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    const then = given.get("then");
    const actions = [
      { do: "reply" as const, text: String(given.get("text")) },
      ...(then === "resolved" ? [{ do: "status" as const, status: "resolved" as const }] : []),
      ...(then === "snooze" ? [{ do: "snooze" as const, until: null }] : []),
    ];
    const visibility = given.get("visibility") === "personal" ? ("personal" as const) : ("all" as const);
    const name = String(given.get("name")).trim();
    if (await this.#change(() => dataOf(this.#calls.macros.post({ name, visibility, actions: actions as MacroView["actions"] }))))
      form.reset();
  }

  async #change(work: () => Promise<unknown>): Promise<boolean> {
    const isDone = await this.deed.run(work);
    const refused = this.deed.failure();
    await this.deed.run(() => this.#load());
    if (refused) this.deed.failure.set(refused);
    return isDone;
  }

  async #load(): Promise<void> {
    const [rules, macros] = await Promise.all([dataOf(this.#calls["automation-rules"].get()), dataOf(this.#calls.macros.get())]);
    this.rules.set([...rules].sort((a, b) => a.order - b.order));
    this.macros.set(macros);
  }
}
