/** English of everything that is not on the first screen: loaded with the first page that needs it. */
import { enConnect } from "./en-connect";
import { enContacts } from "./en-contacts";
import { enCopilot } from "./en-copilot";
import { enSandbox } from "./en-sandbox";
import { enSettingLabels } from "./en-setting-labels";
import { enSettings } from "./en-settings";
import { enTemplates } from "./en-templates";

export const enMore = {
  ...enConnect,
  ...enContacts,
  ...enCopilot,
  ...enSandbox,
  ...enSettingLabels,
  ...enSettings,
  ...enTemplates,
} as const;
