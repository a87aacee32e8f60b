/** The routes around the assistant. */
import { Elysia } from "elysia";
import { aiRunController } from "../features/ai-runs/ai-run.controller";
import type { AiRunService } from "../features/ai-runs/ai-run.service";
import { assistantConnectionController } from "../features/assistant-connection/assistant-connection.controller";
import type { AssistantConnectionService } from "../features/assistant-connection/assistant-connection.service";
import type { AuthPlugin } from "../features/auth/auth.plugin";

export interface AssistantServices {
  assistantConnection: AssistantConnectionService;
  aiRuns: AiRunService;
}

export const assistantRoutes = (auth: AuthPlugin, services: AssistantServices) =>
  new Elysia().use(assistantConnectionController(auth, services.assistantConnection)).use(aiRunController(auth, services.aiRuns));
