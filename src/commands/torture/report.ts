/** What a run found, for people; and whether it is good. Pure. */
import type { TortureOptions } from "./options";
import type { Outcome, Progress } from "./run";
import { BOUNDARIES, BOUNDARY_TEXTS } from "./stage-tracker";

const BAR = 30;
const SHOWN = 5;

/** What must be nothing, with what was found. */
const faultsOf = ({ findings, storedWrong, unfinished, deadEvents, defects, exitCode }: Outcome) =>
  [
    ["lost", findings.lost.length, findings.lost],
    ["twice", findings.twice.length, findings.twice],
    ["misrouted", findings.misrouted.length, findings.misrouted.map(({ mark, heardBy }) => `${mark} heard by ${heardBy}`)],
    ["out of order", findings.outOfOrder.length, findings.outOfOrder.map(({ first, second }) => `${second} before ${first}`)],
    ["stored wrong", storedWrong.length, storedWrong],
    ["unfinished", unfinished, []],
    ["dead events", deadEvents, []],
    ["defects", defects.length, defects],
    ["bad exit", exitCode === 0 ? 0 : 1, exitCode === 0 ? [] : [`exit code ${exitCode}`]],
  ] as const;

/** Nothing lost, twice, misrouted or out of order, and no more unresolved than calls that were cut off. */
export function isGood(outcome: Outcome): boolean {
  const { counts } = outcome;
  return faultsOf(outcome).every(([, count]) => count === 0) && outcome.unresolvedSends <= counts.inFlight;
}

export function report(outcome: Outcome, { seed, rate, customers }: TortureOptions): string {
  const { findings, counts, unresolvedSends, troubles, heldBackMs, loadSeconds, seconds, directory } = outcome;
  const perSecond = loadSeconds > 0 ? findings.said / loadSeconds : 0;
  const row = (name: string, value: string | number, note = "") => `  ${name.padEnd(14)} ${String(value).padStart(8)}   ${note}`;
  return [
    "",
    `Seed ${seed}: ${counts.kills} kills in ${seconds.toFixed(0)} s, ${customers} customers, ${rate} messages a second asked, ${perSecond.toFixed(0)} reached${heldBackMs > 1_000 ? ` (held back ${(heldBackMs / 1_000).toFixed(0)} s)` : ""}, ${troubles} upstream troubles`,
    "",
    row("said", findings.said),
    row("answered", findings.answered, `in ${findings.replies} replies`),
    ...faultsOf(outcome).map(([name, count, which]) =>
      row(name, count, which.length > 0 ? `${which.slice(0, SHOWN).join(", ")}${which.length > SHOWN ? " ..." : ""}` : ""),
    ),
    row(
      "unresolved",
      findings.unresolved.length,
      `${unresolvedSends} send(s) wait for a person; ${counts.inFlight} calls were in flight at the kills`,
    ),
    "",
    "  Kills that caught work at this boundary:",
    ...BOUNDARIES.map((name) => row(name, counts.caught[name], BOUNDARY_TEXTS[name])),
    "",
    `  ${isGood(outcome) ? "GOOD: nothing lost, nothing twice, nothing misrouted, everything in order." : "BAD: see above."}`,
    ...(directory ? [`  Data: ${directory}`] : []),
    "",
  ].join("\n");
}

/** One line that shows how far a run has come. */
export function progressLine({ phase, kills, said, answered }: Progress, all: number): string {
  const share = all > 0 ? Math.min(1, kills / all) : 1;
  const bar = "#".repeat(Math.round(share * BAR)).padEnd(BAR, ".");
  const doing = { load: "killing", rest: "coming to rest", count: "counting" }[phase];
  return `[${bar}] ${kills}/${all} kills, ${said} said, ${answered} answered, ${doing}`;
}
