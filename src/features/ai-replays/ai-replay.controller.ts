import { Elysia } from "elysia";
import { IdempotencyHeaders, ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import type { AiGoldenService } from "./ai-golden.service";
import {
  GoldenAnswer,
  GoldenList,
  GoldenPatch,
  GoldenRemoved,
  GoldenResults,
  ItemPage,
  ItemQuery,
  NewGolden,
  NewReplay,
  RecordBody,
  ReplayAnswer,
  ReplayPage,
  ReplayParams,
  ReplayQuery,
  ResumeBody,
  RunGoldensBody,
  TrialAnswer,
  TrialBody,
} from "./ai-replay.schema";
import type { AiReplayService } from "./ai-replay.service";
import type { AiTrialService } from "./ai-trial.service";

export interface AiReplayServices {
  aiReplays: AiReplayService;
  aiGoldens: AiGoldenService;
  aiTrials: AiTrialService;
}

const permission = "assistant.manage" as const;
const one = { permission, params: ReplayParams } as const;
const create = { permission, headers: IdempotencyHeaders } as const;

export const aiReplayController = (auth: AuthPlugin, { aiReplays, aiGoldens, aiTrials }: AiReplayServices) =>
  new Elysia({ prefix: "/assistant", tags: ["Assistant"] })
    .use(auth)
    .get("/replays", async ({ query }) => okPage(await aiReplays.list(query)), {
      permission,
      query: ReplayQuery,
      response: { 200: ReplayPage },
      detail: { summary: "Replays of past answers, the newest first" },
    })
    .post("/replays", async ({ body, actor }) => ok(await aiReplays.start(body, actor)), {
      ...create,
      body: NewReplay,
      response: { 200: ReplayAnswer },
      detail: {
        summary: "Replay past answers with another prompt, model or knowledge",
        description:
          "Nothing is sent and nothing is changed. Figures name the models; those of the sandbox are no evidence of quality.",
      },
    })
    .get("/replays/:id", async ({ params }) => ok(await aiReplays.get(params.id)), {
      ...one,
      response: { 200: ReplayAnswer },
      detail: { summary: "How far a replay is and what it shows" },
    })
    .get("/replays/:id/items", async ({ params, query, actor }) => okPage(await aiReplays.listItems(params.id, query, actor)), {
      ...one,
      query: ItemQuery,
      response: { 200: ItemPage },
      detail: { summary: "Answer by answer: before, after, what differs, checks and the judge's opinion" },
    })
    .post("/replays/:id/pause", async ({ params, actor }) => ok(await aiReplays.pause(params.id, actor)), {
      ...one,
      response: { 200: ReplayAnswer },
      detail: { summary: "Pause a replay" },
    })
    .post(
      "/replays/:id/resume",
      async ({ params, body, actor }) => ok(await aiReplays.resume(params.id, body.maxMicros, actor)),
      {
        ...one,
        body: ResumeBody,
        response: { 200: ReplayAnswer },
        detail: { summary: "Go on with a replay" },
      },
    )
    .post("/replays/:id/cancel", async ({ params, actor }) => ok(await aiReplays.cancel(params.id, actor)), {
      ...one,
      response: { 200: ReplayAnswer },
      detail: { summary: "End a replay; what it has found stays" },
    })
    .post("/trial", async ({ body, request }) => ok(await aiTrials.run(body, request.signal)), {
      permission,
      body: TrialBody,
      response: { 200: TrialAnswer },
      detail: {
        summary: "Try a prompt's text out: what would be answered, and how that came about",
        description: "Nothing is sent and nothing is changed; tools are only noted. What it costs is booked as a trial.",
      },
    })
    .get("/goldens", async ({ actor }) => ok(await aiGoldens.list(actor)), {
      permission,
      response: { 200: GoldenList },
      detail: { summary: "Golden conversations: what has to come out well before a prompt is published" },
    })
    .post("/goldens", async ({ body, actor }) => ok(await aiGoldens.create(body, actor)), {
      ...create,
      body: NewGolden,
      response: { 200: GoldenAnswer },
      detail: { summary: "Write a golden conversation" },
    })
    .post("/goldens/record", async ({ body, actor }) => ok(await aiGoldens.record(body, actor)), {
      ...create,
      body: RecordBody,
      response: { 200: GoldenAnswer },
      detail: { summary: "Record a golden conversation from a turn of the inbox" },
    })
    .post("/goldens/run", async ({ body, actor, request }) => ok(await aiGoldens.run(body, actor, request.signal)), {
      permission,
      body: RunGoldensBody,
      response: { 200: GoldenResults },
      detail: { summary: "Play golden conversations: those that are named, else all that are enabled" },
    })
    .get("/goldens/:id", async ({ params, actor }) => ok(await aiGoldens.get(params.id, actor)), {
      ...one,
      response: { 200: GoldenAnswer },
      detail: { summary: "One golden conversation" },
    })
    .patch("/goldens/:id", async ({ params, body, actor }) => ok(await aiGoldens.patch(params.id, body, actor)), {
      ...one,
      body: GoldenPatch,
      response: { 200: GoldenAnswer },
      detail: { summary: "Change a golden conversation" },
    })
    .delete(
      "/goldens/:id",
      async ({ params, actor }) => {
        await aiGoldens.remove(params.id, actor);
        return ok({ id: params.id });
      },
      { ...one, response: { 200: GoldenRemoved }, detail: { summary: "Remove a golden conversation" } },
    );
