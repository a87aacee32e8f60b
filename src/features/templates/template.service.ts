/**
 * The rules of templates: WhatsApp owns them, we keep a copy that follows it. Every change goes to WhatsApp first; what WhatsApp
 * changes on its own comes by webhook, and a sync makes up for whatever was missed.
 */
import type { ClientSession } from "mongoose";
import type { NoticeEvent } from "../../channels/whatsapp/inbound";
import type { TemplateRecord } from "../../channels/whatsapp/templates";
import type { Clock } from "../../core/clock";
import { AppError, fail } from "../../core/errors";
import { newId, shortHash } from "../../core/id";
import { decodeCursor, type Page, toPage } from "../../core/page";
import type { Change, EventLog } from "../../events/log";
import type { TemplateView } from "../../events/view";
import type { AuditActor, AuditPort } from "../audit/audit.service";
import type { ChannelService } from "../channels/channel.service";
import type { ConnectedChannel } from "../channels/channel-line";
import type { MediaExampleService } from "../media/media-example.service";
import type { Template, TemplateModel } from "./template.model";
import type { NewTemplate, Preview, PreviewValues, TemplatePatch, TemplateQuery } from "./template.schema";
import { toTemplateView } from "./template.view";
import { checkExamples, uploadExamples } from "./template-examples";
import { effectOf } from "./template-notice";
import { checkDefinition, preview, type TemplateReader } from "./template-rules";
import { type RenderedTemplate, renderValues, type TemplateValues } from "./template-values";

export interface SyncReport {
  accounts: number;
  templates: number;
  problems: string[];
}

export interface TemplateService {
  listTemplates(query: TemplateQuery): Promise<Page<TemplateView>>;
  getTemplate(id: string): Promise<TemplateView>;
  /** The template of this account that may be sent now. Throws template.not-found or template.not-approved. */
  getSendable(wabaId: string, name: string, language: string): Promise<Template>;
  /** How a template reads with the values of a send. Throws template.parameters when they do not fit. */
  render(template: Template, values: TemplateValues): RenderedTemplate;
  /** Proposes a template to WhatsApp; its review ends with a webhook. The same `clientKey` gives the first answer again. */
  createTemplate(template: NewTemplate, clientKey: string | null, by: AuditActor): Promise<TemplateView>;
  patchTemplate(id: string, patch: TemplatePatch, by: AuditActor): Promise<TemplateView>;
  /** Removes it at WhatsApp and here; gives back the ids that are gone. */
  removeTemplate(id: string, scope: "this-language" | "all-languages", by: AuditActor): Promise<string[]>;
  previewTemplate(id: string, values: PreviewValues): Promise<Preview>;
  /** Reads every template of every connected account and brings the copy in line. An account that cannot be read is a problem in the report. */
  sync(): Promise<SyncReport>;
  /** What a webhook says about a template, in the caller's transaction. False: it names one we do not have, so a sync is due. */
  applyNotice(event: NoticeEvent, change: Change): Promise<boolean>;
}

export interface TemplateDeps {
  templates: TemplateModel;
  channels: ChannelService;
  /** Files that headers name as their examples. */
  examples: MediaExampleService;
  reader: TemplateReader;
  audit: AuditPort;
  log: EventLog;
  clock: Clock;
}

