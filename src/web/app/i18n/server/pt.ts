/** Portuguese of what the server says in English about itself: `may.*` for permissions, `hint.*` for settings, `rule.*` for what is wrong with a field. */
import { ptHints } from "./pt-hints";
import { ptPermissions } from "./pt-permissions";
import { ptRules } from "./pt-rules";
import { serverWords } from "./server-words";

export const ptServer = serverWords(ptPermissions, ptHints, ptRules);
