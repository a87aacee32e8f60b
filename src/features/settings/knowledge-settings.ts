/** How the knowledge is searched. */
import { Type as t } from "@sinclair/typebox";
import { settingGroup } from "./setting-group";

export const knowledgeSettings = settingGroup({
  name: "knowledge",
  title: "Knowledge",
  description: "How the assistant searches what it answers from.",
  manage: "knowledge.manage",
  schema: t.Object({
    embeddingModel: t.String({
      maxLength: 120,
      description:
        "Model that compares by meaning, at the assistant's provider; empty: by words only. Articles take it over when they are read in",
    }),
    passages: t.Integer({
      minimum: 0,
      maximum: 8,
      description: "Passages each question is given along; 0: only what it asks for",
    }),
  }),
  defaults: { embeddingModel: "text-embedding-3-small", passages: 4 },
});