export function createTemplateService({
  templates,
  channels,
  examples,
  reader,
  audit,
  log,
  clock,
}: TemplateDeps): TemplateService {
  const now = () => new Date(clock.now());
  /** WhatsApp tells times in whole seconds: within one second its news counts. */
  const thisSecond = () => new Date(Math.floor(clock.now() / 1000) * 1000);
  const view = (template: Template) => toTemplateView(template, reader);

  async function findStored(id: string, session?: ClientSession): Promise<Template> {
    const template = (await templates.findById(id, null, session ? { session } : {}).lean()) as Template | null;
    if (!template) throw fail("template.not-found");
    return template;
  }

  /** Any connected number of the account speaks for it. */
  function lineOf(wabaId: string): ConnectedChannel {
    const channel = channels.listConnected().find((one) => one.channel.wabaId === wabaId);
    if (!channel) throw fail("channel.not-connected");
    return channel;
  }

  async function save(template: Template, fields: Partial<Template>, change: Change): Promise<Template> {
    const after = { ...template, ...fields };
    await templates.collection.updateOne({ _id: template._id as never }, { $set: fields } as never, { session: change.session });
    change.emit("template:updated", { template: view(after) });
    return after;
  }

  async function drop(ids: readonly string[], change: Change): Promise<void> {
    await templates.collection.deleteMany({ _id: { $in: ids as never[] } }, { session: change.session });
    for (const template of ids) change.emit("template:removed", { template });
  }

  /** Brings the copy of one account in line with what WhatsApp has. */
  async function align(wabaId: string, records: readonly TemplateRecord[], since: Date, change: Change): Promise<void> {
    const stored = (await templates.find({ wabaId }, null, { session: change.session }).lean()) as Template[];
    const known = new Map(stored.map((one) => [keyOf(one), one]));
    for (const record of records) {
      const before = known.get(keyOf(record));
      known.delete(keyOf(record));
      const told = fieldsOf(record);
      if (!before) await insert({ ...told, wabaId, statusAt: since, originKey: null }, change);
      else {
        // News that came while we were reading is newer than what we read.
        const isNewer = before.statusAt >= since;
        const { status, rejectedReason, ...rest } = told;
        const fields = isNewer ? rest : { ...rest, status, rejectedReason, statusAt: since };
        const isSame = Object.entries(fields).every(
          ([key, value]) => key === "statusAt" || JSON.stringify(before[key as keyof Template]) === JSON.stringify(value),
        );
        if (isSame) await templates.updateOne({ _id: before._id }, { $set: { syncedAt: now() } }, { session: change.session });
        else await save(before, { ...fields, syncedAt: now() }, change);
      }
    }
    const gone = [...known.values()].filter(({ createdAt }) => createdAt < since).map(({ _id }) => _id);
    if (gone.length > 0) await drop(gone, change);
  }

  async function insert(fields: Omit<Template, "_id" | "createdAt" | "syncedAt">, change: Change): Promise<Template> {
    const template: Template = { _id: newId(clock.now()), ...fields, syncedAt: now(), createdAt: now() };
    await templates.collection.insertOne(template as never, { session: change.session });
    change.emit("template:updated", { template: view(template) });
    return template;
  }

  return {
    async listTemplates({ limit, cursor, wabaId, status, name }) {
      const [afterName, afterId] = cursor ? decodeCursor(cursor, ["string", "string"]) : [];
      const after = cursor
        ? { $or: [{ name: { $gt: afterName as string } }, { name: afterName as string, _id: { $gt: afterId as string } }] }
        : {};
      const rows = await templates
        .find({ ...(wabaId ? { wabaId } : {}), ...(status ? { status } : {}), ...(name ? { name } : {}), ...after })
        .sort({ name: 1, _id: 1 })
        .limit(limit + 1)
        .lean();
      return toPage(rows as Template[], limit, view, (row) => [row.name, row._id]);
    },

    getTemplate: async (id) => view(await findStored(id)),

    async getSendable(wabaId, name, language) {
      const template = (await templates.findOne({ wabaId, name, language }).lean()) as Template | null;
      if (!template) throw fail("template.not-found");
      if (template.status !== "APPROVED")
        throw fail("template.not-approved", { message: `WhatsApp has not approved this template: it is ${template.status}.` });
      return template;
    },

    render: (template, values) => renderValues(template.components, values, reader),

    async createTemplate({ channel, name, language, category, parameterFormat = "POSITIONAL", components }, clientKey, by) {
      const originKey = clientKey === null ? null : shortHash(`template:${clientKey}`);
      const known = originKey && ((await templates.findOne({ originKey }).lean()) as Template | null);
      if (known) return view(known);
      checkDefinition(components, { category, parameterFormat }, reader);
      await checkExamples(components, examples);
      const line = await channels.getConnected(channel);
      const definition = { name, language, category, components: await uploadExamples(components, examples, line) };
      const statusAt = thisSecond();
      const created = await line.templates.create({ ...definition, parameterFormat });
      return log.change(async (change) => {
        const stored = await insert(
          {
            ...definition,
            ...created,
            metaId: created.id,
            wabaId: line.channel.wabaId,
            statusAt,
            quality: null,
            rejectedReason: null,
            parameterFormat,
            originKey,
          },
          change,
        );
        await audit.record(change, {
          actor: by,
          action: "template.create",
          target: targetOf(stored),
          after: { category, components },
        });
        return view(stored);
      });
    },

    async patchTemplate(id, { components, category }, by) {
      const before = await findStored(id);
      const { parameterFormat } = before;
      const line = lineOf(before.wabaId);
      if (components) {
        checkDefinition(components, { category: category ?? before.category, parameterFormat }, reader);
        await checkExamples(components, examples);
      }
      const next = components && (await uploadExamples(components, examples, line));
      const statusAt = thisSecond();
      await line.templates.edit(before.metaId, { components: next, category });
      return log.change(async (change) => {
        const fields: Partial<Template> = {
          ...(next ? { components: next } : {}),
          status: "PENDING",
          statusAt,
          rejectedReason: null,
          ...(category ? { category } : {}),
        };
        const stored = await findStored(id, change.session);
        const after = await save(stored, fields, change);
        await audit.record(change, {
          actor: by,
          action: "template.update",
          target: targetOf(after),
          before: { category: stored.category, components: stored.components },
          after: { category: after.category, components: after.components },
        });
        return view(after);
      });
    },

    async removeTemplate(id, scope, by) {
      const { wabaId, name, metaId } = await findStored(id);
      const line = lineOf(wabaId).templates;
      await (scope === "all-languages" ? line.remove(name) : line.remove(name, metaId));
      const filter = scope === "all-languages" ? { wabaId, name } : { _id: id };
      return log.change(async (change) => {
        const gone = (await templates.find(filter, { _id: 1 }, { session: change.session }).lean()).map(({ _id }) => _id);
        await drop(gone, change);
        await audit.record(change, {
          actor: by,
          action: "template.remove",
          target: { kind: "template", id, name },
          after: { removed: gone },
        });
        return gone;
      });
    },

    previewTemplate: async (id, values) => preview((await findStored(id)).components, values, reader),

    async sync() {
      const accounts = [...new Set(channels.listConnected().map(({ channel }) => channel.wabaId))];
      const report: SyncReport = { accounts: accounts.length, templates: 0, problems: [] };
      for (const wabaId of accounts) {
        try {
          const since = thisSecond();
          const records = await lineOf(wabaId).templates.list();
          await log.change((change) => align(wabaId, records, since, change));
          report.templates += records.length;
        } catch (error) {
          // graph.refused or graph.unavailable: the other accounts are read all the same.
          if (!(error instanceof AppError)) throw error;
          report.problems.push(`${wabaId}: ${error.message}`);
        }
      }
      return report;
    },

    async applyNotice(event, change) {
      const effect = effectOf(event);
      if (!effect) return true;
      const { templateId, templateName, language, fields, isStale } = effect;
      const account = event.wabaId ? { wabaId: event.wabaId } : {};
      const filter = templateId
        ? { metaId: templateId }
        : { ...account, name: templateName ?? "", ...(language ? { language } : {}) };
      const template = (await templates.findOne(filter, null, { session: change.session }).lean()) as Template | null;
      if (!template) return false;
      const { status, rejectedReason, ...rest } = fields;
      const at = new Date(event.at);
      const counts = status !== undefined && at >= template.statusAt;
      if (counts && status === "DELETED") await drop([template._id], change);
      else {
        const told = counts ? { ...rest, status, rejectedReason: rejectedReason ?? null, statusAt: at } : rest;
        if (Object.keys(told).length > 0) await save(template, told, change);
      }
      return !isStale;
    },
  };
}

const keyOf = ({ name, language }: { name: string; language: string }): string => `${name} ${language}`;

const fieldsOf = (
  record: TemplateRecord,
): Omit<Template, "_id" | "createdAt" | "syncedAt" | "wabaId" | "statusAt" | "originKey"> => ({
  metaId: record.id,
  name: record.name,
  language: record.language,
  category: record.category,
  status: record.status,
  quality: record.quality ?? null,
  rejectedReason: record.rejectedReason ?? null,
  parameterFormat: record.parameterFormat,
  components: record.components,
});

const targetOf = ({ _id, name, language }: Template) => ({ kind: "template", id: _id, name: `${name} (${language})` });
