/** Who may import whom. Only imports that remain at run time count: types may be borrowed from anywhere. */
import { posix } from "node:path";
import type { SourceFile } from "./source-file";

/** Features from the ground up: a feature may use the services of those before it and reaches those after it by events. */
export const FEATURE_RANK = [
  "audit",
  "settings",
  "roles",
  "teams",
  "agents",
  "auth",
  "presence",
  "push",
  "api-keys",
  "automation-records",
  "automation-feed",
  "due-tasks",
  "business-hours",
  "idempotency-keys",
  "dead-letters",
  "channels",
  "assistant-connection",
  "ai-prompts",
  "media",
  "media-library",
  "templates",
  "attributes",
  "labels",
  "references",
  "contacts",
  "conversations",
  "messages",
  "read-positions",
  "ai-tools",
  "ai-runs",
  "ai-budgets",
  "ai-replays",
  "knowledge",
  "copilot",
  "contact-merges",
  "canned-replies",
  "drafts",
  "scheduled-messages",
  "conversation-actions",
  "assignment",
  "bulk-jobs",
  "automation-actions",
  "automation-rules",
  "macros",
  "sla",
  "csat",
  "consent-words",
  "away",
  "auto-close",
  "views",
  "search",
  "exports",
  "imports",
  "contact-notes",
  "contact-timeline",
  "contact-duplicates",
  "segments",
  "data-protection",
  "retention",
  "webhook-endpoints",
  "reports",
] as const;

/** For each layer: the layers whose files it may import, and the rule in words. Features and http have rules of their own below. */
const LAYERS: Readonly<Record<string, { may: readonly string[]; rule: string }>> = {
  core: { may: ["core"], rule: "core imports nothing of ours" },
  config: { may: ["config", "core"], rule: "config imports only core" },
  events: { may: ["events", "core"], rule: "events imports only core" },
  store: { may: ["store", "core", "config"], rule: "store imports only core and config" },
  channels: { may: ["channels", "core"], rule: "channels imports only core (and event types): no contact, no database" },
  ai: { may: ["ai", "core"], rule: "ai imports only core (and event types): no contact, no database" },
  features: {
    may: ["features", "core", "events"],
    rule: "a feature imports core, events, its own files and services of lower-ranked features",
  },
  flow: {
    may: ["flow", "core", "events", "features", "channels", "ai"],
    rule: "flow imports services, channels, ai and its own model",
  },
  http: {
    may: ["http", "core", "events", "features", "channels"],
    rule: "http imports controllers, never models or the flow",
  },
  web: { may: ["web"], rule: "web imports only types of the server" },
};
/** Where all wires meet: these see everything below them. */
const CABINETS = /^src\/(app(-[\w-]+)?\.ts|main\.ts|commands\/|tools\/)/;
const NOT_FOR_THE_PRODUCT = /^src\/(main\.ts|tools\/)/;

const transpiler = { ts: new Bun.Transpiler({ loader: "ts" }), tsx: new Bun.Transpiler({ loader: "tsx" }) };

/** Every broken rule as one sentence that names the file, the import and the rule. */
export function checkImports({ path, text }: SourceFile): string[] {
  const imports = transpiler[path.endsWith("x") ? "tsx" : "ts"].scanImports(text).map((found) => found.path);
  return imports.flatMap((specifier) => {
    const rule = specifier.startsWith(".") ? brokenOwn(path, resolve(path, specifier)) : brokenPackage(path, specifier);
    return rule ? [`${path} imports "${specifier}": ${rule}`] : [];
  });
}

const resolve = (from: string, specifier: string): string => posix.join(posix.dirname(from), specifier);
const layerOf = (path: string): string => path.split("/")[1] ?? "";

function brokenOwn(from: string, to: string): string | null {
  if (/\.(json|css|html|svg)$/.test(to)) return null;
  if (!to.startsWith("src/")) return "src imports nothing outside src";
  if (NOT_FOR_THE_PRODUCT.test(`${to}.ts`) && !/^src\/(tools|main)/.test(from)) return "tools and main.ts are imported by nobody";
  if (CABINETS.test(from)) return null;
  const layer = LAYERS[layerOf(from)];
  if (!layer) return `there is no rule for "${layerOf(from)}": add a row to LAYERS in src/tools/house/import-rules.ts`;
  if (!layer.may.includes(layerOf(to))) return layer.rule;
  if (layerOf(to) !== "features") return null;
  return layerOf(from) === "features" ? brokenBetweenFeatures(from, to) : brokenIntoFeature(layerOf(from), to, layer.rule);
}

function brokenBetweenFeatures(from: string, to: string): string | null {
  const [own = "", other = ""] = [from, to].map((path) => path.split("/")[2]);
  if (own === other) return null;
  const ranks: readonly string[] = FEATURE_RANK;
  for (const name of [own, other])
    if (!ranks.includes(name))
      return `the feature "${name}" has no rank: add it to FEATURE_RANK in src/tools/house/import-rules.ts`;
  if (ranks.indexOf(other) > ranks.indexOf(own)) return `"${other}" ranks above "${own}": publish an event instead`;
  return /\.(service|plugin)$/.test(to) ? null : "of another feature only the service (or plugin) may be imported";
}

function brokenIntoFeature(layer: string, to: string, rule: string): string | null {
  if (layer === "flow") return /\.service$/.test(to) ? null : rule;
  return /\.(controller|plugin)$/.test(to) ? null : rule;
}

/** Packages with one home. */
const HOMES: readonly { package: RegExp; home: RegExp; rule: string }[] = [
  {
    package: /^(mongoose|mongodb|bson)(\/|$)/,
    home: /^src\/(store\/|.*\.model\.ts$)/,
    rule: "mongoose lives in *.model.ts and src/store",
  },
  {
    package: /^openai(\/|$)/,
    home: /^src\/ai\/(openai|chat-completions)\.ts$/,
    rule: "openai lives in src/ai/openai.ts and src/ai/chat-completions.ts",
  },
  { package: /^(@angular|rxjs)(\/|$)/, home: /^src\/web\//, rule: "Angular lives in src/web" },
];

function brokenPackage(path: string, specifier: string): string | null {
  return HOMES.find((row) => row.package.test(specifier) && !row.home.test(path))?.rule ?? null;
}
