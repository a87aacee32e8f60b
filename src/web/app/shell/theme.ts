/** Light, dark, or as the system says. The choice stays in this browser; `theme.js` applies it before the first paint. */
import { effect, Service, signal } from "@angular/core";
import { recall, remember } from "../browser-memory";

export type ThemeChoice = "light" | "dark" | "system";

const KEY = "chasqui.theme";

@Service()
export class Theme {
  readonly #choice = signal<ThemeChoice>(readChoice());
  readonly choice = this.#choice.asReadonly();

  constructor() {
    effect(() => {
      const choice = this.#choice();
      if (choice === "system") document.documentElement.removeAttribute("data-theme");
      else document.documentElement.dataset.theme = choice;
    });
  }

  choose(choice: ThemeChoice): void {
    remember(KEY, choice === "system" ? null : choice);
    this.#choice.set(choice);
  }
}

function readChoice(): ThemeChoice {
  const kept = recall(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}
