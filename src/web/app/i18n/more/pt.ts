/** Portuguese of everything that is not on the first screen: loaded with the first page that needs it. */
import type { enMore } from "./en";
import { ptAutomation } from "./pt-automation";
import { ptContacts } from "./pt-contacts";
import { ptCopilot } from "./pt-copilot";
import { ptRuleWords } from "./pt-rule-words";
import { ptSandbox } from "./pt-sandbox";
import { ptSettingLabels } from "./pt-setting-labels";
import { ptSettings } from "./pt-settings";

export const ptMore: Record<keyof typeof enMore, string> = {
  ...ptAutomation,
  ...ptContacts,
  ...ptCopilot,
  ...ptRuleWords,
  ...ptSandbox,
  ...ptSettingLabels,
  ...ptSettings,
};
