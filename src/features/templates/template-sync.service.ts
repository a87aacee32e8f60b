/** Keeps the copy of the templates fresh: once after the start, twice a day, and soon after news about a template we do not have. */
import type { Clock, Timer } from "../../core/clock";
import { describeError } from "../../core/errors";
import type { Log } from "../../core/log";
import { backoffMs } from "../../core/retry";
import type { TemplateService } from "./template.service";

export interface TemplateSyncService {
  start(): void;
  /** A sync is due: several calls within a moment are one. */
  soon(): void;
  stop(): Promise<void>;
}

const FIRST_MS = 2_000;
const SOON_MS = 1_500;
const EVERY_MS = 12 * 3_600_000;
/** Meta counts 200 calls an hour for a small account (facts §3.4). */
const RETRY = { baseMs: 60_000, maxMs: 3_600_000 };

export function createTemplateSync({
  templates,
  clock,
  log,
}: {
  templates: TemplateService;
  clock: Clock;
  log: Log;
}): TemplateSyncService {
  let timer: { at: number; timer: Timer } | null = null;
  let running: Promise<void> | null = null;
  let failures = 0;
  let stopped = false;

  async function run(): Promise<number> {
    try {
      const { accounts, templates: found, problems } = await templates.sync();
      failures = problems.length > 0 ? failures + 1 : 0;
      if (problems.length > 0) log.warn("templates could not be read from WhatsApp", { accounts, problems });
      else log.debug("templates are in line with WhatsApp", { accounts, found });
    } catch (error) {
      // The store fails for now.
      failures++;
      log.error("templates could not be stored", { reason: describeError(error) });
    }
    return failures > 0 ? backoffMs(failures, RETRY) : EVERY_MS;
  }

  /** The earlier of what is set and what is asked for. */
  function setTimer(ms: number): void {
    const at = clock.monotonic() + ms;
    if (stopped || (timer && timer.at <= at)) return;
    timer?.timer.cancel();
    timer = {
      at,
      timer: clock.timer(ms, () => {
        timer = null;
        if (running) return setTimer(SOON_MS);
        running = run()
          .then(setTimer)
          .finally(() => {
            running = null;
          });
      }),
    };
  }

  return {
    start: () => setTimer(FIRST_MS),
    soon: () => setTimer(SOON_MS),
    async stop() {
      stopped = true;
      timer?.timer.cancel();
      await running;
    },
  };
}
