/** Everything around the server that must outlive its deaths: the Graph API with the customers' phones, and the assistant's provider. */
import { answerOf } from "../../ai/sandbox/brain";
import { type SandboxOpenAI, startSandboxOpenAI } from "../../ai/sandbox/server";
import { type SandboxGraph, startSandboxGraph } from "../../channels/whatsapp/sandbox/sandbox-graph";
import type { Clock } from "../../core/clock";
import type { Log } from "../../core/log";
import { echo, marksIn } from "./mark";
import { createRandom } from "./random";
import type { Heard } from "./reconcile";

export interface WorldOptions {
  seed: number;
  customers: number;
  /** Where the server listens, dead or alive. */
  port: number;
  clock: Clock;
  log: Log;
}

export interface World {
  readonly graph: SandboxGraph;
  readonly assistant: SandboxOpenAI;
  /** What the customers have heard so far, in the order in which it appeared. */
  readonly heard: readonly Heard[];
  /** How many different marks the customers have heard. */
  answered(): number;
  isAnswered(mark: string): boolean;
  /** Id of a customer's phone. */
  phoneOf(customer: number): string;
  /** The number of a customer, as digits. */
  numberOf(customer: number): string;
  /** The variables a server needs to live in this world. */
  readonly environment: Record<string, string>;
  stop(): Promise<void>;
}

const CHANNEL = {
  phoneNumberId: "770000000000001",
  wabaId: "770000000000002",
  displayNumber: "5115550199",
  name: "Tienda Ayni",
  accessToken: "token-of-the-torture",
  appSecret: "app-secret-of-the-torture",
  verifyToken: "verify-token-of-the-torture",
};
const THINKING_MS = 60;
/** Meta delivers for days, in growing distances; here nobody has days. */
const LONGEST_REDELIVERY_PAUSE_MS = 500;

export async function startWorld({ seed, customers, port, clock, log }: WorldOptions): Promise<World> {
  const graph = await startSandboxGraph({
    channel: CHANNEL,
    webhookUrl: () => `http://127.0.0.1:${port}/api/v2/webhook`,
    statePath: ":memory:",
    longestPauseMs: LONGEST_REDELIVERY_PAUSE_MS,
    log,
    clock,
    random: createRandom(seed, "sandbox"),
  });
  graph.chaos.set({ duplicates: 0.08, reorder: 0.04, batchSize: 1, skipDelivered: 0.05, throughput: 0, pairRate: false });
  const assistant = await startSandboxOpenAI({
    log,
    clock,
    latencyMs: THINKING_MS,
    answer: (dialogue) => echo(dialogue) ?? answerOf(dialogue),
  });
  const numberOf = (customer: number) => `51${String(900_000_000 + customer)}`;
  const ids = Array.from(
    { length: customers },
    (_, customer) => graph.phones.create({ name: `Customer ${customer}`, waId: numberOf(customer) }).id,
  );
  const customerOfPhone = new Map(ids.map((id, customer) => [id, customer]));
  const heard: Heard[] = [];
  const marks = new Set<string>();
  graph.phones.subscribe((change) => {
    if (change.kind !== "message" || change.message.from !== "business") return;
    const one = { customer: customerOfPhone.get(change.phoneId) ?? -1, marks: marksIn(change.message.content.text) };
    heard.push(one);
    for (const mark of one.marks) marks.add(mark);
  });
  return {
    graph,
    assistant,
    heard,
    answered: () => marks.size,
    isAnswered: (mark) => marks.has(mark),
    phoneOf: (customer) => ids[customer] ?? "",
    numberOf,
    environment: {
      WHATSAPP_PHONE_NUMBER_ID: CHANNEL.phoneNumberId,
      WHATSAPP_BUSINESS_ACCOUNT_ID: CHANNEL.wabaId,
      WHATSAPP_ACCESS_TOKEN: CHANNEL.accessToken,
      WHATSAPP_APP_SECRET: CHANNEL.appSecret,
      WHATSAPP_VERIFY_TOKEN: CHANNEL.verifyToken,
      WHATSAPP_GRAPH_URL: graph.url,
      OPENAI_API_KEY: assistant.apiKey,
      OPENAI_BASE_URL: assistant.url,
      OPENAI_MODEL: assistant.model,
    },
    async stop() {
      await graph.stop();
      await assistant.stop();
    },
  };
}
