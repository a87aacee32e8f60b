/** The copilot for agents. Opened by app-answering.ts. */

import { createCopilot } from "./ai/copilot";
import { costMicros, findPrice } from "./ai/cost";
import { estimateTokens } from "./ai/token-estimate";
import type { openAssistant } from "./app-assistant";
import type { Clock } from "./core/clock";
import type { EventBus } from "./events/bus";
import type { AiRunService } from "./features/ai-runs/ai-run.service";
import type { ContactService } from "./features/contacts/contact.service";
import type { ConversationService } from "./features/conversations/conversation.service";
import { type CopilotDeps, createCopilotService } from "./features/copilot/copilot.service";
import type { MessageService } from "./features/messages/message.service";

export interface CopilotRoomDeps {
  assistance: Awaited<ReturnType<typeof openAssistant>>;
  business: CopilotDeps["business"];
  knowledge: { search: CopilotDeps["search"] };
  safetyId: (contact: string) => string;
  aiRuns: AiRunService;
  contacts: Pick<ContactService, "getContact">;
  conversations: Pick<ConversationService, "getReachable">;
  messages: Pick<MessageService, "listHistory">;
  bus: EventBus;
  clock: Clock;
}

const MOST_OUTPUT = 900;
const RULE_TOKENS = 400;

export function openCopilot({ assistance, knowledge, aiRuns, ...deps }: CopilotRoomDeps) {
  const { clock } = deps;
  const { redact, prices, port } = assistance;
  return createCopilotService({
    ...deps,
    aiRuns,
    budget: assistance.budget(aiRuns),
    search: knowledge.search,
    copilot() {
      const to = port();
      return to && createCopilot(to, { clock, prices, redact });
    },
    estimate(task) {
      const price = findPrice(port()?.model ?? "", clock.now(), prices());
      if (!price) return 0;
      const input = estimateTokens(JSON.stringify(task)) + RULE_TOKENS;
      return costMicros({ input, cached: 0, cacheWrite: 0, cacheWrite12h: 0, output: MOST_OUTPUT, reasoning: 0 }, price);
    },
  });
}
