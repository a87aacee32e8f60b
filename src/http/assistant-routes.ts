/** The routes around the assistant. */
import { Elysia } from "elysia";
import { assistantConnectionController } from "../features/assistant-connection/assistant-connection.controller";
import type { AssistantConnectionService } from "../features/assistant-connection/assistant-connection.service";
import type { AuthPlugin } from "../features/auth/auth.plugin";

export interface AssistantServices {
  assistantConnection: AssistantConnectionService;
}

export const assistantRoutes = (auth: AuthPlugin, services: AssistantServices) =>
  new Elysia().use(assistantConnectionController(auth, services.assistantConnection));
