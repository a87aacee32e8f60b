/** What each turn of the assistant is given by people: the prompt that fits the conversation, and the settings. Opened by app.ts. */
import type { Connection } from "mongoose";
import { BUILT_IN_TOOLS } from "./ai/tools";
import type { openAssistant } from "./app-assistant";
import { openCopilot } from "./app-copilot";
import type { Inbox } from "./app-inbox";
import { openReplay, replayModels } from "./app-replay";
import type { MediaStorage } from "./channels/whatsapp/media-storage";
import type { FindActor } from "./core/actor";
import type { Clock } from "./core/clock";
import { describeHours } from "./core/hours-text";
import { shortHash } from "./core/id";
import type { Log } from "./core/log";
import { fillPrompt, type PromptValues } from "./core/prompt-variables";
import type { EventBus } from "./events/bus";
import type { EventLog } from "./events/log";
import type { AgentService } from "./features/agents/agent.service";
import { aiPromptModel, aiPromptVersionModel } from "./features/ai-prompts/ai-prompt.model";
import { type ChosenPrompt, createAiPromptService } from "./features/ai-prompts/ai-prompt.service";
import { aiPublicationModel } from "./features/ai-prompts/ai-publication.model";
import type { AiRunService } from "./features/ai-runs/ai-run.service";
import { aiToolCallModel, aiToolModel } from "./features/ai-tools/ai-tool.model";
import { createAiToolService } from "./features/ai-tools/ai-tool.service";
import { createAiToolCalls } from "./features/ai-tools/ai-tool-call.service";
import type { AttributeService } from "./features/attributes/attribute.service";
import type { AuditService } from "./features/audit/audit.service";
import type { HoursPort } from "./features/business-hours/business-hours.service";
import type { CredentialBox } from "./features/channels/credential-box";
import type { ContactService } from "./features/contacts/contact.service";
import type { ContactEditService } from "./features/contacts/contact-edit.service";
import type { ConversationService } from "./features/conversations/conversation.service";
import type { MediaService } from "./features/media/media.service";
import { mediaLibraryModel } from "./features/media-library/media-library.model";
import { createMediaLibraryService } from "./features/media-library/media-library.service";
import type { MessageService } from "./features/messages/message.service";
import { ASSISTANT_TOOLS, assistantSettings } from "./features/settings/assistant-settings";
import { hearingSettings } from "./features/settings/hearing-settings";
import type { SettingsService } from "./features/settings/setting.service";
import type { TeamService } from "./features/teams/team.service";
import {
  ASSISTANT,
  cachedAnswerModel,
  createAnswerCache,
  createHear,
  createToolkit,
  heardFileModel,
  type TurnAbout,
  type TurnSettings,
} from "./flow";
import type { TurnKnowledge } from "./flow/turn-knowledge";
import { createReplayLines } from "./http/control-replay";

/** Their indexes are made at start, so they are registered before. */
export const answeringModels = (connection: Connection) => ({
  aiPrompts: aiPromptModel(connection),
  aiPromptVersions: aiPromptVersionModel(connection),
  aiPublications: aiPublicationModel(connection),
  mediaLibrary: mediaLibraryModel(connection),
  aiTools: aiToolModel(connection),
  aiToolCalls: aiToolCallModel(connection),
  ...replayModels(connection),
  heardFiles: heardFileModel(connection),
  cachedAnswers: cachedAnswerModel(connection),
});

