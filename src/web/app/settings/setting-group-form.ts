/** One group of settings as a form, made from its schema; saved with the version it was read at. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, output, signal, untracked } from "@angular/core";
import { ApiClient } from "../api/api-client";
import { isLanguage, LANGUAGE_NAMES } from "../i18n/locale";
import { hintKey } from "../i18n/server/server-words";
import { type WordKey, Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { Toasts } from "../ui/toasts";
import { fieldsOf, type JsonSchema, type SettingField, textOf, valueFrom, withPart } from "./setting-field";

export interface GroupState {
  group: string;
  version: number;
  values: Record<string, unknown>;
  title: string;
  description: string;
  schema: JsonSchema;
}

interface Said {
  channel: string | null;
  language: string;
  text: string;
}

@Component({
  selector: "app-setting-group-form",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon],
  templateUrl: "./setting-group-form.html",
})
export class SettingGroupForm {
  readonly group = input.required<GroupState>();
  readonly saved = output();
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  readonly #api = inject(ApiClient);
  readonly #toasts = inject(Toasts);
  protected readonly deed = new Deed();
  /** What has been changed and not saved. */
  protected readonly changed = signal<Record<string, unknown>>({});
  protected readonly troubles = signal<Record<string, string>>({});
  protected readonly fields = computed(() => fieldsOf(this.group().schema));
  protected readonly values = computed(() => ({ ...this.group().values, ...this.changed() }));
  protected readonly isChanged = computed(() => Object.keys(this.changed()).length > 0);
  protected readonly textOf = textOf;
  /** What a language calls itself: whoever writes a greeting knows it by that. */
  protected readonly languageName = (tag: string): string => (isLanguage(tag) ? LANGUAGE_NAMES[tag] : tag);

  constructor() {
    effect(() => {
      this.group();
      untracked(() => this.changed.set({}));
    });
  }

  protected title(): string {
    return this.#said(`set.${this.group().group}`, this.group().title);
  }

  protected about(): string {
    return this.#words.server(hintKey(this.group().group), this.group().description);
  }

  protected label(field: SettingField, inside = ""): string {
    return this.#said(`set.${this.group().group}.${inside}${field.name}`, spaced(field.name));
  }

  /** In a form nothing is null: the field is left empty. */
  protected hintOf(field: SettingField): string {
    return this.#words.server(hintKey(this.group().group, field.name), field.description.replace(/\bnull:/g, "empty:"));
  }

  protected choiceText(choice: string): string {
    return this.#said(`set.choice.${choice}`, choice);
  }

  protected saidOf(field: SettingField): readonly Said[] {
    const value = this.values()[field.name];
    return Array.isArray(value) ? (value as Said[]) : [];
  }

  protected partOf(field: SettingField, part: SettingField): unknown {
    return (this.values()[field.name] as Record<string, unknown> | undefined)?.[part.name];
  }

  protected setValue(field: SettingField, value: unknown): void {
    this.changed.update((all) => ({ ...all, [field.name]: value }));
  }

  protected write(field: SettingField, text: string): void {
    try {
      this.setValue(field, valueFrom(field, text, this.values()[field.name]));
      this.#trouble(field, null);
    } catch {
      // Awaited: SyntaxError; what was typed stays in the field.
      this.#trouble(field, this.t("settings.notJson"));
    }
  }

  protected writePart(field: SettingField, part: SettingField, text: string): void {
    const before = (this.values()[field.name] ?? {}) as Record<string, unknown>;
    this.setValue(field, withPart(field, before, part, text));
  }

  protected writeSaid(field: SettingField, at: number, text: string): void {
    this.setValue(
      field,
      this.saidOf(field).map((one, index) => (index === at ? { ...one, text } : one)),
    );
  }

  protected addSaid(field: SettingField, language: string): void {
    this.setValue(field, [...this.saidOf(field), { channel: null, language, text: "" }]);
  }

  protected removeSaid(field: SettingField, at: number): void {
    this.setValue(
      field,
      this.saidOf(field).filter((_, index) => index !== at),
    );
  }

  protected missingLanguages(field: SettingField): readonly string[] {
    const known = new Set(this.saidOf(field).map(({ language }) => language));
    return ["es", "pt", "en"].filter((one) => !known.has(one));
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    if (!this.isChanged() || Object.keys(this.troubles()).length > 0) return;
    const { group, version } = this.group();
    const isDone = await this.deed.run(() => this.#api.patchSettings(group, { version, values: this.changed() }));
    if (!isDone) return;
    this.#toasts.say(this.t("settings.saved"), "check-circle");
    this.saved.emit();
  }

  #trouble(field: SettingField, words: string | null): void {
    this.troubles.update((all) => {
      const { [field.name]: _, ...rest } = all;
      return words ? { ...rest, [field.name]: words } : rest;
    });
  }

  /** Settings that nobody has translated yet keep the server's words. */
  #said(key: string, otherwise: string): string {
    return this.#words.has(key) ? this.t(key as WordKey) : otherwise;
  }
}

/** `handOffOnRequest` -> `Hand off on request`. */
export function spaced(name: string): string {
  const words = name
    .replace(/^is(?=[A-Z])/, "")
    .replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
