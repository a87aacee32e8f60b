/**
 * Money is reserved before the provider is asked and settled with what it really cost, so that many turns at once cannot spend the
 * same dollar. Costs nothing while no budget is set.
 */
import type { Clock } from "../../core/clock";
import type { Change, EventLog } from "../../events/log";
import type { AiRunService } from "../ai-runs/ai-run.service";
import type { AiBudgetModel, Budget } from "./ai-budget.model";

export interface BudgetLimits {
  conversationMicros: number | null;
  contactDayMicros: number | null;
  dayMicros: number | null;
  monthMicros: number | null;
  stepDownPercent: number;
  /** Changes with every change of the limits. */
  version?: number;
}

type ScopeName = "conversation" | "contact" | "day" | "month";

export interface Reservation {
  /** One try of a turn. */
  id: string;
  /** Null: it is about no customer, so only the budgets of days and months count. */
  conversation: string | null;
  contact: string | null;
  /** What the models may cost at most, micro-dollars, the first choice first. */
  estimates: readonly number[];
}

/** `choice`: which of the models may be asked; null: none, because of this budget. */
export type Verdict = { choice: number; hold: Hold | null } | { choice: null; scope: ScopeName };

/** To be given back with what the turn has cost. */
export interface Hold {
  id: string;
  budgets: readonly string[];
  micros: number;
}

export interface AiBudgetService {
  reserve(reservation: Reservation): Promise<Verdict>;
  /**
   * `micros` null: nobody knows what it cost, so what was reserved counts. Repeating it changes nothing; with `isOnce` the caller's own
   * transaction sees to that, and the money counts even when the reservation has run out meanwhile.
   */
  settle(hold: Hold, micros: number | null, change: Change | null, isOnce?: boolean): Promise<void>;
}

export interface AiBudgetDeps {
  budgets: AiBudgetModel;
  runs: Pick<AiRunService, "spent">;
  limits: () => BudgetLimits;
  log: EventLog;
  clock: Clock;
}

interface Scope {
  name: ScopeName;
  id: string;
  limit: number;
  /** What was spent before anybody had set this budget. */
  before: Parameters<AiRunService["spent"]>[0];
  endsAt: number;
}

const DAY_MS = 86_400_000;
/** Longer than any turn. */
const HOLD_MS = 120_000;
const CONVERSATION_DAYS = 400;

