/** Spanish of everything that is not on the first screen: loaded with the first page that needs it. */
import type { enMore } from "./en";
import { esCommands } from "./es-commands";
import { esContacts } from "./es-contacts";
import { esCopilot } from "./es-copilot";
import { esSandbox } from "./es-sandbox";
import { esSettingLabels } from "./es-setting-labels";
import { esSettings } from "./es-settings";

export const esMore: Record<keyof typeof enMore, string> = {
  ...esCommands,
  ...esContacts,
  ...esCopilot,
  ...esSandbox,
  ...esSettingLabels,
  ...esSettings,
};
