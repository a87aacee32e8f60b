/** A rule: what starts it, when it holds, what it does. Tried on a conversation before it is stored. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, untracked } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import type { RuleView } from "@server/features/automation-rules/automation-rule.schema";
import type { Trigger } from "@server/features/automation-rules/rule-trigger";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { Toasts } from "../ui/toasts";
import { missingIn, tidy } from "./action-kinds";
import { ActionList } from "./action-list";
import { AutomationChoices } from "./automation-choices";
import { AutomationText } from "./automation-text";
import { ConditionEditor } from "./condition-editor";
import { ConflictNote } from "./conflict-note";
import { DurationField } from "./duration-field";
import { withPlaces } from "./failure-places";
import { LeaveDialog } from "./leave-dialog";
import { type Leavable, LeaveGuard } from "./leave-guard";
import { blankRule, checksIn, draftOf, isConditionEmpty, isSame, type RuleDraft, ruleOf } from "./rule-draft";
import { RuleTrial } from "./rule-trial";
import { isSilence, TRIGGER_GROUPS } from "./trigger-groups";

@Component({
  selector: "app-rule-editor",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [
    ActionList,
    ConditionEditor,
    ConflictNote,
    DurationField,
    FailureNote,
    FailurePage,
    Icon,
    LeaveDialog,
    RouterLink,
    RuleTrial,
    SureButton,
  ],
  templateUrl: "./rule-editor.html",
})
export class RuleEditor implements Leavable {
  /** From the address; absent: a new one. */
  readonly id = input<string>();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly text = inject(AutomationText);
  readonly #choices = inject(AutomationChoices);
  readonly #rules = inject(ApiClient).calls["automation-rules"];
  readonly #router = inject(Router);
  readonly #toasts = inject(Toasts);

  protected readonly draft = signal<RuleDraft>(blankRule());
  protected readonly stored = signal<RuleView | null>(null);
  protected readonly phase = signal<"loading" | "ready">("loading");
  protected readonly loadFailure = signal<ApiFailure | null>(null);
  protected readonly deed = new Deed();
  protected readonly hasTried = signal(false);
  protected readonly marks = signal<ReadonlyMap<number, boolean>>(new Map());
  /** What somebody else has stored meanwhile. */
  protected readonly theirs = signal<RuleView | null>(null);
  readonly #before = computed(() => {
    const stored = this.stored();
    return stored ? draftOf(stored) : blankRule();
  });
  protected readonly isChanged = computed(() => !isSame(this.draft(), this.#before()));
  readonly leaving = new LeaveGuard(() => this.phase() === "ready" && this.isChanged());
  protected readonly groups = TRIGGER_GROUPS;
  protected readonly isSilence = computed(() => isSilence(this.draft().trigger.event));
  protected readonly failure = computed(() => {
    const failure = this.deed.failure();
    return failure && this.theirs() === null ? withPlaces(failure, this.words) : null;
  });
  protected readonly theirLines = computed(() => {
    const rule = this.theirs();
    if (!rule) return [];
    const checks = checksIn(draftOf(rule).conditions).map((check) => this.text.check(check));
    return [rule.name, this.text.trigger(rule.trigger), ...checks, ...rule.actions.map((action) => this.text.action(action))];
  });
  /** What has to be put right before it can be stored, in words; null when nothing. */
  protected readonly trouble = computed(() => {
    const { name, steps, conditions, trigger } = this.draft();
    if (name.trim() === "") return this.t("rule.needsName");
    if (isSilence(trigger.event) && !trigger.minutes) return this.t("rule.needsMinutes");
    const at = checksIn(conditions).findIndex(isConditionEmpty);
    if (at >= 0) return this.t("rule.needsValue", { number: at + 1 });
    if (steps.length === 0) return this.t("rule.noSteps");
    const step = steps.findIndex(({ action }) => missingIn(action) !== null);
    return step < 0 ? null : this.t("rule.needsStep", { number: step + 1 });
  });

  constructor() {
    effect(() => {
      this.id();
      untracked(() => void this.load());
    });
  }

  protected async load(): Promise<void> {
    const id = this.id();
    this.loadFailure.set(null);
    this.phase.set("loading");
    try {
      const [, , rule] = await Promise.all([
        this.#choices.loadFields(),
        this.#choices.load(),
        id ? dataOf(this.#rules({ id }).get()) : null,
      ]);
      this.#take(rule);
      this.phase.set("ready");
    } catch (error) {
      // Awaited: ApiFailure, shown in the place of the form with a way to try again.
      this.loadFailure.set(asFailure(error));
    }
  }

  protected set(change: Partial<RuleDraft>): void {
    this.draft.update((draft) => ({ ...draft, ...change }));
  }

  protected setEvent(event: Trigger): void {
    const { minutes, inBusinessHours } = this.draft().trigger;
    const silence = { minutes: minutes ?? 60, ...(inBusinessHours === undefined ? {} : { inBusinessHours }) };
    this.set({ trigger: { event, ...(isSilence(event) ? silence : {}) } });
  }

  protected setMinutes(minutes: number | null): void {
    const { minutes: _, ...trigger } = this.draft().trigger;
    this.set({ trigger: { ...trigger, ...(minutes === null ? {} : { minutes }) } });
  }

  protected setLimit(change: Partial<RuleDraft["limit"]>): void {
    this.set({ limit: { ...this.draft().limit, ...change } });
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    this.hasTried.set(true);
    if (this.trouble() !== null) return;
    await this.#store(this.stored()?.version);
  }

  /** Mine holds: stored over the version that is there now. */
  protected async keepMine(): Promise<void> {
    const version = this.theirs()?.version;
    this.theirs.set(null);
    await this.#store(version);
  }

  protected takeTheirs(): void {
    this.#take(this.theirs());
    this.theirs.set(null);
    this.deed.failure.set(null);
  }

  protected async remove(): Promise<void> {
    const id = this.stored()?.id;
    if (!id || !(await this.deed.run(() => dataOf(this.#rules({ id }).delete())))) return;
    this.draft.set(this.#before());
    this.#toasts.say(this.t("rule.removed"), "check-circle");
    void this.#router.navigate(["/settings/automation"]);
  }

  async #store(version: number | undefined): Promise<void> {
    const { steps, ...rest } = this.draft();
    const rule = ruleOf({ ...rest, steps: steps.map(({ key, action }) => ({ key, action: tidy(action) })) });
    const id = this.stored()?.id;
    const isDone = await this.deed.run(async () => {
      const stored = await (id
        ? dataOf(this.#rules({ id }).patch({ ...rule, ...(version === undefined ? {} : { version }) }))
        : dataOf(this.#rules.post(rule)));
      this.#take(stored);
    });
    if (isDone) {
      this.#toasts.say(this.t("settings.saved"), "check-circle");
      if (!id) void this.#router.navigate(["/settings/automation"]);
    } else if (id && this.deed.failure()?.code === "request.stale") {
      // Awaited: ApiFailure when it has gone meanwhile; the refusal is then shown as it is.
      this.theirs.set(await dataOf(this.#rules({ id }).get()).catch(() => null));
    }
  }

  #take(rule: RuleView | null): void {
    this.stored.set(rule);
    this.draft.set(rule ? draftOf(rule) : blankRule());
    this.hasTried.set(false);
    this.marks.set(new Map());
  }
}
