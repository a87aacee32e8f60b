/**
 * Calls of the assistant's own tools. One that changes something is written down before it is made and made once: a turn that runs
 * again, after a crash or because the customer wrote more, reads what came of it. One that wants a confirmation waits for the button.
 */
import type { Clock } from "../../core/clock";
import { AppError } from "../../core/errors";
import { newSecret, shortHash } from "../../core/id";
import type { UrlGuard } from "../../core/url-guard";
import type { Change, EventLog } from "../../events/log";
import type { ConversationService } from "../conversations/conversation.service";
import type { MessageService } from "../messages/message.service";
import type { AiTool, AiToolCall, AiToolCallModel } from "./ai-tool.model";
import type { AiToolService } from "./ai-tool.service";
import { fillText, readToolAnswer, requestOf, type ToolArgs } from "./tool-request";

export interface CallAbout {
  conversation: string;
  contact: string;
  turn: string;
  /** What the customer had been answered before this turn: the same for every try at these messages. */
  answeredSeq: number;
}

export interface ToolResult {
  ok: boolean;
  /** For the model. */
  result: unknown;
}

/** A customer's tap on one of our confirmation buttons, and what came of it. */
export interface Confirmed {
  tool: string;
  args: unknown;
  confirmed: boolean;
  result: unknown;
}

export interface AiToolCallService {
  /** Makes the call; the very same one for the same messages of the customer is made once. Never throws for what the other server does. */
  call(tool: AiTool, args: ToolArgs, about: CallAbout, signal: AbortSignal): Promise<ToolResult>;
  /** Begins to wait for the customer's confirmation, in the transaction that asks them. */
  propose(proposal: Proposal, about: Omit<CallAbout, "answeredSeq">, change: Change): Promise<void>;
  /** What a tap on a button of ours means; null when it is none of ours. A confirmed call is made now, once. */
  settle(buttonId: string, about: CallAbout, signal: AbortSignal): Promise<Confirmed | null>;
  /** Makes a call to see whether it works; nothing is written down. */
  attempt(id: string, args: ToolArgs, signal: AbortSignal): Promise<ToolResult & { ms: number }>;
}

export interface Proposal {
  tool: AiTool;
  args: ToolArgs;
  token: string;
}

export interface AiToolCallDeps {
  calls: AiToolCallModel;
  tools: Pick<AiToolService, "find" | "secretOf">;
  guard: Pick<UrlGuard, "fetch">;
  conversations: Pick<ConversationService, "findConversation">;
  messages: Pick<MessageService, "addActivity">;
  log: EventLog;
  clock: Clock;
}

const DUPLICATE_KEY = 11_000;
const CONFIRM_WITHIN_MS = 86_400_000;
const BUTTON = /^ai-confirm:([\w-]{16,40}):(yes|no)$/;
const UNKNOWN = {
  ok: false,
  result: {
    error: { code: "outcome_unknown", hint: "It was begun, and nobody knows whether it was done. Do not try again; hand off." },
  },
};

export const newConfirmToken = (): string => newSecret(16);
export const confirmButtons = (token: string, words: { yes: string; no: string }) => [
  { id: `ai-confirm:${token}:yes`, title: words.yes },
  { id: `ai-confirm:${token}:no`, title: words.no },
];

