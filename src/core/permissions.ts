/** Everything a person or an API key can be allowed to do, by name. Roles are sets of these; routes, topics and calls name one. */

export const PERMISSIONS = {
  "conversations.read": "See conversations and their messages, within one's reach",
  "conversations.write": "Change status, labels, priority, snooze and the assistant of a conversation",
  "conversations.assign": "Assign a conversation to a person or a team",
  "conversations.close": "Close a conversation for good, merge and mute",
  "messages.send": "Write to customers, upload files and decide on unresolved sends",
  "messages.erase": "Erase messages",
  "contacts.read": "See contacts",
  "contacts.write": "Change, label, block, merge and unmerge contacts",
  "contacts.import": "Import contacts",
  "contacts.export": "Export contacts, conversations and messages",
  "contacts.erase": "Hand out and erase everything about a person; needs reach over everything",
  "labels.manage": "Manage labels and custom attributes",
  "canned-replies.manage": "Manage the canned replies that everybody sees",
  "views.manage": "Manage the saved views and segments that everybody sees",
  "templates.read": "See templates",
  "templates.manage": "Create, change, remove and synchronise templates",
  "channels.read": "See the numbers",
  "channels.manage": "Connect, change and remove numbers",
  "agents.read": "See colleagues and teams",
  "agents.manage": "Invite, change and deactivate people; manage teams",
  "roles.manage": "Manage roles",
  "api-keys.manage": "Manage API keys",
  "automation.manage": "Manage rules, macros, business hours, SLA policies and assignment; needs reach over everything",
  "reports.read": "See reports",
  "webhooks.manage": "Manage outgoing webhooks",
  "knowledge.read": "See knowledge",
  "knowledge.manage": "Manage knowledge",
  "assistant.use": "Ask the copilot for drafts, summaries and translations",
  "assistant.manage": "Manage prompts, tools, budgets and replays of the assistant",
  "settings.read": "See the settings",
  "settings.manage": "Change the settings, retention and sign-in rules",
  "audit.read": "Read and export the audit log; needs reach over everything",
  "dead-letters.manage": "See and retry events that could not be processed; needs reach over everything",
  "sandbox.use": "Play the customer in the sandbox",
} as const;

export type Permission = keyof typeof PERMISSIONS;

/** What these open is about every conversation at once, so they count only for somebody who reaches all of them. */
export const COMPANY_WIDE: ReadonlySet<Permission> = new Set([
  "contacts.erase",
  "automation.manage",
  "audit.read",
  "dead-letters.manage",
]);

export const ROLES = ["admin", "supervisor", "agent"] as const;
export type BuiltInRole = (typeof ROLES)[number];

/**
 * Which conversations somebody may see and act on. `own`: assigned to them, or they take part. `team`: also those of their teams, and
 * the queue (those that belong to no person and no team). `all`: every one.
 */
export const REACHES = ["all", "team", "own"] as const;
export type Reach = (typeof REACHES)[number];

const everything = Object.keys(PERMISSIONS) as Permission[];

const AGENT: readonly Permission[] = [
  "conversations.read",
  "conversations.write",
  "conversations.assign",
  "messages.send",
  "contacts.read",
  "contacts.write",
  "templates.read",
  "channels.read",
  "agents.read",
  "knowledge.read",
  "assistant.use",
  "sandbox.use",
];

const ADMIN_ONLY: ReadonlySet<Permission> = new Set([
  "messages.erase",
  "contacts.erase",
  "channels.manage",
  "agents.manage",
  "roles.manage",
  "api-keys.manage",
  "settings.manage",
  "audit.read",
]);

/** What the roles that are always there may do. */
export const BUILT_IN_ROLES: Readonly<Record<BuiltInRole, { permissions: readonly Permission[]; reach: Reach }>> = {
  admin: { permissions: everything, reach: "all" },
  supervisor: { permissions: everything.filter((name) => !ADMIN_ONLY.has(name)), reach: "all" },
  agent: { permissions: AGENT, reach: "all" },
};
