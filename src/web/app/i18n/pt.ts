/** Portuguese. */
import type { en } from "./en";
import { ptApp } from "./pt-app";
import { ptInbox } from "./pt-inbox";

export const pt: Record<keyof typeof en, string> = { ...ptApp, ...ptInbox };
