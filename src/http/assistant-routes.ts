/** The routes around the assistant. */
import { Elysia } from "elysia";
import { aiPromptController } from "../features/ai-prompts/ai-prompt.controller";
import type { AiPromptService } from "../features/ai-prompts/ai-prompt.service";
import { type AiReplayServices, aiReplayController } from "../features/ai-replays/ai-replay.controller";
import { aiRunController } from "../features/ai-runs/ai-run.controller";
import type { AiRunService } from "../features/ai-runs/ai-run.service";
import { type AiToolServices, aiToolController } from "../features/ai-tools/ai-tool.controller";
import { assistantConnectionController } from "../features/assistant-connection/assistant-connection.controller";
import type { AssistantConnectionService } from "../features/assistant-connection/assistant-connection.service";
import type { AuthPlugin } from "../features/auth/auth.plugin";
import { copilotController } from "../features/copilot/copilot.controller";
import type { CopilotService } from "../features/copilot/copilot.service";
import { answerSourceController } from "../features/knowledge/answer-source.controller";
import type { AnswerSourceService } from "../features/knowledge/answer-source.service";
import { type KnowledgeServices, knowledgeController } from "../features/knowledge/knowledge.controller";
import { mediaLibraryController } from "../features/media-library/media-library.controller";
import type { MediaLibraryService } from "../features/media-library/media-library.service";

export interface AssistantServices extends KnowledgeServices, AiToolServices, AiReplayServices {
  assistantConnection: AssistantConnectionService;
  aiPrompts: AiPromptService;
  mediaLibrary: MediaLibraryService;
  copilot: CopilotService;
  aiRuns: AiRunService;
  answerSources: AnswerSourceService;
}

export const assistantRoutes = (auth: AuthPlugin, services: AssistantServices) =>
  new Elysia()
    .use(assistantConnectionController(auth, services.assistantConnection))
    .use(aiPromptController(auth, services.aiPrompts))
    .use(mediaLibraryController(auth, services.mediaLibrary))
    .use(aiToolController(auth, services))
    .use(aiReplayController(auth, services))
    .use(copilotController(auth, services.copilot))
    .use(aiRunController(auth, services.aiRuns))
    .use(answerSourceController(auth, services.answerSources))
    .use(knowledgeController(auth, services));
