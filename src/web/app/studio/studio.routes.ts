/** The rooms of the assistant's workshop; each is loaded when it is first entered. */
import type { Routes } from "@angular/router";

const workbench = () => import("./workbench-page").then((file) => file.WorkbenchPage);

export const studioRoutes: Routes = [
  { path: "", pathMatch: "full", redirectTo: "prompts" },
  { path: "prompts", title: "studio.heading", loadComponent: workbench },
  { path: "prompts/:id", title: "studio.heading", loadComponent: workbench },
  { path: "goldens", title: "studio.goldens", loadComponent: () => import("./goldens-page").then((file) => file.GoldensPage) },
  { path: "runs", title: "studio.runs", loadComponent: () => import("./runs-page").then((file) => file.RunsPage) },
  { path: "runs/:id", title: "studio.runs", loadComponent: () => import("./run-page").then((file) => file.RunPage) },
  { path: "tools", title: "studio.tools", loadComponent: () => import("./tools-page").then((file) => file.ToolsPage) },
  { path: "replays", title: "studio.replays", loadComponent: () => import("./replays-page").then((file) => file.ReplaysPage) },
  { path: "replays/:id", title: "studio.replays", loadComponent: () => import("./replay-page").then((file) => file.ReplayPage) },
  { path: "money", title: "studio.money", loadComponent: () => import("./money-page").then((file) => file.MoneyPage) },
];
