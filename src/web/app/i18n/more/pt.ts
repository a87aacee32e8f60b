/** Portuguese of everything that is not on the first screen: loaded with the first page that needs it. */
import type { enMore } from "./en";
import { ptCommands } from "./pt-commands";
import { ptContacts } from "./pt-contacts";
import { ptCopilot } from "./pt-copilot";
import { ptSandbox } from "./pt-sandbox";
import { ptSettingLabels } from "./pt-setting-labels";
import { ptSettings } from "./pt-settings";

export const ptMore: Record<keyof typeof enMore, string> = {
  ...ptCommands,
  ...ptContacts,
  ...ptCopilot,
  ...ptSandbox,
  ...ptSettingLabels,
  ...ptSettings,
};
