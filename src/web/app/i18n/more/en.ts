/** English of everything that is not on the first screen: loaded with the first page that needs it. */
import { enCommands } from "./en-commands";
import { enContacts } from "./en-contacts";
import { enCopilot } from "./en-copilot";
import { enSandbox } from "./en-sandbox";
import { enSettingLabels } from "./en-setting-labels";
import { enSettings } from "./en-settings";

export const enMore = { ...enCommands, ...enContacts, ...enCopilot, ...enSandbox, ...enSettingLabels, ...enSettings } as const;
