/** The rooms that tell others: outgoing webhooks. Opened by app.ts. */
import type mongoose from "mongoose";
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
});

export interface OutsideDeps {
  models: ReturnType<typeof outsideModels> & { events: EventModel };
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

export function openOutside({ models, allowedPrivateUrls, box, audit, eventLog, version, log, ...rest }: OutsideDeps) {
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
  return { services: { webhookEndpoints }, start: dispatch.start, stop: dispatch.stop };
}
