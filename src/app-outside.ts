/** The rooms that tell others what happens: outgoing webhooks and reports. Opened by app.ts. */
import type mongoose from "mongoose";
import { openReports, type ReportRoomDeps, reportModels } from "./app-reports";
import type { Auditor } from "./core/audit-port";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import { createUrlGuard } from "./core/url-guard";
import type { EventBus } from "./events/bus";
import type { EventModel } from "./events/event.model";
import type { EventLog } from "./events/log";
import { createCallWebhook } from "./features/webhook-endpoints/webhook-call";
import { webhookDeliveryModel } from "./features/webhook-endpoints/webhook-delivery.model";
import { createWebhookDispatch } from "./features/webhook-endpoints/webhook-dispatch.service";
import { webhookEndpointModel } from "./features/webhook-endpoints/webhook-endpoint.model";
import { createWebhookEndpointService, type SecretBox, secretsOf } from "./features/webhook-endpoints/webhook-endpoint.service";

/** Their indexes are made at start, so they are registered before. */
export const outsideModels = (connection: mongoose.Connection) => ({
  webhookEndpoints: webhookEndpointModel(connection),
  webhookDeliveries: webhookDeliveryModel(connection),
  ...reportModels(connection),
});

export interface OutsideDeps {
  dataDir: string;
  models: ReturnType<typeof outsideModels> & ReportRoomDeps["models"] & { events: EventModel };
  /** Hosts of the own network that may be called. */
  allowedPrivateUrls: readonly string[];
  box: SecretBox;
  audit: Auditor<mongoose.ClientSession>;
  eventLog: EventLog;
  bus: EventBus;
  owner: string;
  isAlone: boolean;
  version: string;
  clock: Clock;
  log: Log;
}

export async function openOutside({
  dataDir,
  models,
  allowedPrivateUrls,
  box,
  audit,
  eventLog,
  version,
  log,
  ...rest
}: OutsideDeps) {
  const { clock } = rest;
  const guard = createUrlGuard({ allowed: allowedPrivateUrls });
  const call = createCallWebhook({ guard, clock, version });
  const common = {
    ...rest,
    events: models.events,
    endpoints: models.webhookEndpoints,
    deliveries: models.webhookDeliveries,
    call,
  };
  const webhookEndpoints = createWebhookEndpointService({ ...common, guard, box, audit, log: eventLog });
  const dispatch = createWebhookDispatch({
    ...common,
    secretsOf: (endpoint) => secretsOf(endpoint, box, clock.now()),
    log: log.child({ part: "webhooks" }),
  });
  const { reports, feed, close } = await openReports({ ...rest, dataDir, models, log });
  return {
    services: { webhookEndpoints, reports },
    rebuildReports: feed.rebuild,
    start() {
      dispatch.start();
      feed.start();
    },
    async stop() {
      await dispatch.stop();
      await close();
    },
  };
}
