/**
 * Portuguese of what the server says in English about itself: `may.*` for permissions, `hint.*` for settings, `broken.*` for what is
 * wrong with a field, `refused.*` for what it refuses.
 */
import { ptFailures } from "./pt-failures";
import { ptHints } from "./pt-hints";
import { ptPermissions } from "./pt-permissions";
import { ptRules } from "./pt-rules";
import { serverWords } from "./server-words";

export const ptServer = serverWords(ptPermissions, ptHints, ptRules, ptFailures);
