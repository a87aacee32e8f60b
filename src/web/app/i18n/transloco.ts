/** How words are loaded: each language is a file of its own, fetched when it is wanted. */
import { type EnvironmentProviders, inject, type Provider, provideAppInitializer } from "@angular/core";
import { provideTransloco, type Translation, type TranslocoLoader } from "@jsverse/transloco";
import { LANGUAGES, type Language } from "./locale";
import { MORE_WORDS, Words } from "./words";

const FILES: Record<Language, () => Promise<Translation>> = {
  en: () => import("./en").then((file) => file.en),
  es: () => import("./es").then((file) => file.es),
  pt: () => import("./pt").then((file) => file.pt),
};

/** The words of the other pages, which the first screen does not wait for. English is spoken by the server itself. */
const MORE: Record<Language, () => Promise<Translation>> = {
  en: () => import("./more/en").then((file) => file.enMore),
  es: async () => {
    const [more, server] = await Promise.all([import("./more/es"), import("./server/es")]);
    return { ...more.esMore, ...server.esServer };
  },
  pt: async () => {
    const [more, server] = await Promise.all([import("./more/pt"), import("./server/pt")]);
    return { ...more.ptMore, ...server.ptServer };
  },
};

class FileLoader implements TranslocoLoader {
  getTranslation(language: string): Promise<Translation> {
    return FILES[language as Language]();
  }
}

export const provideWords = (): (EnvironmentProviders | Provider)[] => [
  provideTransloco({
    config: { availableLangs: [...LANGUAGES], defaultLang: "en", reRenderOnLangChange: true, prodMode: true },
    loader: FileLoader,
  }),
  { provide: MORE_WORDS, useValue: MORE },
  provideAppInitializer(() => inject(Words).start()),
];
