/** The rooms of the settings; each is loaded when it is first entered. */
import type { Routes } from "@angular/router";
import { automationRoutes } from "../automation/automation.routes";

export const settingsRoutes: Routes = [
  { path: "", pathMatch: "full", redirectTo: "account" },
  { path: "account", title: "account.heading", loadComponent: () => import("./account-room").then((file) => file.AccountRoom) },
  { path: "people", title: "people.heading", loadComponent: () => import("./people-room").then((file) => file.PeopleRoom) },
  { path: "teams", title: "people.teams", loadComponent: () => import("./teams-room").then((file) => file.TeamsRoom) },
  { path: "roles", title: "roles.heading", loadComponent: () => import("./roles-room").then((file) => file.RolesRoom) },
  { path: "labels", title: "labels.heading", loadComponent: () => import("./labels-room").then((file) => file.LabelsRoom) },
  { path: "replies", title: "composer.canned", loadComponent: () => import("./replies-room").then((file) => file.RepliesRoom) },
  ...automationRoutes,
  { path: "hours", title: "hours.heading", loadComponent: () => import("./hours-room").then((file) => file.HoursRoom) },
  {
    path: "attention",
    title: "attention.heading",
    loadComponent: () => import("../attention/attention-room").then((file) => file.AttentionRoom),
  },
  { path: "numbers", title: "numbers.heading", loadComponent: () => import("./numbers-room").then((file) => file.NumbersRoom) },
  {
    path: "assistant",
    title: "assistant.heading",
    loadComponent: () => import("./assistant-room").then((file) => file.AssistantRoom),
  },
  { path: "rules", title: "rules.heading", loadComponent: () => import("./rules-room").then((file) => file.RulesRoom) },
  {
    path: "webhooks",
    title: "webhooks.heading",
    loadComponent: () => import("./webhooks-room").then((file) => file.WebhooksRoom),
  },
  { path: "keys", title: "keys.heading", loadComponent: () => import("./keys-room").then((file) => file.KeysRoom) },
  { path: "audit", title: "audit.heading", loadComponent: () => import("./audit-room").then((file) => file.AuditRoom) },
];
