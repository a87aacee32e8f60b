/** The language of the words and the locale of dates and numbers. Signals, so that whatever is on the screen follows a switch. */
import { computed, signal } from "@angular/core";

export const LANGUAGES = ["en", "es", "pt"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What each language calls itself. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: "English", es: "Español", pt: "Português" };

export const isLanguage = (value: unknown): value is Language => (LANGUAGES as readonly unknown[]).includes(value);

/** The first of the browser's languages that we speak. */
export function browserLanguage(preferred: readonly string[] = navigator.languages): Language {
  for (const tag of preferred) {
    const language = tag.slice(0, 2).toLowerCase();
    if (isLanguage(language)) return language;
  }
  return "en";
}

/** The region of the browser when it speaks the chosen language: `es-PE` writes numbers otherwise than `es-ES`. */
export function localeFor(language: Language, preferred: readonly string[] = navigator.languages): string {
  return preferred.find((tag) => tag.toLowerCase().startsWith(`${language}-`)) ?? (language === "pt" ? "pt-BR" : language);
}

export const language = signal<Language>("en");
export const locale = computed(() => localeFor(language()));

/** Whether 12/25 is the day before St. Stephen's here. */
export const isMonthFirst = (): boolean => locale() === "en-US" || locale() === "en";

/** Formatters are dear to make and cheap to use: one for each locale and shape. */
function perLocale<F>(make: (locale: string) => F): () => F {
  const made = new Map<string, F>();
  return () => {
    const tag = locale();
    const known = made.get(tag);
    if (known) return known;
    const fresh = make(tag);
    made.set(tag, fresh);
    return fresh;
  };
}

export const dateFormat = (options: Intl.DateTimeFormatOptions) => perLocale((tag) => new Intl.DateTimeFormat(tag, options));
export const numberFormat = (options: Intl.NumberFormatOptions = {}) => perLocale((tag) => new Intl.NumberFormat(tag, options));
export const pluralRules = perLocale((tag) => new Intl.PluralRules(tag));
export const relativeFormat = perLocale((tag) => new Intl.RelativeTimeFormat(tag, { numeric: "auto" }));
