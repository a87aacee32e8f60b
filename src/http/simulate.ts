/** Plays a customer on a sandbox phone and tells everything that happens to the message, until the reply has been read. */
import type { PhoneChange, SandboxGraph, SandboxPhone } from "../channels/whatsapp/sandbox/sandbox-graph";
import { type Clock, wait } from "../core/clock";
import { AppError, describeError, fail } from "../core/errors";
import type { EventBus, PublishedEvent } from "../events/bus";
import type { FlowStage } from "../events/catalog";
import type { Simulate, SimulateRequest } from "./control";

/** One line of the stream. */
export type SimulatedLine =
  | { kind: "phone"; name: string; address: string }
  | { kind: "said"; at: string; text: string }
  | { kind: "webhook"; ms: number; attempts: number; status: number }
  | { kind: "stage"; stage: FlowStage }
  | { kind: "heard"; at: string; text: string }
  | { kind: "end"; outcome: "answered" | "handed-over" | "silent" | "timeout" | "failed"; replies: number; detail: string };

export interface SimulateDeps {
  sandbox: SandboxGraph | null;
  bus: EventBus;
  clock: Clock;
}

export function createSimulate({ sandbox, bus, clock }: SimulateDeps): Simulate {
  return (request, signal) => {
    if (!sandbox) throw fail("sandbox.off");
    const phone = findPhone(sandbox, request.phone);
    return new ReadableStream<Uint8Array>({
      start(controller) {
        const write = (line: SimulatedLine) => controller.enqueue(encode(line));
        play(sandbox, phone, request, signal, { bus, clock, write })
          .catch((error: unknown) => write({ kind: "end", outcome: "failed", replies: 0, detail: describeError(error) }))
          .finally(() => controller.close());
      },
    });
  };
}

interface Stage {
  bus: EventBus;
  clock: Clock;
  write: (line: SimulatedLine) => void;
}

async function play(
  sandbox: SandboxGraph,
  phone: SandboxPhone,
  request: SimulateRequest,
  signal: AbortSignal,
  { bus, clock, write }: Stage,
): Promise<void> {
  const talk = new Talk(phone.reads && phone.online);
  const { promise: ended, resolve: end } = Promise.withResolvers<Outcome>();
  const stopListening = [
    bus.subscribe((event) => {
      const stage = stageOf(event);
      if (!stage || !talk.owns(stage)) return;
      write({ kind: "stage", stage });
      const outcome = talk.follow(stage);
      if (outcome) end(outcome);
    }),
    sandbox.phones.subscribe((change: PhoneChange) => {
      if (change.kind !== "message" || change.phoneId !== phone.id || change.message.from !== "business") return;
      talk.replies++;
      write({ kind: "heard", at: new Date(change.message.at).toISOString(), text: change.message.content.text });
    }),
  ];
  signal.addEventListener("abort", () => end({ outcome: "timeout", detail: "the command went away" }));
  try {
    write({ kind: "phone", name: phone.name, address: phone.waId ? `+${phone.waId}` : `@${phone.username ?? phone.userId}` });
    for (const [index, text] of request.messages.entries()) {
      if (index > 0) await wait(clock, request.gapMs);
      write({ kind: "said", at: new Date(clock.now()).toISOString(), text });
      const sent = await sandbox.phones.send(phone.id, { type: "text", text });
      talk.wamids.add(sent.wamid);
      write({ kind: "webhook", ms: Math.round(sent.ms), attempts: sent.attempts, status: sent.httpStatus });
    }
    const late = wait(clock, request.timeoutMs).then(
      (): Outcome => ({ outcome: "timeout", detail: `nothing more within ${request.timeoutMs / 1000} s` }),
    );
    const outcome = await Promise.race([ended, late]);
    write({ kind: "end", replies: talk.replies, ...outcome });
  } finally {
    for (const stop of stopListening) stop();
  }
}

type Outcome = Pick<SimulatedLine & { kind: "end" }, "outcome" | "detail">;

/** Follows the stages that belong to this talk and knows when it is over. */
class Talk {
  readonly wamids = new Set<string>();
  replies = 0;
  #conversation: string | null = null;
  readonly #open = new Set<string>();
  #isHandedOver = false;

  constructor(readonly waitsForRead: boolean) {}

  owns(stage: FlowStage): boolean {
    if (this.#conversation === null && stage.stage === "stored" && stage.conversation) this.#conversation = stage.conversation;
    return stage.conversation !== null
      ? stage.conversation === this.#conversation
      : stage.message !== null && this.#open.has(stage.message);
  }

  /** The outcome, once nothing more is to come. */
  follow(stage: FlowStage): Outcome | null {
    if (stage.stage === "routed" && !stage.detail.startsWith("assistant"))
      return { outcome: stage.detail.startsWith("agents") ? "handed-over" : "silent", detail: stage.detail };
    if (stage.stage === "queued") {
      this.#isHandedOver ||= stage.detail.includes("hand-off");
      if (stage.message === null)
        return { outcome: stage.detail.includes("hand-off") ? "handed-over" : "silent", detail: stage.detail };
      this.#open.add(stage.message);
    }
    if (stage.stage === "failed") return { outcome: "failed", detail: stage.detail };
    const last = this.waitsForRead ? "read" : "sent";
    if (stage.stage === last && stage.message && this.#open.delete(stage.message) && this.#open.size === 0)
      return {
        outcome: this.#isHandedOver ? "handed-over" : "answered",
        detail: this.waitsForRead ? "the customer has read the reply" : "the reply was sent",
      };
    return null;
  }
}

const stageOf = ({ event, data }: PublishedEvent): FlowStage | null => (event === "flow:stage" ? (data as FlowStage) : null);

function findPhone(sandbox: SandboxGraph, wanted: string | undefined): SandboxPhone {
  const phones = sandbox.phones.list();
  const text = wanted?.toLowerCase().replace(/^[@+]/, "");
  const phone = text
    ? phones.find(
        ({ id, name, waId, username }) =>
          id === text || waId === text || username === text || name.toLowerCase().startsWith(text),
      )
    : phones[0];
  if (phone) return phone;
  throw new AppError("sandbox.phone-not-found", {
    message: `There is no sandbox phone "${wanted}". There are: ${phones.map(({ name }) => name).join(", ")}.`,
  });
}

const encoder = new TextEncoder();
const encode = (line: SimulatedLine): Uint8Array => encoder.encode(`${JSON.stringify(line)}\n`);
