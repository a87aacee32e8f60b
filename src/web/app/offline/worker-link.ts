/** The link to the worker behind the page: starts it, hands it what is loaded already, and goes where a notification was clicked. */
import { inject, Service } from "@angular/core";
import { Router } from "@angular/router";

@Service()
export class WorkerLink {
  readonly #router = inject(Router);

  /** Goes where notifications lead from now on: a worker of an earlier visit may tell of one long before it is started here. */
  listen(): void {
    navigator.serviceWorker?.addEventListener("message", ({ data, ports }) => {
      if (data?.type !== "open" || typeof data.url !== "string" || !data.url.startsWith("/")) return;
      // Whoever is not told so within a second has the page loaded anew.
      ports[0]?.postMessage("going");
      void this.#router.navigateByUrl(data.url);
    });
  }

  /** Starts the worker; nothing happens where the browser has none (plain http on a network). */
  async start(): Promise<void> {
    const workers = navigator.serviceWorker;
    if (!workers) return;
    // Awaited: SecurityError where storage is forbidden; the app works without.
    const registration = await workers.register("/sw.js").catch(() => null);
    if (!registration) return;
    const { active } = await workers.ready;
    const hand = () => active?.postMessage({ type: "keep", urls: loadedFiles() });
    hand();
    // Pages that are opened later load more.
    new PerformanceObserver(hand).observe({ type: "resource" });
  }
}

const loadedFiles = (): string[] => [
  location.origin,
  ...performance
    .getEntriesByType("resource")
    .map(({ name }) => name)
    .filter((name) => name.startsWith(location.origin) && !name.includes("/api/")),
];
