/** Every test speaks English; given to all of them by the test builder. */
import { inject, provideAppInitializer } from "@angular/core";
import { provideTransloco, TranslocoService } from "@jsverse/transloco";
import { en } from "./en";

export default [
  provideTransloco({ config: { availableLangs: ["en", "es", "pt"], defaultLang: "en", prodMode: true } }),
  provideAppInitializer(() => inject(TranslocoService).setTranslation(en, "en")),
];
