/** Portuguese of everything that is not on the first screen: loaded with the first page that needs it. */
import type { enMore } from "./en";
import { ptContacts } from "./pt-contacts";
import { ptCopilot } from "./pt-copilot";
import { ptSandbox } from "./pt-sandbox";
import { ptSettingLabels } from "./pt-setting-labels";
import { ptSettings } from "./pt-settings";
import { ptStudio } from "./pt-studio";
import { ptStudioRooms } from "./pt-studio-rooms";

export const ptMore: Record<keyof typeof enMore, string> = {
  ...ptContacts,
  ...ptCopilot,
  ...ptSandbox,
  ...ptSettingLabels,
  ...ptSettings,
  ...ptStudio,
  ...ptStudioRooms,
};
