/** Every address of the app. Pages load when they are first visited. */
import type { Routes } from "@angular/router";
import { signedInOnly, signedOutOnly } from "./session/session.guard";

export const routes: Routes = [
  {
    path: "sign-in",
    title: "Sign in · Chasqui",
    canActivate: [signedOutOnly],
    loadComponent: () => import("./session/sign-in-page").then((file) => file.SignInPage),
  },
  {
    path: "",
    canActivate: [signedInOnly],
    loadComponent: () => import("./shell/shell").then((file) => file.Shell),
    children: [
      { path: "", pathMatch: "full", redirectTo: "sandbox" },
      {
        path: "sandbox",
        title: "Sandbox · Chasqui",
        loadComponent: () => import("./sandbox/sandbox-page").then((file) => file.SandboxPage),
      },
      {
        path: "**",
        title: "Not found · Chasqui",
        loadComponent: () => import("./shell/missing-page").then((file) => file.MissingPage),
      },
    ],
  },
];