export interface AnsweringDeps {
  models: ReturnType<typeof answeringModels>;
  conversations: ConversationService;
  messages: MessageService;
  contacts: Pick<ContactService, "getContact">;
  box: CredentialBox;
  assistance: Awaited<ReturnType<typeof openAssistant>>;
  knowledge: Pick<TurnKnowledge, "search" | "passages">;
  aiRuns: AiRunService;
  /** A pseudonym of a contact for the provider. */
  safetyId: (contact: string) => string;
  owner: string;
  findActor: FindActor;
  settings: SettingsService;
  hours: HoursPort;
  agents: Pick<AgentService, "findActive">;
  teams: Pick<TeamService, "find" | "listTeams">;
  files: Pick<MediaService, "getMedia">;
  storage: MediaStorage;
  attributes: AttributeService;
  inbox: Pick<Inbox["services"], "labels" | "actions" | "sending" | "scheduled">;
  edits: ContactEditService;
  /** Name of a number; null when nobody knows it. */
  channelName: (id: string) => string | null;
  audit: AuditService;
  eventLog: EventLog;
  bus: EventBus;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

export async function openAnswering(all: AnsweringDeps) {
  const { models, settings, hours, agents, teams, channelName, files, attributes, inbox, edits, ...rest } = all;
  const { conversations, contacts, messages, box, assistance, knowledge, aiRuns, owner, findActor, safetyId, storage, ...deps } =
    rest;
  const { guard } = assistance;
  const { bus, clock } = deps;
  const prompts = createAiPromptService({
    ...deps,
    prompts: models.aiPrompts,
    versions: models.aiPromptVersions,
    publications: models.aiPublications,
    owner,
    findActor,
    findTeam: teams.find,
  });
  const library = createMediaLibraryService({ ...deps, library: models.mediaLibrary, files });
  const tools = createAiToolService({ ...deps, tools: models.aiTools, box, guard, reserved: RESERVED });
  const calls = createAiToolCalls({
    calls: models.aiToolCalls,
    tools,
    guard,
    conversations,
    messages,
    log: deps.eventLog,
    clock,
  });
  const kept = [prompts, library, tools];
  for (const room of kept) await room.load();

  const toolkit = createToolkit({
    async loadWorld() {
      const { tools, contactFields, followUpTemplate } = settings.get(assistantSettings);
      const [labels, groups, fields] = [
        await inbox.labels.listLabels(),
        await teams.listTeams(),
        await attributes.listAttributes(),
      ];
      return {
        labels: labels.map(({ name }) => name),
        teams: groups.map(({ id, name }) => ({ id, name })),
        attributes: fields,
        media: library.list().filter(({ forAssistant }) => forAssistant),
        followUpTemplate,
        allowed: new Set<string>(tools),
        contactFields: new Set(contactFields),
      };
    },
    compose: (content, conversation, contact) => inbox.sending.prepare(content as never, conversation, contact, ASSISTANT),
    async checkAttributes(values) {
      (await attributes.load()).merge({}, values);
    },
    adminTools: tools.enabled,
    calls,
    bus,
    clock,
  });

  /** Everything a prompt can name, for one conversation. */
  async function valuesFor({ conversation, contact }: TurnAbout): Promise<PromptValues> {
    const { channel, team, assignedAgent } = conversation;
    const { businessName, timeZone } = settings.get(assistantSettings);
    const now = clock.now();
    const schedule = hours.scheduleOf(conversation);
    const opening = hours.nextOpening(conversation, now);
    const zone = timeZone || schedule?.zone || "UTC";
    const agent = assignedAgent ? await agents.findActive(assignedAgent) : null;
    const name = channelName(channel);
    return {
      "company.name": businessName || name,
      "company.hours": schedule ? describeHours(schedule) : "always open",
      "company.time_zone": zone,
      "channel.name": name,
      "team.name": team ? (await teams.find(team))?.name : null,
      "contact.name": contact.name,
      "contact.first_name": firstWord(contact.name),
      "contact.language": contact.language,
      "agent.name": agent?.name,
      "agent.first_name": firstWord(agent?.name ?? ""),
      "hours.now": hours.isOpen(conversation, now) ? "open" : "closed",
      "hours.next_opening": opening === null ? null : timeIn(zone, opening),
    };
  }

  /** What people have set, for nobody in particular. */
  async function plainSettings() {
    return settle(null, { "company.name": settings.get(assistantSettings).businessName });
  }

  /** What people have set, as it counts for this conversation now. */
  async function turnSettings(about: TurnAbout): Promise<TurnSettings> {
    const { conversation } = about;
    const chosen = prompts.choose({
      channel: conversation.channel,
      team: conversation.team ?? null,
      isOpen: hours.isOpen(conversation, clock.now()),
      at: clock.now(),
    });
    return settle(chosen, await valuesFor(about));
  }

  function settle(chosen: ChosenPrompt | null, values: PromptValues): TurnSettings {
    const now = settings.get(assistantSettings);
    const { language, timeZone, moderation, modelCalls, toolCalls, turnSeconds, maxOutputTokens } = now;
    const { text: persona, variables } = fillPrompt(chosen?.text ?? now.persona, values);
    const models = chosen?.model ? [chosen.model, ...now.models] : now.models;
    const [model, fallbackModel] = [...new Set(models)];
    const name = now.businessName || (values["channel.name"] ?? "Chasqui");
    return {
      business: {
        name,
        ...(persona && { persona }),
        ...(language && { language }),
        ...(timeZone && { timeZone }),
      },
      ...(Object.keys(variables).length > 0 && { variables }),
      ...(chosen && { promptVersion: `${chosen.prompt}:${chosen.number}` }),
      ...(model !== undefined && { model }),
      ...(fallbackModel !== undefined && { fallbackModel }),
      rules: now,
      moderated: moderation,
      limits: { modelCalls, toolCalls, turnMs: turnSeconds * 1_000, maxOutputTokens },
      // The provider's cache is shared by the conversations that share this text.
      cacheKey: `assistant-${shortHash(JSON.stringify([name, persona, language]))}`,
    };
  }

  const answering = {
    services: { aiPrompts: prompts, mediaLibrary: library, aiTools: tools, aiToolCalls: calls },
    plainSettings,
    /** A text about the business with its values, for a conversation or for nobody in particular. */
    render: async (text: string, about: TurnAbout | null) =>
      fillPrompt(text, about ? await valuesFor(about) : { "company.name": settings.get(assistantSettings).businessName }),
    forFlow: { turnSettings, toolkit, effects: { actions: inbox.actions, scheduled: inbox.scheduled, edits, calls } },
  };
  const replay = openReplay({ ...deps, models, assistance, answering, knowledge, aiRuns, contacts, conversations, owner });
  const hear = createHear({
    ...deps,
    heard: models.heardFiles,
    hearing: assistance.hearing,
    settings: () => settings.get(hearingSettings),
    model: () => settings.get(assistantSettings).models[0] ?? assistance.port()?.model ?? null,
    files,
    storage,
    messages,
    conversations,
    aiRuns,
    spends: assistance.spends,
    budget: assistance.budget(aiRuns),
  });
  const cache = createAnswerCache({
    answers: models.cachedAnswers,
    minutes: () => settings.get(assistantSettings).answerCacheMinutes,
    clock,
    log: deps.log,
  });
  const copilot = openCopilot({
    ...deps,
    assistance,
    business: async (about) => (await turnSettings(about)).business,
    knowledge,
    safetyId,
    aiRuns,
    contacts,
    conversations,
    messages,
  });
  return {
    services: { ...answering.services, ...replay.services, copilot },
    forFlow: { ...answering.forFlow, hear, cache },
    replayLines: createReplayLines({ prompts, replays: replay.services.aiReplays, clock }),
    async start() {
      hear.start();
      await replay.start();
      await prompts.begin();
    },
    async stop() {
      await hear.stop();
      await replay.stop();
      toolkit.stop();
      for (const room of kept) await room.stop();
    },
  };
}

/** Names no tool of an admin may have. */
const RESERVED = [...ASSISTANT_TOOLS, ...BUILT_IN_TOOLS.map(({ name }) => name), "search_knowledge"];

const firstWord = (name: string): string => name.trim().split(/\s+/)[0] ?? "";

const timeIn = (timeZone: string, at: number): string =>
  new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "long",
    day: "numeric",
    month: "long",
    hour: "2-digit",
    minute: "2-digit",
  }).format(at);
