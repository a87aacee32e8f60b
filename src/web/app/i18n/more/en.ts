/** English of everything that is not on the first screen: loaded with the first page that needs it. */
import { enContacts } from "./en-contacts";
import { enCopilot } from "./en-copilot";
import { enSandbox } from "./en-sandbox";
import { enSettingLabels } from "./en-setting-labels";
import { enSettings } from "./en-settings";
import { enStudio } from "./en-studio";
import { enStudioRooms } from "./en-studio-rooms";

export const enMore = {
  ...enContacts,
  ...enCopilot,
  ...enSandbox,
  ...enSettingLabels,
  ...enSettings,
  ...enStudio,
  ...enStudioRooms,
} as const;
