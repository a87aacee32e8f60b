/** The monthly counter of free service messages and what a status says about the price (facts §3.8). */
import type { Clock } from "../../../core/clock";
import type { JsonObject } from "../json-value";
import type { StateStore } from "./state-store";

const FREE_A_MONTH = 1_000;

/** The `pricing` of one more message: the first thousand service messages of a calendar month are free. */
export function createPricing(store: StateStore, clock: Clock): (category: string) => JsonObject {
  return (category) => {
    const base = { billable: true, pricing_model: "PMP" };
    if (category !== "service") return { ...base, type: "regular", category };
    const note = `service-messages-${new Date(clock.now()).toISOString().slice(0, 7)}`;
    const used = Number(store.note(note) ?? 0) + 1;
    store.setNote(note, String(used));
    return used <= FREE_A_MONTH
      ? { ...base, billable: false, type: "free_customer_service", category }
      : { ...base, type: "regular", category };
  };
}
