/** Spanish of what the server says in English about itself: `may.*` for permissions, `hint.*` for settings. */
import { esHints } from "./es-hints";
import { esPermissions } from "./es-permissions";
import { serverWords } from "./server-words";

export const esServer = serverWords(esPermissions, esHints);
