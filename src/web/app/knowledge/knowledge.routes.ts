/** The pages of the knowledge; each is loaded when it is first opened. */
import type { Routes } from "@angular/router";
import { leaveSaved } from "./leave-saved.guard";

const articlePage = () => import("./article-page").then((file) => file.ArticlePage);

export const knowledgeRoutes: Routes = [
  { path: "articles/new", title: "knowledge.new", canDeactivate: [leaveSaved], loadComponent: articlePage },
  { path: "articles/:id", title: "nav.knowledge", canDeactivate: [leaveSaved], loadComponent: articlePage },
  {
    path: "",
    loadComponent: () => import("./knowledge-page").then((file) => file.KnowledgePage),
    children: [
      { path: "", pathMatch: "full", redirectTo: "articles" },
      {
        path: "articles",
        title: "nav.knowledge",
        loadComponent: () => import("./article-list").then((file) => file.ArticleList),
      },
      { path: "gaps", title: "knowledge.gaps", loadComponent: () => import("./gap-list").then((file) => file.GapList) },
      { path: "try", title: "knowledge.try", loadComponent: () => import("./try-question").then((file) => file.TryQuestion) },
      {
        path: "files",
        title: "library.heading",
        loadComponent: () => import("./library-list").then((file) => file.LibraryList),
      },
      {
        path: "settings",
        title: "nav.settings",
        data: { only: ["knowledge"] },
        loadComponent: () => import("../settings/rules-room").then((file) => file.RulesRoom),
      },
    ],
  },
];
