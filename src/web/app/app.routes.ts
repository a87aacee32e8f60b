/** Every address of the app. Pages load when they are first visited; titles are keys of the words. */
import { inject } from "@angular/core";
import type { Routes, UrlMatchResult, UrlSegment } from "@angular/router";
import { Words } from "./i18n/words";
import { signedInOnly, signedOutOnly } from "./session/session.guard";

/** One page for the list and for each conversation: going from one to the next keeps the list where it is. */
export function conversations(segments: UrlSegment[]): UrlMatchResult | null {
  const [first, id] = segments;
  if (first?.path !== "conversations" || segments.length > 2) return null;
  return id ? { consumed: segments, posParams: { id } } : { consumed: segments };
}

/** One page for the list of templates and for each of them; `edit` behind one opens it for writing. */
export function templates(segments: UrlSegment[]): UrlMatchResult | null {
  const [first, id, deed] = segments;
  if (first?.path !== "templates" || segments.length > 3 || (deed && deed.path !== "edit")) return null;
  return { consumed: segments, posParams: { ...(id ? { id } : {}), ...(deed ? { deed } : {}) } };
}

/** One page while a number is connected and afterwards: what was typed a moment ago is still known. */
export function numberSteps(segments: UrlSegment[]): UrlMatchResult | null {
  const [first, second, id] = segments;
  if (first?.path !== "numbers" || second?.path !== "connect" || segments.length > 3) return null;
  return { consumed: segments, posParams: id ? { id } : {} };
}

/** The addresses that mails name. */
const PASSWORD_PAGES = {
  "accept-invitation": { task: "accept", title: "link.acceptHeading" },
  "reset-password": { task: "reset", title: "link.resetHeading" },
  "forgot-password": { task: "forgot", title: "link.forgotHeading" },
} as const;

/** Pages beside the inbox have words of their own, there before the page is. */
const moreWords = () => inject(Words).more();

export const routes: Routes = [
  {
    path: "sign-in",
    title: "signIn.do",
    canActivate: [signedOutOnly],
    loadComponent: () => import("./session/sign-in-page").then((file) => file.SignInPage),
  },
  ...(["accept-invitation", "reset-password", "forgot-password"] as const).map((path) => ({
    path,
    title: PASSWORD_PAGES[path].title,
    data: { task: PASSWORD_PAGES[path].task },
    loadComponent: () => import("./session/password-page").then((file) => file.PasswordPage),
  })),
  {
    path: "",
    canActivate: [signedInOnly],
    loadComponent: () => import("./shell/shell").then((file) => file.Shell),
    children: [
      { path: "", pathMatch: "full", redirectTo: "conversations" },
      {
        matcher: conversations,
        title: "nav.conversations",
        loadComponent: () => import("./inbox/inbox-page").then((file) => file.InboxPage),
      },
      {
        path: "contacts",
        title: "nav.contacts",
        resolve: { words: moreWords },
        loadComponent: () => import("./contacts/contacts-page").then((file) => file.ContactsPage),
      },
      {
        path: "contacts/:id",
        title: "nav.contacts",
        resolve: { words: moreWords },
        loadComponent: () => import("./contacts/contact-page").then((file) => file.ContactPage),
      },
      {
        path: "reports",
        title: "nav.reports",
        resolve: { words: moreWords },
        loadComponent: () => import("./reports/reports-page").then((file) => file.ReportsPage),
      },
      {
        path: "knowledge",
        title: "nav.knowledge",
        resolve: { words: moreWords },
        loadChildren: () => import("./knowledge/knowledge.routes").then((file) => file.knowledgeRoutes),
      },
      {
        matcher: templates,
        title: "template.heading",
        resolve: { words: moreWords },
        loadComponent: () => import("./templates/templates-page").then((file) => file.TemplatesPage),
      },
      {
        matcher: numberSteps,
        title: "numbers.heading",
        resolve: { words: moreWords },
        loadComponent: () => import("./numbers/connect-page").then((file) => file.ConnectPage),
      },
      {
        path: "settings",
        title: "nav.settings",
        resolve: { words: moreWords },
        loadComponent: () => import("./settings/settings-page").then((file) => file.SettingsPage),
        loadChildren: () => import("./settings/settings.routes").then((file) => file.settingsRoutes),
      },
      {
        path: "studio",
        title: "nav.studio",
        resolve: { words: moreWords },
        loadComponent: () => import("./studio/studio-page").then((file) => file.StudioPage),
        loadChildren: () => import("./studio/studio.routes").then((file) => file.studioRoutes),
      },
      {
        path: "sandbox",
        title: "nav.sandbox",
        resolve: { words: moreWords },
        loadComponent: () => import("./sandbox/sandbox-page").then((file) => file.SandboxPage),
      },
      {
        path: "**",
        title: "missing.heading",
        loadComponent: () => import("./shell/missing-page").then((file) => file.MissingPage),
      },
    ],
  },
];
