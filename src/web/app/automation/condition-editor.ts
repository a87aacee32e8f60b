/** When a rule holds: comparisons and groups of them, all or any. */
import { ChangeDetectionStrategy, Component, inject, input, model } from "@angular/core";
import type { Trigger } from "@server/features/automation-rules/rule-trigger";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { ConditionRow } from "./condition-row";
import { type CheckDraft, type ConditionsDraft, type GroupDraft, isGroup, type Mode, nextKey } from "./rule-draft";

const MOST = 20;

@Component({
  selector: "app-condition-editor",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ConditionRow, Icon],
  template: `
    @let shown = conditions();
    @if (shown.nodes.length === 0) {
      <p class="card-text">{{ t("rule.always") }}</p>
    } @else {
      <p class="condition-mode">
        <label class="sr-only" for="rule-mode">{{ t("rule.howMany") }}</label>
        <select class="input input-small" id="rule-mode" (change)="setMode($any($event.target).value)">
          <option value="all" [selected]="shown.mode === 'all'">{{ t("rule.all") }}</option>
          <option value="any" [selected]="shown.mode === 'any'">{{ t("rule.any") }}</option>
        </select>
      </p>
    }
    <div class="conditions">
      @for (node of shown.nodes; track node.key; let at = $index) {
        @if (at > 0) {
          <p class="condition-join">{{ t(shown.mode === "all" ? "rule.and" : "rule.or") }}</p>
        }
        @if (asGroup(node); as group) {
          <fieldset class="condition-group">
            <legend class="sr-only">{{ t("rule.groupOf", { number: at + 1 }) }}</legend>
            <div class="condition-mode">
              <select class="input input-small" [attr.aria-label]="t('rule.groupHowMany', { number: at + 1 })" (change)="putGroup(group, { mode: $any($event.target).value })">
                <option value="all" [selected]="group.mode === 'all'">{{ t("rule.all") }}</option>
                <option value="any" [selected]="group.mode === 'any'">{{ t("rule.any") }}</option>
              </select>
              <span class="grow"></span>
              <button class="btn btn-s btn-quiet" type="button" (click)="remove(group.key)">{{ t("rule.removeGroup") }}</button>
            </div>
            @for (check of group.checks; track check.key; let inner = $index) {
              @if (inner > 0) {
                <p class="condition-join">{{ t(group.mode === "all" ? "rule.and" : "rule.or") }}</p>
              }
              <app-condition-row [check]="check" [event]="event()" [number]="at + 1 + '.' + (inner + 1)" [mark]="markOf(check)" (changed)="putIn(group, $event)" (removed)="removeIn(group, check.key)" />
            }
            @if (group.checks.length < most) {
              <p class="form-ways"><button class="btn btn-s" type="button" (click)="addTo(group)"><app-icon name="plus" size="icon-s" />{{ t("rule.addCondition") }}</button></p>
            }
          </fieldset>
        } @else {
          <app-condition-row [check]="$any(node)" [event]="event()" [number]="'' + (at + 1)" [mark]="markOf($any(node))" (changed)="put($event)" (removed)="remove(node.key)" />
        }
      }
    </div>
    @if (shown.nodes.length < most) {
      <p class="form-ways condition-ways">
        <button class="btn btn-s" type="button" (click)="add()"><app-icon name="plus" size="icon-s" />{{ t("rule.addCondition") }}</button>
        <button class="btn btn-s btn-quiet" type="button" (click)="addGroup()"><app-icon name="branch" size="icon-s" />{{ t("rule.addGroup") }}</button>
      </p>
    }
  `,
})
export class ConditionEditor {
  readonly conditions = model.required<ConditionsDraft>();
  readonly event = input.required<Trigger>();
  /** What came out when it was tried, by the key of each comparison. */
  readonly marks = input<ReadonlyMap<number, boolean>>(new Map());
  protected readonly t = inject(Words).t;
  protected readonly most = MOST;
  protected readonly asGroup = (node: CheckDraft | GroupDraft): GroupDraft | null => (isGroup(node) ? node : null);
  protected readonly markOf = ({ key }: CheckDraft): boolean | null => this.marks().get(key) ?? null;

  protected setMode(mode: Mode): void {
    this.conditions.update((all) => ({ ...all, mode }));
  }

  protected add(): void {
    this.#nodes((nodes) => [...nodes, this.#blank()]);
  }

  /** A group inside asks for the other of "all" and "any": else it would say nothing new. */
  protected addGroup(): void {
    const mode = this.conditions().mode === "all" ? ("any" as const) : ("all" as const);
    this.#nodes((nodes) => [...nodes, { key: nextKey(), mode, checks: [this.#blank()] }]);
  }

  protected remove(key: number): void {
    this.#nodes((nodes) => nodes.filter((one) => one.key !== key));
  }

  protected put(node: CheckDraft | GroupDraft): void {
    this.#nodes((nodes) => nodes.map((one) => (one.key === node.key ? node : one)));
  }

  protected putGroup(group: GroupDraft, change: Partial<GroupDraft>): void {
    this.put({ ...group, ...change });
  }

  protected putIn(group: GroupDraft, check: CheckDraft): void {
    this.put({ ...group, checks: group.checks.map((one) => (one.key === check.key ? check : one)) });
  }

  protected addTo(group: GroupDraft): void {
    this.put({ ...group, checks: [...group.checks, this.#blank()] });
  }

  protected removeIn(group: GroupDraft, key: number): void {
    const checks = group.checks.filter((one) => one.key !== key);
    if (checks.length === 0) this.remove(group.key);
    else this.put({ ...group, checks });
  }

  #blank(): CheckDraft {
    const isMessage = this.event() === "message:received" || this.event() === "message:sent";
    return isMessage
      ? { key: nextKey(), field: "message.text", is: "has-word" }
      : { key: nextKey(), field: "conversation.labels", is: "has-any" };
  }

  #nodes(change: (nodes: ConditionsDraft["nodes"]) => ConditionsDraft["nodes"]): void {
    this.conditions.update((all) => ({ ...all, nodes: change(all.nodes) }));
  }
}
