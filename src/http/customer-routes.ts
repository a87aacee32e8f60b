/** The routes around contacts, search and what is derived from the events, outgoing webhooks included. */
import { Elysia } from "elysia";
import { attributeController } from "../features/attributes/attribute.controller";
import type { AttributeService } from "../features/attributes/attribute.service";
import type { AuthPlugin } from "../features/auth/auth.plugin";
import { contactDuplicateController } from "../features/contact-duplicates/contact-duplicate.controller";
import type { ContactDuplicateService } from "../features/contact-duplicates/contact-duplicate.service";
import { contactMergeController } from "../features/contact-merges/contact-merge.controller";
import type { ContactMergeService } from "../features/contact-merges/contact-merge.service";
import { contactNoteController } from "../features/contact-notes/contact-note.controller";
import type { ContactNoteService } from "../features/contact-notes/contact-note.service";
import { contactTimelineController } from "../features/contact-timeline/contact-timeline.controller";
import type { ContactTimelineService } from "../features/contact-timeline/contact-timeline.service";
import { type ContactServices, contactController } from "../features/contacts/contact.controller";
import type { ContactLabelService } from "../features/contacts/contact-label.service";
import { exportController } from "../features/exports/export.controller";
import type { ExportService } from "../features/exports/export.service";
import type { ImportService } from "../features/imports/import.service";
import { reportController } from "../features/reports/report.controller";
import type { ReportService } from "../features/reports/report.service";
import { searchController } from "../features/search/search.controller";
import type { SearchService } from "../features/search/search.service";
import { segmentController } from "../features/segments/segment.controller";
import type { SegmentService } from "../features/segments/segment.service";
import { webhookEndpointController } from "../features/webhook-endpoints/webhook-endpoint.controller";
import type { WebhookEndpointService } from "../features/webhook-endpoints/webhook-endpoint.service";

export interface CustomerServices {
  contactRooms: ContactServices;
  contactMerges: ContactMergeService;
  contactNotes: ContactNoteService;
  contactLabels: ContactLabelService;
  attributes: AttributeService;
  segments: SegmentService;
  duplicates: ContactDuplicateService;
  timeline: ContactTimelineService;
  search: SearchService;
  exports: ExportService;
  imports: ImportService;
  webhookEndpoints: WebhookEndpointService;
  reports: ReportService;
}

export const customerRoutes = (auth: AuthPlugin, services: CustomerServices) =>
  new Elysia()
    .use(contactController(auth, services.contactRooms))
    .use(contactMergeController(auth, services.contactMerges))
    .use(contactNoteController(auth, services.contactNotes))
    .use(contactTimelineController(auth, services.timeline))
    .use(contactDuplicateController(auth, services.duplicates))
    .use(attributeController(auth, services.attributes))
    .use(segmentController(auth, services.segments))
    .use(exportController(auth, services.exports))
    .use(reportController(auth, services.reports))
    .use(webhookEndpointController(auth, services.webhookEndpoints))
    .use(searchController(auth, services.search));
