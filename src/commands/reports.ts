/** `reports`: the figures seen from outside: built anew, while the server runs or not. */
import { openReports, reportModels } from "../app-reports";
import { systemClock } from "../core/clock";
import { agentModel } from "../features/agents/agent.model";
import { conversationModel } from "../features/conversations/conversation.model";
import { messageModel } from "../features/messages/message.model";
import { teamModel } from "../features/teams/team.model";
import { rebuildCommand } from "./rebuild/command";

type Connection = Parameters<typeof agentModel>[0];
const models = (connection: Connection) => ({
  conversations: conversationModel(connection),
  messages: messageModel(connection),
  agents: agentModel(connection),
  teams: teamModel(connection),
  ...reportModels(connection),
});

export const reports = rebuildCommand({
  summary: "build the figures of the reports anew",
  help: `The figures of the reports. They are counted from what is stored now, and from what was noted of the past.

  reports rebuild    counts everything anew; while that lasts the old figures answer
`,
  path: "/reports/rebuild",
  unavailable: "report.unavailable",
  models,
  async onFiles({ connection, events, eventLog: _, ...files }, onProgress) {
    const room = await openReports({ ...files, models: { ...models(connection), events }, isAlone: true, clock: systemClock });
    try {
      return await room.feed.rebuild(onProgress);
    } finally {
      await room.close();
    }
  },
  done: (documents) => `The figures were counted from ${documents} documents.`,
});
