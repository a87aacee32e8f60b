/** Every collection of the product is either emptied of a person who is erased, or says here why it need not be. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { openModels } from "../../src/app-models";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { storedPersonalData } from "../../src/features/data-protection/stored-personal-data";
import { openStore } from "../../src/store/connect";
import { tempDir } from "../helpers/temp-dir";

setDefaultTimeout(30_000);

/** What is not looked at when a customer is erased. Add a kind to stored-personal-data.ts first; write a reason here only if there is one. */
const EXEMPT: Readonly<Record<string, string>> = {
  // About the company's own people: it ends with their account, by their admin.
  agents: "the company's own people, who are no customers",
  sessions: "devices of agents",
  refreshTokens: "devices of agents",
  loginAttempts: "sign-ins of agents, hashed, gone after a day",
  accessLinks: "invitations and new passwords of agents",
  waitingMails: "mails to agents that wait for the mail server, locked, for three days at most",
  secondFactors: "authenticator apps of agents",
  apiKeys: "keys of other systems",
  roles: "what agents may do",
  teams: "groups of agents",
  views: "how agents look at lists: filters by label, team, state",
  cannedReplies: "texts of the company, sent to anybody",
  segments: "conditions on contacts, not contacts",
  labels: "words of the company",
  automationRules: "what the company wants to happen",
  automationPositions: "numbers",
  macros: "what agents do with one click",
  businessHours: "opening hours",
  slaPolicies: "what the company promises",
  aiTools: "how the assistant asks other servers of the company",
  aiReplays: "what was replayed and what it showed in figures, without anybody's words",
  mediaLibrary: "files of the company, sent to anybody",
  aiPrompts: "what the company tells its assistant",
  aiPromptVersions: "what the company told its assistant",
  knowledgeChunks: "pieces of the company's articles",
  aiBudgets: "sums of money by day and month, and by our own ids for as long as a budget of theirs runs",
  attributeDefinitions: "names of fields, not their values",
  presences: "agents at work",
  pushDevices: "browsers of agents",
  pushKeys: "the key by which push services know us",
  agentAbsences: "since when an agent is not at work",
  assignmentTurns: "whose turn it is among agents",
  // The company's own.
  assistantConnections: "how the assistant's provider is reached",
  webhookEndpoints: "addresses of other systems",
  channels: "the company's own numbers",
  templates: "texts of the company",
  settings: "settings",
  counters: "numbers",
  retentionRuns: "how much was removed, not of whom",
  erasures: "the receipt: our own id of the contact and counts, kept as the proof",
  auditEntries: "proof of who did what; kept for as long as retention says, names a customer by id only",
  // Gone by themselves within hours or days, and lead nowhere once the contact is gone.
  webhookDeliveries: "that an event was sent and how the other system's answer begins, for seven days; not the event",
  contactLabelRemovals: "a label that is being taken off, while that lasts",
  lanes: "our own id of a contact, for an hour",
  inboundJournal: "raw webhooks between being accepted and being read: moments",
  idempotencyKeys: "answers, each sealed with a key that only its client knows, for a day",
  bulkJobs: "our own ids of conversations, for 30 days",
  bulkChunks: "our own ids of conversations, while their job runs",
  contactImports: "name of a file and counts; the file itself goes when it was read, the report after 30 days",
};

test("every collection is erased from, or exempt for a reason; no row is out of date", async () => {
  using dir = tempDir();
  const store = await openStore({ dataDir: dir.path, log: silentLog, clock: systemClock });
  const models = openModels(store.connection);
  const real = [...new Set(Object.values(models).map(({ collection }) => collection.collectionName))].sort();
  const erased = new Set(storedPersonalData(models).flatMap(({ collections }) => collections));
  await store.close();
  const exempt = Object.keys(EXEMPT);
  expect(real.filter((name) => !erased.has(name) && !exempt.includes(name))).toEqual([]);
  expect(exempt.filter((name) => !real.includes(name) || erased.has(name))).toEqual([]);
  expect([...erased].filter((name) => !real.includes(name))).toEqual([]);
  for (const reason of Object.values(EXEMPT)) expect(reason.length).toBeGreaterThan(5);
});
