/** Conditions on contacts: labels, consent, texts, dates and attributes; all of them have to hold. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal } from "@angular/core";
import type { AttributeView } from "@server/events/customer-view";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import type { WordKey } from "../i18n/words";
import { Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { type AttributeCondition, type ContactFilter, dayEnd, dayOf, dayStart, OPERATORS, takesValue } from "./filter-parts";

const LABEL_FIELDS = ["labels", "anyLabel", "withoutLabels"] as const;
type LabelField = (typeof LABEL_FIELDS)[number];
const YES_NO = ["isOptedIn", "isOptedOut", "isBlocked", "hasPhone"] as const;
type YesNo = (typeof YES_NO)[number];
const TEXTS = ["language", "company", "email"] as const;
const DAYS = [
  { from: "lastMessageFrom", to: "lastMessageTo", word: "segments.wrote" },
  { from: "createdFrom", to: "createdTo", word: "segments.known" },
] as const;

const LABEL_WORDS: Readonly<Record<LabelField, WordKey>> = {
  labels: "segments.allLabels",
  anyLabel: "segments.anyLabel",
  withoutLabels: "segments.withoutLabels",
};
const YES_NO_WORDS: Readonly<Record<YesNo, WordKey>> = {
  isOptedIn: "contact.onlyOptedIn",
  isOptedOut: "contact.onlyOptedOut",
  isBlocked: "contact.blocked",
  hasPhone: "segments.hasPhone",
};
const TEXT_WORDS = { language: "contact.language", company: "contact.company", email: "contact.email" } as const;
const OPERATOR_WORDS: Readonly<Record<AttributeCondition["is"], WordKey>> = {
  equal: "segments.equal",
  not: "segments.not",
  above: "segments.above",
  below: "segments.below",
  set: "segments.set",
  unset: "segments.unset",
};

@Component({
  selector: "app-filter-panel",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, MenuButton],
  templateUrl: "./filter-panel.html",
})
export class FilterPanel {
  readonly filter = input.required<ContactFilter>();
  readonly changed = output<ContactFilter>();

  protected readonly t = inject(Words).t;
  readonly #calls = inject(ApiClient).calls;
  readonly #directory = inject(Directory);
  protected readonly attributes = signal<readonly AttributeView[]>([]);
  protected readonly labelFields = LABEL_FIELDS;
  protected readonly labelWords = LABEL_WORDS;
  protected readonly yesNo = YES_NO;
  protected readonly yesNoWords = YES_NO_WORDS;
  protected readonly texts = TEXTS;
  protected readonly textWords = TEXT_WORDS;
  protected readonly days = DAYS;
  protected readonly operatorWords = OPERATOR_WORDS;
  protected readonly takesValue = takesValue;
  protected readonly dayOf = dayOf;
  protected readonly conditions = computed(() => this.filter().attributes ?? []);
  protected readonly attributeItems = computed((): MenuItem[] =>
    this.attributes().map(({ key, name }) => ({ id: key, text: name })),
  );

  constructor() {
    void this.#load();
  }

  protected labelItems(field: LabelField): MenuItem[] {
    const chosen = this.filter()[field] ?? [];
    const names = new Set([...this.#directory.labels().map(({ name }) => name), ...chosen]);
    return [...names].map((name) => ({ id: name, text: name, isOn: chosen.includes(name) }));
  }

  protected toggleLabel(field: LabelField, name: string): void {
    const chosen = this.filter()[field] ?? [];
    this.set({ [field]: chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name] });
  }

  protected setYesNo(field: YesNo, text: string): void {
    this.set({ [field]: text === "" ? undefined : text === "yes" });
  }

  protected setText(field: (typeof TEXTS)[number], text: string): void {
    this.set({ [field]: text });
  }

  protected setDay(field: (typeof DAYS)[number]["from" | "to"], day: string): void {
    this.set({ [field]: field.endsWith("To") ? dayEnd(day) : dayStart(day) });
  }

  protected kindOf = (key: string): AttributeView | null => this.attributes().find((one) => one.key === key) ?? null;
  protected nameOf = (key: string): string => this.kindOf(key)?.name ?? key;
  protected operatorsOf = (key: string) => OPERATORS[this.kindOf(key)?.type ?? "text"];
  protected valueOf = ({ value }: AttributeCondition): string => String(value ?? "");

  protected addAttribute(key: string): void {
    const kind = this.kindOf(key)?.type;
    const added: AttributeCondition = { key, is: "equal", ...(kind === "boolean" ? { value: true } : {}) };
    this.set({ attributes: [...this.conditions(), added] });
  }

  protected setAttribute(at: number, change: Partial<AttributeCondition>): void {
    this.set({ attributes: this.conditions().map((one, index) => (index === at ? { ...one, ...change } : one)) });
  }

  protected setOperator(at: number, text: string): void {
    const is = (Object.keys(OPERATOR_WORDS) as AttributeCondition["is"][]).find((one) => one === text);
    if (is) this.setAttribute(at, { is });
  }

  /** The value as its type wants it. */
  protected setValue(at: number, text: string): void {
    const condition = this.conditions()[at];
    if (!condition) return;
    const type = this.kindOf(condition.key)?.type;
    const value = type === "boolean" ? text === "true" : type === "number" && text.trim() !== "" ? Number(text) : text;
    this.setAttribute(at, { value });
  }

  protected removeAttribute(at: number): void {
    this.set({ attributes: this.conditions().filter((_, index) => index !== at) });
  }

  protected set(change: Partial<Record<keyof ContactFilter, unknown>>): void {
    this.changed.emit({ ...this.filter(), ...change } as ContactFilter);
  }

  async #load(): Promise<void> {
    // Awaited: ApiFailure; then there is nothing to be asked of attributes.
    const all = await dataOf(this.#calls.attributes.get()).catch(() => null);
    if (all) this.attributes.set(all);
  }
}
