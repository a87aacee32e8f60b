/** Spanish of everything that is not on the first screen: loaded with the first page that needs it. */
import type { enMore } from "./en";
import { esContacts } from "./es-contacts";
import { esCopilot } from "./es-copilot";
import { esKnowledge } from "./es-knowledge";
import { esReports } from "./es-reports";
import { esSandbox } from "./es-sandbox";
import { esSettingLabels } from "./es-setting-labels";
import { esSettings } from "./es-settings";

export const esMore: Record<keyof typeof enMore, string> = {
  ...esContacts,
  ...esCopilot,
  ...esReports,
  ...esKnowledge,
  ...esSandbox,
  ...esSettingLabels,
  ...esSettings,
};
