/** Words for what the server names by keys. A key nobody knows here yet is shown as it is. */
import type { WordKey } from "../i18n/words";

type Tell = (key: WordKey) => string;

const OUTCOMES: Readonly<Record<string, WordKey>> = {
  reply: "studio.outcome.reply",
  "hand-off": "studio.outcome.handOff",
  silent: "studio.outcome.silent",
  close: "studio.outcome.close",
  summary: "studio.outcome.summary",
  failed: "studio.outcome.failed",
  aborted: "studio.outcome.aborted",
};

const KINDS: Readonly<Record<string, WordKey>> = {
  reply: "studio.kind.reply",
  summary: "studio.kind.summary",
  copilot: "studio.kind.copilot",
  hearing: "studio.kind.hearing",
  embedding: "studio.kind.embedding",
  moderation: "studio.kind.moderation",
  replay: "studio.kind.replay",
  judge: "studio.kind.judge",
  golden: "studio.kind.golden",
  trial: "studio.kind.trial",
  probe: "studio.kind.probe",
};

const CHECKS: Readonly<Record<string, WordKey>> = {
  answered: "studio.check.answered",
  short: "studio.check.short",
  "no-invented-numbers": "studio.check.numbers",
  "no-invented-links": "studio.check.links",
  grounded: "studio.check.grounded",
};

/** Outcomes that a list can be filtered by. */
export const KNOWN_OUTCOMES = Object.keys(OUTCOMES);
/** Kinds of runs that a list can be filtered by. */
export const RUN_KINDS = ["reply", "summary", "copilot", "hearing"] as const;

const told = (words: Readonly<Record<string, WordKey>>, t: Tell, key: string): string => {
  const word = words[key];
  return word ? t(word) : key;
};

export const outcomeWord = (t: Tell, outcome: string): string => told(OUTCOMES, t, outcome);
export const kindWord = (t: Tell, kind: string): string => told(KINDS, t, kind);
export const checkWord = (t: Tell, check: string): string => told(CHECKS, t, check);

/** The colour of an outcome's chip. */
export function outcomeLook(outcome: string): string {
  if (outcome === "failed" || outcome === "aborted") return "chip-danger";
  if (outcome === "hand-off") return "chip-warning";
  return outcome === "reply" || outcome === "close" ? "chip-success" : "";
}
