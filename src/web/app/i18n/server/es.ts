/**
 * Spanish of what the server says in English about itself: `may.*` for permissions, `hint.*` for settings, `broken.*` for what is
 * wrong with a field, `refused.*` for what it refuses.
 */
import { esFailures } from "./es-failures";
import { esHints } from "./es-hints";
import { esPermissions } from "./es-permissions";
import { esRules } from "./es-rules";
import { serverWords } from "./server-words";

export const esServer = serverWords(esPermissions, esHints, esRules, esFailures);
