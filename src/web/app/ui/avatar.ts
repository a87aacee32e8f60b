/** Initials on a tint that is always the same for the same name. */
import { ChangeDetectionStrategy, Component, computed, input } from "@angular/core";

const TINTS = ["clay", "ochre", "moss", "fern", "lake", "dusk", "berry", "rose"] as const;

/** One or two capitals of a name; `@` stays in front of usernames, numbers show their last two digits. */
export function initialsOf(name: string): string {
  const trimmed = name.trim();
  if (trimmed.startsWith("@")) return `@${firstLetter(trimmed.slice(1))}`;
  if (/^\+?[\d\s()-]+$/.test(trimmed)) return trimmed.replace(/\D/g, "").slice(-2);
  const words = trimmed.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const last = words.length > 1 ? firstLetter(words[words.length - 1] ?? "") : "";
  return firstLetter(words[0] ?? "?") + last;
}

/** The tint of a name: a small hash, spread over the eight tints. */
export function tintOf(name: string): (typeof TINTS)[number] {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return TINTS[hash % TINTS.length] ?? "lake";
}

const firstLetter = (word: string): string => /[\p{L}\p{N}?]/u.exec(word)?.[0].toLocaleUpperCase() ?? "";

@Component({
  selector: "app-avatar",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<span [class]="classes()" aria-hidden="true">{{ initials() }}</span>`,
})
export class Avatar {
  readonly name = input.required<string>();
  readonly size = input<"xs" | "s" | "m" | "l" | "xl">("l");

  protected readonly initials = computed(() => initialsOf(this.name()));
  protected readonly classes = computed(() => `avatar avatar-${this.size()} tint-${tintOf(this.name())}`);
}
