/** Spanish of what the server says in English about itself: `may.*` for permissions, `hint.*` for settings, `rule.*` for what is wrong with a field. */
import { esHints } from "./es-hints";
import { esPermissions } from "./es-permissions";
import { esRules } from "./es-rules";
import { serverWords } from "./server-words";

export const esServer = serverWords(esPermissions, esHints, esRules);
