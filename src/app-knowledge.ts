/** The knowledge rooms: what people give in, what reads it in, and what asks it. */
import type { ClientSession } from "mongoose";
import { AiError, isBilledUnknown } from "./ai/ai-error";
import type { AiConnection } from "./ai/connection";
import { findPrice, readingNanos } from "./ai/cost";
import { createEmbed, type Embed } from "./ai/embeddings";
import type { PriceRow } from "./ai/price-table";
import { estimateTokens } from "./ai/token-estimate";
import type { Auditor } from "./core/audit-port";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import type { UrlGuard } from "./core/url-guard";
import type { EventBus } from "./events/bus";
import type { EventLog } from "./events/log";
import type { AiBudgetService } from "./features/ai-budgets/ai-budget.service";
import type { AiRunService } from "./features/ai-runs/ai-run.service";
import type { AiSpendService } from "./features/ai-runs/ai-spend.service";
import { createAnswerSources } from "./features/knowledge/answer-source.service";
import {
  type KnowledgeArticleModel,
  type KnowledgeChunkModel,
  type KnowledgeGapModel,
  knowledgeArticleModel,
  knowledgeChunkModel,
  knowledgeGapModel,
} from "./features/knowledge/knowledge.model";
import { createKnowledgeService } from "./features/knowledge/knowledge.service";
import { createKnowledgeGaps } from "./features/knowledge/knowledge-gap.service";
import { createKnowledgeIndexer } from "./features/knowledge/knowledge-indexer.service";
import { createKnowledgeSearch } from "./features/knowledge/knowledge-search.service";
import { createPaidEmbed } from "./features/knowledge/paid-embed";
import type { MessageModel } from "./features/messages/message.model";
import type { ReachService } from "./features/messages/reach.service";
import { knowledgeSettings } from "./features/settings/knowledge-settings";
import type { SettingsService } from "./features/settings/setting.service";
import { KnowledgeIndex } from "./store/search/knowledge-index";

/** Their indexes are made at start, so they are registered before. */
export const knowledgeModels = (connection: Parameters<typeof knowledgeArticleModel>[0]) => ({
  knowledgeArticles: knowledgeArticleModel(connection),
  knowledgeChunks: knowledgeChunkModel(connection),
  knowledgeGaps: knowledgeGapModel(connection),
});

export interface KnowledgeRoomDeps {
  models: {
    knowledgeArticles: KnowledgeArticleModel;
    knowledgeChunks: KnowledgeChunkModel;
    knowledgeGaps: KnowledgeGapModel;
    messages: MessageModel;
  };
  settings: SettingsService;
  /** The provider's connection that counts now. */
  connection: () => AiConnection | null;
  prices: () => readonly PriceRow[];
  spends: AiSpendService;
  budget: (aiRuns: Pick<AiRunService, "spent">) => AiBudgetService;
  aiRuns: Pick<AiRunService, "spent" | "getCitations">;
  redact: (text: string) => string;
  guard: UrlGuard;
  reach: ReachService;
  audit: Auditor<ClientSession>;
  eventLog: EventLog;
  bus: EventBus;
  clock: Clock;
  log: Log;
}

export function openKnowledge(deps: KnowledgeRoomDeps) {
  const { models, settings, connection, redact, prices, guard, reach, audit, eventLog, bus, clock } = deps;
  const log = deps.log.child({ part: "knowledge" });
  let known: { to: AiConnection; embed: Embed } | null = null;

  function embedder() {
    const to = connection();
    const { embeddingModel: model } = settings.get(knowledgeSettings);
    if (!to || model === "") return null;
    if (known?.to !== to) known = { to, embed: createEmbed(to, clock, prices) };
    return { embed: known.embed, model };
  }

  const articles = models.knowledgeArticles;
  const chunks = models.knowledgeChunks;
  const embed = createPaidEmbed({
    embedder,
    budget: deps.budget(deps.aiRuns),
    spends: deps.spends,
    estimate: (texts, model) =>
      readingNanos(
        texts.reduce((sum, text) => sum + estimateTokens(text), 0),
        findPrice(model, clock.now(), prices()),
      ),
    isBilledUnknown: (error) => error instanceof AiError && isBilledUnknown(error),
    clock,
  });
  const common = { articles, chunks, embed, redact, guard, clock };
  const indexer = createKnowledgeIndexer({ ...common, countTokens: estimateTokens, log: eventLog, logger: log });
  const search = createKnowledgeSearch({ ...common, index: new KnowledgeIndex(), bus, log });
  const gaps = createKnowledgeGaps({ gaps: models.knowledgeGaps, audit, log: eventLog, clock });
  const knowledge = createKnowledgeService({
    ...common,
    messages: models.messages,
    reach,
    wake: indexer.wake,
    audit,
    log: eventLog,
  });
  return {
    services: {
      knowledge,
      knowledgeSearch: search,
      knowledgeGaps: gaps,
      answerSources: createAnswerSources({ runs: deps.aiRuns, chunks }),
    },
    /** For the turns of the assistant. */
    forTurns: {
      search: search.search,
      isEmpty: search.isEmpty,
      note: gaps.note,
      passages: () => settings.get(knowledgeSettings).passages,
    },
    start: indexer.start,
    async stop() {
      await indexer.stop();
      search.stop();
    },
  };
}
