/** The assistant's own tools: defined by admins, their secrets locked, their addresses checked. */
import type { Actor } from "../../core/actor";
import { fail } from "../../core/errors";
import type { UrlGuard } from "../../core/url-guard";
import {
  type AutomationRecords,
  createAutomationRecords,
  type RecordDeps,
} from "../automation-records/automation-record.service";
import type { AiTool, AiToolModel } from "./ai-tool.model";
import type { NewTool, ToolPatch, ToolView } from "./ai-tool.schema";
import { holesIn, urlProblem } from "./tool-request";

export interface AiToolService {
  list(): ToolView[];
  get(id: string): ToolView;
  create(tool: NewTool, actor: Actor): Promise<ToolView>;
  patch(id: string, patch: ToolPatch, actor: Actor): Promise<ToolView>;
  remove(id: string, actor: Actor): Promise<void>;
  /** Those the assistant may use now. */
  enabled(): readonly AiTool[];
  find(id: string): AiTool | null;
  /** Null when it has none or the key of the credentials was changed. */
  secretOf(tool: AiTool): string | null;
  load(): Promise<void>;
  stop(): void;
}

export type AiToolDeps = Omit<RecordDeps<AiTool>, "kind" | "notFound" | "model" | "sort" | "view"> & {
  tools: AiToolModel;
  box: { lock(value: object, owner: string): string; open(locked: string, owner: string): unknown };
  guard: Pick<UrlGuard, "check">;
  /** Names that are taken by the product. */
  reserved: readonly string[];
};

/** Whose secret it is: told to the box, so that a secret of one tool opens for no other. */
export const toolSecretOwner = "assistant-tool";
const MOST_ENABLED = 20;
const CARRIES_SECRETS = /^(authorization|cookie|x-api-key|proxy-.*)$/i;

export function createAiToolService({ tools, box, guard, reserved, ...deps }: AiToolDeps): AiToolService {
  const records: AutomationRecords<AiTool> = createAutomationRecords({
    ...deps,
    kind: "assistant-tool",
    notFound: "assistant.tool-not-found",
    model: tools as never,
    sort: (a, b) => a.name.localeCompare(b.name) || (a._id < b._id ? -1 : 1),
    view: toToolView,
  });
  const refuse = (path: string, message: string) => fail("request.invalid", { details: [{ path: `body.${path}`, message }] });

  async function check(tool: Omit<AiTool, "_id" | "version" | "createdAt" | "updatedAt">, id: string | null): Promise<void> {
    const { name, parameters, url, question, confirms, secretHeader, lockedSecret, headers, isEnabled } = tool;
    if (reserved.includes(name)) throw refuse("name", "is the name of a tool that is built in");
    if (records.all().some((one) => one._id !== id && one.name === name)) throw fail("assistant.tool-exists");
    if (isEnabled && records.all().filter((one) => one._id !== id && one.isEnabled).length >= MOST_ENABLED)
      throw fail("automation.too-many", { message: `${MOST_ENABLED} tools can be enabled at once.` });
    if (new Set(parameters.map((one) => one.name)).size !== parameters.length) throw refuse("parameters", "has a name twice");
    const problem = urlProblem(url, parameters);
    if (problem) throw refuse("url", problem);
    const optional = parameters.find((one) => !one.isRequired && holesIn(url).includes(one.name));
    if (optional) throw refuse("parameters", `${optional.name} stands in the address and has to be required`);
    if (confirms && question.trim() === "") throw refuse("question", "is needed when the customer has to confirm");
    const unknown = holesIn(question).find((hole) => !parameters.some((one) => one.name === hole));
    if (unknown) throw refuse("question", `names {${unknown}}, which is no parameter`);
    if (lockedSecret !== null && secretHeader === null) throw refuse("secretHeader", "is needed for the secret");
    const bare = Object.keys(headers).find((header) => CARRIES_SECRETS.test(header));
    if (bare) throw refuse(`headers.${bare}`, "carries a secret: use secretHeader and secret");
    await guard.check(url.replace(/\{[a-z0-9_]+\}/g, "x"));
  }

  /** Another address must not be sent a secret that was entered for this one. */
  const hostOf = (url: string) => URL.parse(url.replace(/\{[a-z0-9_]+\}/g, "x"))?.host;

  return {
    list: () => records.all().map(toToolView),
    get: (id) => toToolView(records.get(id)),

    async create({ secret = null, ...given }, actor) {
      const fields = {
        parameters: [],
        headers: {},
        secretHeader: null,
        timeoutMs: 8_000,
        changes: given.method !== "GET",
        confirms: false,
        question: "",
        isEnabled: true,
        ...given,
        lockedSecret: secret === null ? null : box.lock({ secret }, toolSecretOwner),
      };
      await check(fields, null);
      return toToolView(await records.create(fields, actor));
    },

    async patch(id, { version, secret, ...given }, actor) {
      const before = records.get(id);
      const isElsewhere = given.url !== undefined && hostOf(given.url) !== hostOf(before.url);
      const kept = isElsewhere ? null : before.lockedSecret;
      const lockedSecret = secret === undefined ? kept : secret === null ? null : box.lock({ secret }, toolSecretOwner);
      const fields = { ...given, lockedSecret };
      await check({ ...before, ...fields }, id);
      return toToolView(await records.patch(id, fields, version ?? before.version, actor));
    },

    remove: (id, actor) => records.remove(id, actor),
    enabled: () => records.all().filter(({ isEnabled }) => isEnabled),
    find: records.find,
    secretOf: ({ lockedSecret }) =>
      lockedSecret === null ? null : ((box.open(lockedSecret, toolSecretOwner) as { secret?: string } | null)?.secret ?? null),
    load: records.load,
    stop: records.stop,
  };
}

const toToolView = ({ _id, lockedSecret, createdAt, updatedAt, ...tool }: AiTool): ToolView => ({
  id: _id,
  ...tool,
  hasSecret: lockedSecret !== null,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
