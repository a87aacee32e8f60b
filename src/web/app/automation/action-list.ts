/** Actions in their order: added, filled in, moved with the mouse and with the keyboard, taken out. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  type ElementRef,
  inject,
  input,
  model,
  signal,
  viewChild,
} from "@angular/core";
import type { AutomationAction } from "@server/features/automation-actions/automation-action.schema";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { ActionForm } from "./action-form";
import { ACTION_GROUPS, ACTION_ICONS, type ActionKind, blankAction, kindOfAction, missingIn } from "./action-kinds";
import { AutomationText } from "./automation-text";
import { moved, nextKey, type Step } from "./rule-draft";

const MOST = 20;

@Component({
  selector: "app-action-list",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ActionForm, Icon],
  template: `
    <ol class="steps" #list>
      @for (step of steps(); track step.key; let at = $index; let isLast = $last) {
        @let kind = kindOf(step);
        <li class="step" [attr.data-key]="step.key" [attr.data-do]="kind" (keydown)="steer($event, at)">
          <div class="step-head">
            <span class="step-number num" aria-hidden="true">{{ at + 1 }}</span>
            <app-icon [name]="icons[kind]" size="icon-m" />
            <h3 class="grow min-w-0 clip">{{ text.kind(kind) }}</h3>
            <button class="ibtn" type="button" data-move="-1" [disabled]="at === 0" [attr.aria-label]="t('rule.stepUp', { name: text.kind(kind) })" [title]="t('rule.stepUp', { name: text.kind(kind) })" (click)="move(at, -1)"><app-icon name="arrow-up" size="icon-m" /></button>
            <button class="ibtn" type="button" data-move="1" [disabled]="isLast" [attr.aria-label]="t('rule.stepDown', { name: text.kind(kind) })" [title]="t('rule.stepDown', { name: text.kind(kind) })" (click)="move(at, 1)"><app-icon name="arrow-down" size="icon-m" /></button>
            <button class="ibtn" type="button" [attr.aria-label]="t('rule.removeStep', { name: text.kind(kind) })" [title]="t('rule.removeStep', { name: text.kind(kind) })" (click)="remove(at)"><app-icon name="trash" size="icon-m" /></button>
          </div>
          <div class="step-body"><app-action-form [action]="step.action" [name]="'step-' + step.key" (changed)="put(step.key, $event)" /></div>
          @if (hasTried() && missing(step.action); as what) {
            <p class="hint hint-bad" role="alert"><app-icon name="alert" size="icon-s" />{{ t(missingWord(what)) }}</p>
          }
        </li>
      }
    </ol>
    @if (steps().length === 0) {
      <p class="card-text" [class.hint-bad]="hasTried()">{{ t("rule.noSteps") }}</p>
    }
    @if (steps().length < most) {
      <p class="form-ways">
        <label class="sr-only" [attr.for]="name() + '-add'">{{ t("rule.addStep") }}</label>
        <select #adder class="input input-small" [id]="name() + '-add'" (change)="add($any($event.target))">
          <option value="">+ {{ t("rule.addStep") }}</option>
          @for (group of groups(); track group.id) {
            <optgroup [label]="t(group.word)">
              @for (kind of group.kinds; track kind) {
                <option [value]="kind">{{ text.kind(kind) }}</option>
              }
            </optgroup>
          }
        </select>
        <span class="meta wide-cell">{{ t("rule.moveHint") }}</span>
      </p>
    }
    <p class="sr-only" role="status">{{ said() }}</p>
  `,
})
export class ActionList {
  readonly steps = model.required<readonly Step[]>();
  /** What the ids of its fields begin with. */
  readonly name = input.required<string>();
  /** Rules are nobody: they cannot take a conversation themselves. */
  readonly isForMacro = input(false);
  /** Without the right to manage automation, other servers are not asked. */
  readonly mayAskOutside = input(true);
  /** What is missing is named once somebody has tried to store it. */
  readonly hasTried = input(false);
  protected readonly t = inject(Words).t;
  protected readonly text = inject(AutomationText);
  protected readonly icons = ACTION_ICONS;
  protected readonly most = MOST;
  protected readonly said = signal("");
  protected readonly missing = missingIn;
  private readonly list = viewChild.required<ElementRef<HTMLElement>>("list");
  private readonly adder = viewChild<ElementRef<HTMLElement>>("adder");
  protected readonly kindOf = ({ action }: Step): ActionKind => kindOfAction(action);
  protected readonly missingWord = (what: NonNullable<ReturnType<typeof missingIn>>) => `rule.missing.${what}` as const;
  protected readonly groups = computed(() =>
    ACTION_GROUPS.filter(({ id }) => id !== "outside" || this.mayAskOutside()).map(({ id, kinds }) => ({
      id,
      word: `rule.steps.${id}` as const,
      kinds: kinds.filter((kind) => kind !== "take" || this.isForMacro()),
    })),
  );

  protected add(field: HTMLSelectElement): void {
    const kind = field.value as Exclude<ActionKind, "other"> | "";
    field.value = "";
    if (!kind) return;
    const key = nextKey();
    this.steps.set([...this.steps(), { key, action: blankAction(kind) }]);
    requestAnimationFrame(() =>
      this.#at(key)?.querySelector<HTMLElement>(".step-body :is(input, select, textarea, button)")?.focus(),
    );
  }

  protected put(key: number, action: AutomationAction): void {
    this.steps.set(this.steps().map((step) => (step.key === key ? { key, action } : step)));
  }

  protected remove(at: number): void {
    const next = this.steps()[at + 1] ?? this.steps()[at - 1];
    this.steps.set(this.steps().filter((_, index) => index !== at));
    requestAnimationFrame(() => {
      const button = next && this.#at(next.key)?.querySelector<HTMLElement>("button:not([disabled])");
      (button ?? this.adder()?.nativeElement)?.focus();
    });
  }

  /** The focus goes along, so that it can be moved on. */
  protected move(at: number, by: 1 | -1): void {
    const step = this.steps()[at];
    const to = at + by;
    if (!step || to < 0 || to >= this.steps().length) return;
    const focused = document.activeElement as HTMLElement | null;
    this.steps.set(moved(this.steps(), at, by));
    this.said.set(this.t("rule.movedTo", { number: to + 1, count: this.steps().length }));
    requestAnimationFrame(() => {
      const line = this.#at(step.key);
      const isButton = focused?.dataset.move !== undefined;
      const wanted = isButton ? line?.querySelector<HTMLElement>(`[data-move="${by}"]:not([disabled])`) : focused;
      (wanted ?? line?.querySelector<HTMLElement>("[data-move]:not([disabled])"))?.focus();
    });
  }

  protected steer(event: KeyboardEvent, at: number): void {
    const by = ({ ArrowUp: -1, ArrowDown: 1 } as const)[event.key as "ArrowUp" | "ArrowDown"];
    // Alt and an arrow open a list of choices: there they stay the browser's.
    if (!by || !event.altKey || event.ctrlKey || event.metaKey || event.target instanceof HTMLSelectElement) return;
    event.preventDefault();
    this.move(at, by);
  }

  #at(key: number): HTMLElement | null {
    return this.list().nativeElement.querySelector(`[data-key="${key}"]`);
  }
}
