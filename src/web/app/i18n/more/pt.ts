/** Portuguese of everything that is not on the first screen: loaded with the first page that needs it. */
import type { enMore } from "./en";
import { ptAutomation } from "./pt-automation";
import { ptCommands } from "./pt-commands";
import { ptConnect } from "./pt-connect";
import { ptContacts } from "./pt-contacts";
import { ptCopilot } from "./pt-copilot";
import { ptKnowledge } from "./pt-knowledge";
import { ptReports } from "./pt-reports";
import { ptRuleWords } from "./pt-rule-words";
import { ptSandbox } from "./pt-sandbox";
import { ptSegments } from "./pt-segments";
import { ptSettingLabels } from "./pt-setting-labels";
import { ptSettings } from "./pt-settings";
import { ptStudio } from "./pt-studio";
import { ptStudioRooms } from "./pt-studio-rooms";
import { ptTeams } from "./pt-teams";
import { ptTemplates } from "./pt-templates";

export const ptMore: Record<keyof typeof enMore, string> = {
  ...ptConnect,
  ...ptCommands,
  ...ptContacts,
  ...ptCopilot,
  ...ptReports,
  ...ptKnowledge,
  ...ptAutomation,
  ...ptRuleWords,
  ...ptSandbox,
  ...ptSegments,
  ...ptSettingLabels,
  ...ptSettings,
  ...ptTeams,
  ...ptTemplates,
  ...ptStudio,
  ...ptStudioRooms,
};
