/** The search index as this room needs it. The composition root gives the one in the store. */
import type { SearchIndex } from "../../store/search/search-index";

export type { SearchConversation, SearchEntry, SearchHit, SearchOperation } from "../../store/search/search-message";
export type { SearchIndex };
