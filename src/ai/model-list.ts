/** Which models a connection offers, and which of them are about to disappear. */
import type { Clock } from "../core/clock";
import type { AiConnection } from "./connection";
import { fetchModels } from "./openai";

export interface ModelInfo {
  id: string;
  /** `YYYY-MM-DD`, or null when no end is announced. */
  shutdownDate: string | null;
  warning: ShutdownWarning | null;
}

export interface ShutdownWarning {
  state: "ended" | "ends-soon";
  date: string;
  /** Whole days left; negative after the end. */
  daysLeft: number;
  /** The model to move to, where one is known. */
  successor: string | null;
}

const DAY_MS = 86_400_000;
/** Long enough to test a successor before it matters. */
const WARN_DAYS = 120;
const TIMEOUT_MS = 10_000;

/** Announced ends that a server may not tell, as of 2026-11-20. */
const KNOWN_ENDS: Readonly<Record<string, { date: string; successor: string }>> = {
  "gpt-5-mini": { date: "2026-12-11", successor: "gpt-6.1-terra" },
  "gpt-5-nano": { date: "2026-12-11", successor: "gpt-6-luna" },
  "gpt-4o": { date: "2027-01-14", successor: "gpt-6.1-terra" },
  "gpt-4o-mini": { date: "2027-01-14", successor: "gpt-6-luna" },
  "gpt-4.1": { date: "2027-01-14", successor: "gpt-6.1-terra" },
  "gpt-4.1-mini": { date: "2027-01-14", successor: "gpt-6-luna" },
};

/** The models of a connection by name, with a warning on each that ends within four months. Throws AiError. */
export async function listModels(connection: AiConnection, clock: Clock, signal: AbortSignal): Promise<ModelInfo[]> {
  const models = await fetchModels({ ...connection, clock }, TIMEOUT_MS, signal);
  const now = clock.now();
  return models
    .map(({ id, shutdownDate }) => {
      const date = shutdownDate ?? KNOWN_ENDS[id]?.date ?? null;
      return { id, shutdownDate: date, warning: shutdownWarning(id, date, now) };
    })
    .sort((a, b) => a.id.localeCompare(b.id));
}

/** What to warn of about a model that ends on `date` (told by the provider or known), or null. Pure. */
export function shutdownWarning(model: string, date: string | null, now: number): ShutdownWarning | null {
  const end = date ?? KNOWN_ENDS[model]?.date;
  const endsAt = end === undefined ? Number.NaN : Date.parse(end);
  if (end === undefined || Number.isNaN(endsAt)) return null;
  const daysLeft = Math.floor((endsAt - now) / DAY_MS);
  if (daysLeft > WARN_DAYS) return null;
  return { state: daysLeft < 0 ? "ended" : "ends-soon", date: end, daysLeft, successor: KNOWN_ENDS[model]?.successor ?? null };
}
