/** Runs a macro and tells how it went. */
import { inject, Service } from "@angular/core";
import type { RunView } from "@server/features/automation-actions/automation-run.schema";
import type { MacroView } from "@server/features/macros/macro.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { asFailure } from "../api/api-failure";
import { RequestKey } from "../api/request-key";
import { Words } from "../i18n/words";
import { Toasts } from "../ui/toasts";
import { AutomationText } from "./automation-text";
import { runDetail } from "./run-detail";

/** So many conversations the server takes at once. */
const MOST_AT_ONCE = 50;

@Service()
export class MacroRunner {
  readonly #macros = inject(ApiClient).calls.macros;
  readonly #toasts = inject(Toasts);
  readonly #words = inject(Words);
  readonly #text = inject(AutomationText);
  readonly #key = new RequestKey();

  /** Runs it on each of these conversations; true when everything was done. */
  async run({ id, name }: Pick<MacroView, "id" | "name">, conversations: readonly string[]): Promise<boolean> {
    const runs: RunView[] = [];
    try {
      for (let from = 0; from < conversations.length; from += MOST_AT_ONCE) {
        const body = { conversations: conversations.slice(from, from + MOST_AT_ONCE) };
        runs.push(
          ...(await this.#key.send({ id, ...body }, (headers) => dataOf(this.#macros({ id }).run.post(body, { headers })))),
        );
      }
    } catch (error) {
      // Awaited: ApiFailure, told where the eye is.
      this.#toasts.say(this.#words.failure(asFailure(error)), "alert");
      return false;
    }
    const said = this.#said(name, runs);
    this.#toasts.say(said.text, said.isWhole ? "check-circle" : "alert");
    return said.isWhole;
  }

  /** The first thing that did not work is named; of many, how many. */
  #said(name: string, runs: readonly RunView[]): { text: string; isWhole: boolean } {
    const troubled = runs.flatMap(({ outcomes }) => outcomes).filter(({ state }) => state !== "done");
    const [first] = troubled;
    if (first) {
      const why = first.detail ? runDetail(first.detail, this.#words) : this.#words.t(`runs.outcome.${first.state}`);
      return { text: this.#words.t("macro.partly", { name, what: this.#text.deed(first.do), why }), isWhole: false };
    }
    if (runs.some(({ state }) => state === "pending")) return { text: this.#words.t("macro.later", { name }), isWhole: false };
    return {
      text: runs.length > 1 ? this.#words.n("macro.doneOn", runs.length, { name }) : this.#words.t("macro.done", { name }),
      isWhole: true,
    };
  }
}
