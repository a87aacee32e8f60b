/** Events that were accepted but could not be processed: kept with their reason, looked at by people, and tried again. */
import type { Page } from "../../core/page";
import type { DeadLetterQuery, DeadLetterView } from "./dead-letter.schema";

/** Given by the flow, which owns the accepted events. */
export interface DeadLetterService {
  /** The newest first. */
  list(query: DeadLetterQuery): Promise<Page<DeadLetterView>>;
  /** Puts it back to be processed like a new one. Throws `dead-letter.not-found`. */
  retry(id: string): Promise<DeadLetterView>;
}
