/** Spanish of everything that is not on the first screen: loaded with the first page that needs it. */
import type { enMore } from "./en";
import { esContacts } from "./es-contacts";
import { esCopilot } from "./es-copilot";
import { esSandbox } from "./es-sandbox";
import { esSettingLabels } from "./es-setting-labels";
import { esSettings } from "./es-settings";
import { esStudio } from "./es-studio";
import { esStudioRooms } from "./es-studio-rooms";

export const esMore: Record<keyof typeof enMore, string> = {
  ...esContacts,
  ...esCopilot,
  ...esSandbox,
  ...esSettingLabels,
  ...esSettings,
  ...esStudio,
  ...esStudioRooms,
};
