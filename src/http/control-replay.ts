/** `chasqui replay` on the control socket: starts a replay and tells its progress, line by line. It goes on when nobody listens any more. */
import { type Static, Type as t } from "@sinclair/typebox";
import { SYSTEM } from "../core/actor";
import { type Clock, wait } from "../core/clock";
import { fail } from "../core/errors";
import type { PromptView } from "../features/ai-prompts/ai-prompt.schema";
import type { AiPromptService } from "../features/ai-prompts/ai-prompt.service";
import type { ReplayView } from "../features/ai-replays/ai-replay.schema";
import type { AiReplayService } from "../features/ai-replays/ai-replay.service";

export const ReplayRequest = t.Object(
  {
    last: t.Integer({ minimum: 1, maximum: 5_000 }),
    /** `draft`, or the name or id of a prompt, with `:draft` or `:number` behind it. */
    prompt: t.Optional(t.String({ minLength: 1, maxLength: 120 })),
    model: t.Optional(t.String({ minLength: 1, maxLength: 120 })),
    knowledge: t.Boolean(),
    judge: t.Boolean(),
    maxMicros: t.Integer({ minimum: 1, maximum: 1_000_000_000 }),
  },
  { additionalProperties: false },
);
export type ReplayRequest = Static<typeof ReplayRequest>;
export type ReplayLine =
  | { progress: Pick<ReplayView, "done" | "total"> }
  | { finished: ReplayView }
  | { failed: { error: string } };
/** Throws AppError before the first line. */
export type ReplayLines = (request: ReplayRequest, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;

const LOOK_MS = 300;
const MACHINE = { ...SYSTEM, name: "The command line" };

export function createReplayLines({
  prompts,
  replays,
  clock,
}: {
  prompts: Pick<AiPromptService, "list">;
  replays: Pick<AiReplayService, "start" | "get">;
  clock: Clock;
}): ReplayLines {
  return async ({ prompt, ...request }, signal) => {
    const chosen = prompt === undefined ? {} : { prompt: promptOf(prompt, prompts.list()) };
    const { id } = await replays.start({ ...request, ...chosen }, MACHINE);
    const line = (value: ReplayLine) => new TextEncoder().encode(`${JSON.stringify(value)}\n`);
    return new ReadableStream({
      async pull(controller) {
        if (signal.aborted) return controller.close();
        const now = await replays.get(id);
        if (now.state === "running") {
          controller.enqueue(line({ progress: { done: now.done, total: now.total } }));
          await wait(clock, LOOK_MS);
          return;
        }
        controller.enqueue(line({ finished: now }));
        controller.close();
      },
    });
  };
}

/** Throws `request.invalid` when it is not clear which one is meant. */
function promptOf(given: string, all: readonly PromptView[]): { id: string; side: string } {
  const refuse = (message: string) => fail("request.invalid", { message });
  if (given === "draft") {
    const drafts = all.filter(({ draft }) => draft !== null);
    if (drafts.length === 1) return { id: (drafts[0] as PromptView).id, side: "draft" };
    const names = drafts.map(({ name }) => `"${name}:draft"`).join(", ");
    throw refuse(drafts.length === 0 ? "No prompt has a draft." : `Several prompts have a draft: say which, one of ${names}.`);
  }
  const [, name = given, side = "draft"] = /^(.*):(draft|\d+)$/.exec(given) ?? [];
  const found = all.find((one) => one.id === name || one.name.toLowerCase() === name.toLowerCase());
  if (!found) throw refuse(`There is no prompt "${name}".`);
  return { id: found.id, side };
}
