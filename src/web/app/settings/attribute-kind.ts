/** The types of custom attributes, as the server names them. */
import type { AttributeView } from "@server/events/customer-view";

export type AttributeKind = AttributeView["type"];
export const ATTRIBUTE_KINDS: readonly AttributeKind[] = ["text", "number", "date", "boolean", "list", "link"];
