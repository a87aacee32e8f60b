/** The report room: the figures in their thread, what feeds them, and what asks them. */
import type mongoose from "mongoose";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import type { EventBus } from "./events/bus";
import type { EventModel } from "./events/event.model";
import type { AgentModel } from "./features/agents/agent.model";
import type { ConversationModel } from "./features/conversations/conversation.model";
import type { MessageModel } from "./features/messages/message.model";
import { createReportService } from "./features/reports/report.service";
import { createReportFeed } from "./features/reports/report-feed.service";
import { type ReportMomentModel, reportMomentModel } from "./features/reports/report-moment.model";
import type { TeamModel } from "./features/teams/team.model";
import { openReportIndex } from "./store/reports/report-index";

/** Their indexes are made at start, so they are registered before. */
export const reportModels = (connection: mongoose.Connection) => ({ reportMoments: reportMomentModel(connection) });

export interface ReportRoomDeps {
  dataDir: string;
  models: {
    conversations: ConversationModel;
    messages: MessageModel;
    reportMoments: ReportMomentModel;
    events: EventModel;
    agents: AgentModel;
    teams: TeamModel;
  };
  bus: EventBus;
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

export async function openReports({ dataDir, models, bus, isAlone, clock, log }: ReportRoomDeps) {
  const part = log.child({ part: "reports" });
  const index = openReportIndex({ dataDir, clock, log: part });
  const feed = createReportFeed({ ...models, moments: models.reportMoments, index, bus, isAlone, clock, log: part });
  const namesOf = async (what: "agent" | "team", ids: readonly string[]) => {
    const model = (what === "agent" ? models.agents : models.teams) as TeamModel;
    const rows = await model.find({ _id: { $in: [...ids] } }, { name: 1 }).lean();
    return new Map(rows.map(({ _id, name }) => [String(_id), name]));
  };
  const reports = createReportService({ index, feed, namesOf, bus, clock, log: part });
  return {
    reports,
    feed,
    async close() {
      await feed.stop();
      await index.close();
    },
  };
}
