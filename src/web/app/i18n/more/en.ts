/** English of everything that is not on the first screen: loaded with the first page that needs it. */

import { enAutomation } from "./en-automation";
import { enCommands } from "./en-commands";
import { enConnect } from "./en-connect";
import { enContacts } from "./en-contacts";
import { enCopilot } from "./en-copilot";
import { enKnowledge } from "./en-knowledge";
import { enReports } from "./en-reports";
import { enRuleWords } from "./en-rule-words";
import { enSandbox } from "./en-sandbox";
import { enSegments } from "./en-segments";
import { enSettingLabels } from "./en-setting-labels";
import { enSettings } from "./en-settings";
import { enStudio } from "./en-studio";
import { enStudioRooms } from "./en-studio-rooms";
import { enTeams } from "./en-teams";
import { enTemplates } from "./en-templates";

export const enMore = {
  ...enAutomation,
  ...enCommands,
  ...enConnect,
  ...enContacts,
  ...enCopilot,
  ...enKnowledge,
  ...enReports,
  ...enRuleWords,
  ...enSandbox,
  ...enSegments,
  ...enSettingLabels,
  ...enSettings,
  ...enStudio,
  ...enStudioRooms,
  ...enTeams,
  ...enTemplates,
} as const;
