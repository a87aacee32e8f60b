/** Replays and golden conversations: past turns run again without telling anybody. Opened by app.ts. */
import type { Connection } from "mongoose";
import { findPrice } from "./ai/cost";
import { judgeMicros } from "./ai/judge";
import { PassageBook } from "./ai/passages";
import type { openAssistant } from "./app-assistant";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import type { EventLog } from "./events/log";
import type { AiPromptService } from "./features/ai-prompts/ai-prompt.service";
import { type AiGoldenDeps, createAiGoldens } from "./features/ai-replays/ai-golden.service";
import { aiGoldenModel, aiReplayItemModel, aiReplayModel } from "./features/ai-replays/ai-replay.model";
import { createAiReplays } from "./features/ai-replays/ai-replay.service";
import { createAiTrials } from "./features/ai-replays/ai-trial.service";
import type { DryTask } from "./features/ai-replays/dry-turn";
import { createPaidTurn } from "./features/ai-replays/paid-turn";
import type { AiRunService } from "./features/ai-runs/ai-run.service";
import type { AuditService } from "./features/audit/audit.service";
import type { ContactService } from "./features/contacts/contact.service";
import type { ConversationService } from "./features/conversations/conversation.service";
import { createDryTurn, type DryTurnDeps } from "./flow/dry-turn";
import { estimateMicros } from "./flow/turn-budget";
import type { TurnKnowledge } from "./flow/turn-knowledge";

/** Their indexes are made at start, so they are registered before. */
export const replayModels = (connection: Connection) => ({
  aiReplays: aiReplayModel(connection),
  aiReplayItems: aiReplayItemModel(connection),
  aiGoldens: aiGoldenModel(connection),
});

export interface ReplayDeps {
  models: ReturnType<typeof replayModels>;
  assistance: Awaited<ReturnType<typeof openAssistant>>;
  answering: {
    services: { aiPrompts: AiPromptService };
    forFlow: { toolkit: DryTurnDeps["toolkit"] };
    render: DryTurnDeps["render"];
    plainSettings: AiGoldenDeps["settings"];
  };
  knowledge: Pick<TurnKnowledge, "search" | "passages">;
  aiRuns: AiRunService;
  contacts: Pick<ContactService, "getContact">;
  conversations: Pick<ConversationService, "findConversation">;
  audit: AuditService;
  eventLog: EventLog;
  owner: string;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

export function openReplay({ models, assistance, answering, knowledge, aiRuns, contacts, conversations, ...deps }: ReplayDeps) {
  const dryTurn = () => {
    const assistant = assistance.assistant();
    if (!assistant) return null;
    return createDryTurn({
      assistant,
      toolkit: answering.forFlow.toolkit,
      knowledge,
      async find(id) {
        const conversation = await conversations.findConversation(id);
        return conversation && { conversation, contact: await contacts.getContact(conversation.contact) };
      },
      render: answering.render,
    });
  };
  const { aiPrompts: prompts } = answering.services;
  const { spends, prices, port } = assistance;
  const budget = assistance.budget(aiRuns);
  const priceOf = (model: string) => findPrice(model, deps.clock.now(), prices());
  const turnMicros = ({ input, prompt, model }: DryTask) => {
    const { passages = [], ...kept } = input;
    const business = { ...kept.business, ...(prompt !== null && { persona: prompt }) };
    const book = new PassageBook();
    for (const passage of passages) book.add(passage);
    const asked = model ?? kept.model ?? port()?.model ?? "";
    return estimateMicros({ ...kept, business, book, now: deps.clock.now() }, asked, prices());
  };
  const common = { ...deps, prompts, runs: aiRuns, dryTurn, budget, spends };
  const aiReplays = createAiReplays({
    ...common,
    replays: models.aiReplays,
    items: models.aiReplayItems,
    judge: assistance.judge,
    estimate: { turn: turnMicros, judge: (material) => judgeMicros(material, priceOf(port()?.model ?? "")) },
  });
  const aiGoldens = createAiGoldens({
    ...common,
    dryTurn: createPaidTurn({ ...common, kind: "golden", estimate: turnMicros }),
    goldens: models.aiGoldens,
    settings: answering.plainSettings,
    redact: assistance.redact,
  });
  const aiTrials = createAiTrials({
    dryTurn: createPaidTurn({ ...common, kind: "trial", estimate: turnMicros }),
    settings: answering.plainSettings,
    clock: deps.clock,
  });
  return { services: { aiReplays, aiGoldens, aiTrials }, start: aiReplays.begin, stop: aiReplays.stop };
}
