/** Spanish of everything that is not on the first screen: loaded with the first page that needs it. */
import type { enMore } from "./en";
import { esAutomation } from "./es-automation";
import { esCommands } from "./es-commands";
import { esConnect } from "./es-connect";
import { esContacts } from "./es-contacts";
import { esCopilot } from "./es-copilot";
import { esKnowledge } from "./es-knowledge";
import { esReports } from "./es-reports";
import { esRuleWords } from "./es-rule-words";
import { esSandbox } from "./es-sandbox";
import { esSegments } from "./es-segments";
import { esSettingLabels } from "./es-setting-labels";
import { esSettings } from "./es-settings";
import { esStudio } from "./es-studio";
import { esStudioRooms } from "./es-studio-rooms";
import { esTeams } from "./es-teams";
import { esTemplates } from "./es-templates";

export const esMore: Record<keyof typeof enMore, string> = {
  ...esConnect,
  ...esCommands,
  ...esContacts,
  ...esCopilot,
  ...esReports,
  ...esKnowledge,
  ...esAutomation,
  ...esRuleWords,
  ...esSandbox,
  ...esSegments,
  ...esSettingLabels,
  ...esSettings,
  ...esTeams,
  ...esTemplates,
  ...esStudio,
  ...esStudioRooms,
};
