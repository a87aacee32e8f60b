/** What an answer of the assistant rests on: its passages as they are now, or as they were when it was given. */
import type { Actor } from "../../core/actor";
import type { AiRunService } from "../ai-runs/ai-run.service";
import type { AnswerSource } from "./answer-source.schema";
import type { KnowledgeChunk, KnowledgeChunkModel } from "./knowledge.model";

export interface AnswerSourceService {
  /** In the order in which they are cited; none once the run's words are too old to be kept. Throws `assistant.run-not-found`. */
  listSources(run: string, actor: Actor): Promise<AnswerSource[]>;
}

export interface AnswerSourceDeps {
  runs: Pick<AiRunService, "getCitations">;
  chunks: KnowledgeChunkModel;
}

export function createAnswerSources({ runs, chunks }: AnswerSourceDeps): AnswerSourceService {
  return {
    async listSources(run, actor) {
      const { citations, given } = await runs.getCitations(run, actor);
      const ids = [...new Set(citations.flatMap((one) => one.chunks))];
      const rows = (await chunks.find({ _id: { $in: ids } }, { vector: 0 }).lean()) as unknown as KnowledgeChunk[];
      return ids.map((chunk) => {
        const sentences = citations.filter((one) => one.chunks.includes(chunk)).map(({ sentence }) => sentence);
        const now = rows.find(({ _id }) => _id === chunk);
        if (now) return { chunk, article: now.article, title: titleOf(now), text: now.text, sentences };
        // An id is made from the words: a passage that was changed since has another one.
        const then = given.find(({ id }) => id === chunk);
        return { chunk, article: null, title: then?.title ?? null, text: then?.text ?? null, sentences };
      });
    },
  };
}

const titleOf = ({ title, heading }: KnowledgeChunk): string => (heading && heading !== title ? `${title} › ${heading}` : title);
