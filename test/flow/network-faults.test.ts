/** The network to WhatsApp or to the assistant's provider fails in each of its ways: the order stays, and everybody is answered once. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { startSandboxOpenAI } from "../../src/ai/sandbox/server";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import type { MessageView } from "../../src/events/view";
import { startGraphRecorder } from "../helpers/graph-recorder";
import { breathe, ManualClock, untilAdvancing } from "../helpers/manual-clock";
import { createTestApp } from "../helpers/test-app";
import { type Network, startFaultProxy } from "./fault-proxy";

setDefaultTimeout(120_000);

const CUSTOMERS = Array.from({ length: 7 }, (_, index) => `5198768100${index}`);
const HOLDING = "En un momento le responde una persona";
let count = 0;

/** Lets time pass; the work it causes is real. */
async function pass(clock: ManualClock, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advance(1_000);
    await breathe(1_000);
  }
}

describe("the assistant's provider cannot be reached:", () => {
  for (const mode of ["silent", "reset", "refused", "cut"] satisfies Network[])
    test(`${mode}: few calls, one holding message each, and one answer each afterwards`, async () => {
      const provider = await startSandboxOpenAI({ clock: systemClock, log: silentLog, latencyMs: 0 });
      const clock = new ManualClock();
      await using network = startFaultProxy(provider.url);
      await using graph = startGraphRecorder();
      await using app = await createTestApp({
        clock,
        env: { WHATSAPP_GRAPH_URL: graph.url, OPENAI_BASE_URL: network.url, OPENAI_API_KEY: provider.apiKey },
      });
      network.mode = mode;
      for (const from of CUSTOMERS)
        expect(await app.receive({ from, id: `wamid.net.${++count}`, text: `pregunta de ${from}`, at: clock.now() })).toBe(200);
      await untilAdvancing(clock, () => graph.sent.length >= CUSTOMERS.length, {
        step: 1_000,
        limit: 400_000,
        what: "the holding messages",
      });
      await pass(clock, 120);
      expect(graph.sent.map(({ text }) => text.includes(HOLDING))).toEqual(CUSTOMERS.map(() => true));
      expect(new Set(graph.sent.map(({ to }) => to)).size).toBe(CUSTOMERS.length);
      expect(network.connections).toBeLessThan(120);

      network.mode = "well";
      const answers = () => graph.sent.filter(({ text }) => !text.includes(HOLDING));
      await untilAdvancing(clock, () => answers().length >= CUSTOMERS.length, { step: 500, limit: 400_000, what: "the answers" });
      await pass(clock, 60);
      for (const from of CUSTOMERS) {
        const mine = answers().filter(({ to }) => to.includes(from));
        expect(mine.map(({ text }) => text.includes(from))).toEqual([true]);
      }
      await provider.stop();
    });
});

describe("WhatsApp cannot be reached:", () => {
  for (const mode of ["refused", "silent", "reset", "cut"] satisfies Network[])
    test(`${mode}: few calls; afterwards everybody is answered in order, and what nobody can know is listed, not repeated`, async () => {
      const clock = new ManualClock();
      await using graph = startGraphRecorder();
      await using network = startFaultProxy(graph.url);
      await using app = await createTestApp({ clock, env: { WHATSAPP_GRAPH_URL: network.url, SETTLE_MS: "20000" } });
      network.mode = mode;
      const say = async (from: string, round: number) =>
        expect(await app.receive({ from, id: `wamid.net.${++count}`, text: `m${round} de ${from}`, at: clock.now() })).toBe(200);
      for (const from of CUSTOMERS) await say(from, 1);
      await pass(clock, 30);
      for (const from of CUSTOMERS) await say(from, 2);
      await pass(clock, 120);
      expect(network.connections).toBeLessThan(200);
      expect(await app.api.data<MessageView[]>("/deliveries?state=failed")).toEqual([]);

      network.mode = "well";
      const isQuiet = async () => (await app.api.data<{ waiting: number }>("/deliveries/counts")).waiting === 0;
      await untilAdvancing(clock, isQuiet, { step: 1_000, limit: 900_000, what: "the end of all waiting" });
      const unknown = await app.api.data<MessageView[]>("/deliveries?state=unknown");
      // Where no connection came about, nothing has left: nothing is unknown.
      if (mode === "refused") expect([unknown, graph.sent.length]).toEqual([[], 2 * CUSTOMERS.length]);
      expect(unknown.every(({ delivery }) => delivery?.needsDecision)).toBe(true);
      for (const from of CUSTOMERS) {
        const heard = graph.sent.filter(({ to }) => to.includes(from)).flatMap(({ text }) => text.match(/m\d(?= de)/g) ?? []);
        const open = unknown.flatMap(({ content }) => (content.includes(from) ? (content.match(/m\d(?= de)/g) ?? []) : []));
        expect(new Set([...heard, ...open])).toEqual(new Set(["m1", "m2"]));
        expect(heard).toEqual([...new Set(heard)].toSorted());
      }
      // The line works again: whoever writes now is answered.
      for (const from of CUSTOMERS) await say(from, 3);
      const heardLast = () => CUSTOMERS.every((from) => graph.sent.some(({ text }) => text.includes(`m3 de ${from}`)));
      await untilAdvancing(clock, heardLast, { step: 500, what: "everybody's next answer" });
    });
});
