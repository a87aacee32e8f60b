/** Portuguese of what the server says in English about itself: `may.*` for permissions, `hint.*` for settings. */
import { ptHints } from "./pt-hints";
import { ptPermissions } from "./pt-permissions";
import { serverWords } from "./server-words";

export const ptServer = serverWords(ptPermissions, ptHints);
