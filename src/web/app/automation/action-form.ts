/** What an action needs to be told, each kind with its own form. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import type { AutomationAction } from "@server/features/automation-actions/automation-action.schema";
import { Words } from "../i18n/words";
import { kindOfAction } from "./action-kinds";
import { AttributeForm } from "./attribute-form";
import { AutomationChoices } from "./automation-choices";
import { ChoicesForm } from "./choices-form";
import { DurationField } from "./duration-field";
import { MediaForm } from "./media-form";
import { TemplateForm } from "./template-form";
import { TextForm } from "./text-form";
import { ValueList } from "./value-list";
import { WebhookForm } from "./webhook-form";

@Component({
  selector: "app-action-form",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [AttributeForm, ChoicesForm, DurationField, MediaForm, TemplateForm, TextForm, ValueList, WebhookForm],
  templateUrl: "./action-form.html",
})
export class ActionForm {
  readonly action = input.required<AutomationAction>();
  /** What the ids of its fields begin with. */
  readonly name = input.required<string>();
  readonly changed = output<AutomationAction>();
  protected readonly t = inject(Words).t;
  protected readonly choices = inject(AutomationChoices);
  protected readonly kind = computed(() => kindOfAction(this.action()));
  protected readonly priorities = ["low", "normal", "high", "urgent"] as const;
  protected readonly statuses = ["resolved", "open", "closed"] as const;
  protected readonly priorityWord = (one: (typeof this.priorities)[number]) => `priority.${one}` as const;
  protected readonly statusWord = (one: (typeof this.statuses)[number]) => `rule.does.${one}` as const;

  /** Puts some of its fields; the template has asked which kind it is. */
  protected put(change: Readonly<Record<string, unknown>>): void {
    this.changed.emit({ ...this.action(), ...change } as AutomationAction);
  }

  /** A field of the action that only some kinds have. */
  protected of(name: string): unknown {
    return (this.action() as Record<string, unknown>)[name];
  }

  protected textOf(name: string): string {
    const value = this.of(name);
    return value === null || value === undefined ? "" : String(value);
  }

  protected listOf(name: string): readonly string[] {
    return (this.of(name) as readonly string[] | undefined) ?? [];
  }

  protected minutes(): number | null {
    const value = this.of("minutes");
    return typeof value === "number" ? value : null;
  }

  protected headers(): Readonly<Record<string, string>> {
    return (this.of("headers") ?? {}) as Record<string, string>;
  }
}
