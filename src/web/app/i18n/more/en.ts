/** English of everything that is not on the first screen: loaded with the first page that needs it. */
import { enAutomation } from "./en-automation";
import { enContacts } from "./en-contacts";
import { enCopilot } from "./en-copilot";
import { enRuleWords } from "./en-rule-words";
import { enSandbox } from "./en-sandbox";
import { enSettingLabels } from "./en-setting-labels";
import { enSettings } from "./en-settings";

export const enMore = {
  ...enAutomation,
  ...enContacts,
  ...enCopilot,
  ...enRuleWords,
  ...enSandbox,
  ...enSettingLabels,
  ...enSettings,
} as const;
