/** Rules, macros and promises among the rooms of the settings. Forms ask before something unsaved is lost. */
import type { Routes } from "@angular/router";
import { askBeforeLeaving } from "./leave-guard";

const ruleEditor = () => import("./rule-editor").then((file) => file.RuleEditor);
const macroEditor = () => import("./macro-editor").then((file) => file.MacroEditor);

export const automationRoutes: Routes = [
  {
    path: "automation",
    title: "automation.heading",
    loadComponent: () => import("./automation-room").then((file) => file.AutomationRoom),
  },
  { path: "automation/runs", title: "runs.heading", loadComponent: () => import("./run-log").then((file) => file.RunLog) },
  { path: "automation/rules/new", title: "rule.new", canDeactivate: [askBeforeLeaving], loadComponent: ruleEditor },
  { path: "automation/rules/:id", title: "automation.heading", canDeactivate: [askBeforeLeaving], loadComponent: ruleEditor },
  { path: "macros", title: "automation.macros", loadComponent: () => import("./macros-room").then((file) => file.MacrosRoom) },
  { path: "macros/new", title: "macro.new", canDeactivate: [askBeforeLeaving], loadComponent: macroEditor },
  { path: "macros/:id", title: "automation.macros", canDeactivate: [askBeforeLeaving], loadComponent: macroEditor },
  {
    path: "sla",
    title: "sla.heading",
    canDeactivate: [askBeforeLeaving],
    loadComponent: () => import("./sla-room").then((file) => file.SlaRoom),
  },
];
