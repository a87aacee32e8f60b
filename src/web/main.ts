/** Starts the app in the browser. */
import { bootstrapApplication } from "@angular/platform-browser";
import { App } from "./app/app";
import { appConfig } from "./app/app.config";

bootstrapApplication(App, appConfig).catch((error: unknown) => {
  // A failure here means that not even the first page could be drawn: only the console is left to say so.
  console.error(error);
});
