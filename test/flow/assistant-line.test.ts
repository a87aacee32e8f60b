/** The line to the provider: what cuts it for everybody, and what is a matter of one conversation alone. */
import { expect, test } from "bun:test";
import { AiError, type AiErrorKind } from "../../src/ai/ai-error";
import { silentLog } from "../../src/core/log";
import { createAssistantLine, MAX_FAILURES } from "../../src/flow/assistant-line";
import { ManualClock } from "../helpers/manual-clock";

const open = () => {
  const clock = new ManualClock();
  let recovered = 0;
  const line = createAssistantLine({ clock, log: silentLog, onRecovered: () => void recovered++ });
  const book = (kind: AiErrorKind | null, conversation = "a") => {
    line.breaker.enter();
    line.book(kind && new AiError(kind), conversation);
  };
  return { clock, line, book, recovered: () => recovered };
};

test("an outage in a row cuts it; what says nothing about the provider does not", () => {
  const { line, book } = open();
  for (let n = 0; n < 4; n++) book("unavailable");
  book("bad-request");
  for (let n = 0; n < 4; n++) book("timeout");
  expect(line.breaker.isOpen).toBe(false);
  book("aborted");
  book("rate-limited");
  expect(line.breaker.isOpen).toBe(true);
});

test("nonsense to one conversation leaves the line to the others, nonsense to one after the other cuts it until sense comes back", () => {
  const { clock, line, book, recovered } = open();
  for (let n = 0; n < 20; n++) book("invalid-output", "a");
  expect(line.breaker.isOpen).toBe(false);
  for (const id of ["b", "c", "d"]) book("invalid-output", id);
  expect(line.breaker.isOpen).toBe(false);
  book("invalid-output", "e");
  expect(line.breaker.isOpen).toBe(true);
  // A probe that gets nonsense again keeps it cut for longer, whoever makes it.
  clock.advance(line.breaker.waitMs());
  const before = line.breaker.waitMs();
  book("invalid-output", "a");
  expect(line.breaker.waitMs()).toBeGreaterThan(before);
  clock.advance(line.breaker.waitMs());
  book(null, "b");
  expect(line.breaker.isOpen).toBe(false);
  expect(recovered()).toBe(1);
  // Forgiven: it counts anew.
  for (const id of ["a", "b", "c", "d"]) book("invalid-output", id);
  expect(line.breaker.isOpen).toBe(false);
});

test("waiting mends an outage; what makes no sense three times goes to a person", () => {
  const { clock, line } = open();
  const batch = { firstAt: new Date(clock.now()), dueAt: new Date(clock.now()), failures: 0 } as never as Parameters<
    typeof line.judge
  >[1];
  expect(line.judge(new AiError("unavailable"), { ...batch, failures: 2 }, 9).failures).toBe(2);
  let failures = 0;
  for (let tries = 1; tries <= MAX_FAILURES; tries++)
    ({ failures } = line.judge(new AiError("invalid-output"), { ...batch, failures }, tries));
  expect(failures).toBe(MAX_FAILURES);
});