export function createAiBudgets({ budgets, runs, limits, log, clock }: AiBudgetDeps): AiBudgetService {
  function scopesOf({ conversation, contact }: Reservation, now: number): Scope[] {
    const { conversationMicros, contactDayMicros, dayMicros, monthMicros } = limits();
    const day = new Date(now).toISOString().slice(0, 10);
    const month = day.slice(0, 7);
    const all: (Omit<Scope, "limit"> & { limit: number | null })[] = [
      { name: "day", id: `day:${day}`, limit: dayMicros, before: { day }, endsAt: now + 2 * DAY_MS },
      { name: "month", id: `month:${month}`, limit: monthMicros, before: { month }, endsAt: now + 62 * DAY_MS },
    ];
    if (conversation !== null)
      all.unshift({
        name: "conversation",
        id: `conversation:${conversation}`,
        limit: conversationMicros,
        before: { conversation },
        endsAt: now + CONVERSATION_DAYS * DAY_MS,
      });
    if (contact !== null)
      all.unshift({
        name: "contact",
        id: `contact:${contact}:${day}`,
        limit: contactDayMicros,
        before: { contact, day },
        endsAt: now + 2 * DAY_MS,
      });
    return all.filter((scope): scope is Scope => scope.limit !== null);
  }

  async function read({ id, before, endsAt, limit }: Scope, { session }: Change): Promise<Budget> {
    const { version: checked = 0 } = limits();
    const known = (await budgets.findById(id, null, { session }).lean()) as Budget | null;
    if (known && (known.checked ?? 0) === checked) return known;
    const spent = Math.max(known?.spent ?? 0, await runs.spent(before));
    if (known) {
      // While there was no limit nothing was written here: the book of the runs knows what was spent meanwhile.
      await budgets.updateOne({ _id: id }, { $set: { spent, checked } }, { session });
      return { ...known, spent, checked };
    }
    const fresh: Budget = { _id: id, spent, holds: [], told: { level: 0, limit }, checked, endsAt: new Date(endsAt) };
    await budgets.collection.insertOne(fresh as never, { session });
    return fresh;
  }

  return {
    async reserve(reservation) {
      const now = clock.now();
      const scopes = scopesOf(reservation, now);
      if (scopes.length === 0) return { choice: 0, hold: null };
      const { stepDownPercent } = limits();
      return log.change(async (change): Promise<Verdict> => {
        const rows: { scope: Scope; budget: Budget; holds: Budget["holds"]; used: number }[] = [];
        for (const scope of scopes) {
          const budget = await read(scope, change);
          const holds = budget.holds.filter(({ until }) => until.getTime() > now);
          const used = budget.spent + holds.reduce((sum, { micros }) => sum + micros, 0);
          rows.push({ scope, budget, holds, used });
        }
        const fits = (micros: number) => rows.every(({ scope, used }) => used + micros <= scope.limit && used < scope.limit);
        const isNear = rows.some(({ scope, used }) => used * 100 >= scope.limit * stepDownPercent);
        const order = reservation.estimates.map((micros, choice) => ({ micros, choice }));
        // Near the limit the smaller model comes first; it also is what still fits when the other does not.
        const found = (isNear ? order.toReversed() : order).find(({ micros }) => fits(micros));
        for (const { scope, budget, used } of rows) await tell(scope, budget, used, found === undefined, stepDownPercent, change);
        if (!found) {
          const full = rows.find(
            ({ scope, used }) => used + Math.min(...reservation.estimates) > scope.limit || used >= scope.limit,
          );
          return { choice: null, scope: (full ?? rows[0]!).scope.name };
        }
        const hold = { id: reservation.id, micros: found.micros, until: new Date(now + HOLD_MS) };
        for (const { scope, holds } of rows)
          await budgets.updateOne({ _id: scope.id }, { $set: { holds: [...holds, hold] } }, { session: change.session });
        const ids = rows.map(({ scope }) => scope.id);
        return { choice: found.choice, hold: { id: hold.id, budgets: ids, micros: hold.micros } };
      });
    },

    async settle({ id, budgets: ids, micros: reserved }, micros, change, isOnce = false) {
      const give = async ({ session }: Change) => {
        for (const _id of ids) {
          const budget = (await budgets.findById(_id, null, { session }).lean()) as Budget | null;
          if (!budget || !(isOnce || budget.holds.some((hold) => hold.id === id))) continue;
          // Vectors cost thousandths of a micro-dollar; more than that is a rounding error of the sum.
          const spent = Math.round((budget.spent + (micros ?? reserved)) * 1_000) / 1_000;
          await budgets.updateOne(
            { _id },
            { $set: { holds: budget.holds.filter((hold) => hold.id !== id), spent } },
            { session },
          );
        }
      };
      await (change ? give(change) : log.change(give));
    },
  };

  /** Once for each level and limit: near it, and at its end. */
  async function tell(
    { id, name, limit }: Scope,
    { told }: Budget,
    used: number,
    isRefused: boolean,
    stepDownPercent: number,
    change: Change,
  ): Promise<void> {
    const share = limit === 0 ? 100 : (used / limit) * 100;
    const level = share >= 100 || (isRefused && share >= stepDownPercent) ? 100 : share >= stepDownPercent ? stepDownPercent : 0;
    if (level === 0 || (told.limit === limit && told.level >= level)) return;
    await budgets.updateOne({ _id: id }, { $set: { told: { level, limit } } }, { session: change.session });
    change.emit("assistant:budget", { scope: name, budget: id, level });
  }
}