export function createAiToolCalls(deps: AiToolCallDeps): AiToolCallService {
  const { calls, tools, guard, conversations, messages, log, clock } = deps;

  async function ask(tool: AiTool, args: ToolArgs, id: string, signal: AbortSignal): Promise<ToolResult> {
    const secret = tools.secretOf(tool);
    const refused = (code: string, hint: string): ToolResult => ({ ok: false, result: { error: { code, hint } } });
    if (tool.lockedSecret !== null && secret === null) return refused("not_configured", "The tool is not set up. Hand off.");
    const made = requestOf(tool, args, secret, id);
    if (!made) return refused("invalid_arguments", "A value cannot stand in the address.");
    try {
      return readToolAnswer(await guard.fetch(made.url, { ...made.request, signal }), secret);
    } catch (error) {
      // Awaited: AppError of the guard. An abort of the turn is the caller's matter.
      if (signal.aborted || !(error instanceof AppError)) throw error;
      return refused(error.code, error.code === "url.unreachable" ? "The other server does not answer." : error.message);
    }
  }

  const resultOf = (result: string | null): unknown => (result === null ? null : JSON.parse(result));
  const cut = ({ ok, result }: ToolResult): ToolResult => ({ ok, result: JSON.parse(JSON.stringify(result ?? null)) });

  /** Writes down what came of it, with a line for the agents: also when a person has taken over meanwhile. */
  async function end(id: string, state: AiToolCall["state"], result: unknown, line: string): Promise<void> {
    await log.change(async (change) => {
      const { session } = change;
      const before = (await calls.collection.findOneAndUpdate(
        { _id: id as never, state: { $in: ["waiting", "running"] } },
        { $set: { state, result: JSON.stringify(result ?? null), endedAt: new Date(clock.now()) } },
        { session },
      )) as unknown as AiToolCall | null;
      const conversation = before && (await conversations.findConversation(before.conversation, session));
      if (conversation)
        await messages.addActivity(conversation, line, `tool-call:${id}`, change, { payload: { kind: "tool", call: id } });
    });
  }

  /** The call is written down as running: makes it and keeps what came of it. */
  async function carryOut(id: string, tool: AiTool, args: ToolArgs): Promise<ToolResult> {
    // Begun, it is finished: what has arrived at the other server cannot be taken back.
    const made = cut(await ask(tool, args, id, new AbortController().signal));
    await end(
      id,
      made.ok ? "done" : "failed",
      made.result,
      `The assistant used ${tool.name}${made.ok ? "" : ", without success"}`,
    );
    return made;
  }

  return {
    async call(tool, args, about, signal) {
      if (!tool.changes)
        return cut(await ask(tool, args, shortHash(`${about.turn}:${tool._id}:${JSON.stringify(args)}`), signal));
      const { conversation, contact, turn, answeredSeq } = about;
      const written = JSON.stringify(args);
      const id = shortHash(`${conversation}:${answeredSeq}:${tool._id}:${written}`);
      const row: AiToolCall = {
        _id: id,
        conversation,
        contact,
        turn,
        tool: tool._id,
        name: tool.name,
        args: written,
        state: "running",
        token: null,
        result: null,
        createdAt: new Date(clock.now()),
        endedAt: null,
      };
      try {
        await calls.collection.insertOne(row as never);
      } catch (error) {
        if ((error as { code?: unknown }).code !== DUPLICATE_KEY) throw error;
        const known = (await calls.findById(id).lean()) as AiToolCall | null;
        if (!known || known.state === "running") return UNKNOWN;
        return { ok: known.state === "done", result: resultOf(known.result) };
      }
      return carryOut(id, tool, args);
    },

    async propose({ tool, args, token }, { conversation, contact, turn }, { session }) {
      const row: AiToolCall = {
        _id: shortHash(`confirm:${token}`),
        conversation,
        contact,
        turn,
        tool: tool._id,
        name: tool.name,
        args: JSON.stringify(args),
        state: "waiting",
        token,
        result: null,
        createdAt: new Date(clock.now()),
        endedAt: null,
      };
      await calls.collection.insertOne(row as never, { session });
    },

    async settle(buttonId, { conversation }, signal) {
      const [, token, choice] = BUTTON.exec(buttonId) ?? [];
      if (!token) return null;
      // The button of another conversation means nothing in this one.
      const known = (await calls.findOne({ token, conversation }).lean()) as AiToolCall | null;
      if (!known || signal.aborted) return null;
      const told = (confirmed: boolean, result: unknown): Confirmed => ({
        tool: known.name,
        args: JSON.parse(known.args),
        confirmed,
        result,
      });
      if (known.state !== "waiting")
        return told(known.state !== "declined", known.state === "running" ? UNKNOWN.result : resultOf(known.result));
      if (choice === "no") {
        await end(known._id, "declined", { declined: true }, `The customer did not confirm ${known.name}`);
        return told(false, { declined: true });
      }
      const tool = tools.find(known.tool);
      const isLate = clock.now() - known.createdAt.getTime() > CONFIRM_WITHIN_MS;
      if (!tool?.isEnabled || isLate) {
        const result = { error: { code: "expired", hint: "Too late: ask again what they want." } };
        await end(known._id, "expired", result, `The customer confirmed ${known.name} too late`);
        return told(true, result);
      }
      const taken = await calls.updateOne({ _id: known._id, state: "waiting" }, { $set: { state: "running" } });
      if (taken.modifiedCount === 0) return told(true, UNKNOWN.result);
      return told(true, (await carryOut(known._id, tool, JSON.parse(known.args))).result);
    },

    async attempt(id, args, signal) {
      const tool = tools.find(id);
      const startedAt = clock.monotonic();
      const made: ToolResult = tool
        ? await ask(tool, args, newSecret(12), signal)
        : { ok: false, result: { error: { code: "unknown_tool" } } };
      return { ...cut(made), ms: Math.round(clock.monotonic() - startedAt) };
    },
  };
}

/** What the customer is asked. */
export const questionOf = ({ question }: AiTool, args: ToolArgs): string => fillText(question, args).slice(0, 1_024);
