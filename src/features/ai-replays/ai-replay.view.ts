/** Replays as clients see them. */
import { diffLines } from "../../core/text-diff";
import type { AiReplay, AiReplayItem } from "./ai-replay.model";
import type { ReplayItemView, ReplayView } from "./ai-replay.schema";

/** Figures of the sandbox say nothing about a model. */
export const isEvidence = (models: readonly string[]): boolean =>
  models.length > 0 && !models.some((one) => one.startsWith("sandbox/") || /\/chasqui-sandbox/.test(one));

export function toReplayView({
  _id,
  text: _,
  owner: __,
  leaseUntil: ___,
  heldMicros: ____,
  createdAt,
  endedAt,
  ...replay
}: AiReplay): ReplayView {
  return {
    id: _id,
    ...replay,
    isEvidence: isEvidence(replay.models),
    createdAt: createdAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  };
}

export const toItemView = (
  { number, run, conversation, state, before, after, isSame, judged, error }: AiReplayItem,
  question: string | null,
): ReplayItemView => ({
  number,
  run,
  conversation,
  question,
  // Whoever looks does not mind whether it waits or is being played.
  state: state === "running" ? "waiting" : state,
  before,
  after,
  isSame,
  judged,
  diff: before && after && !isSame ? diffLines(before.answer ?? "", after.answer ?? "") : [],
  error,
});
