/** A seeded installation: the same for the same seed, whole, and what the product itself makes of it. */
import { describe, expect, test } from "bun:test";
import type { ConversationView, MessageView } from "../../src/events/view";
import { ROOT } from "../../src/tools/checkout";
import { progressLine } from "../../src/tools/seed/progress";
import { contactDocument, conversationDocument, messageDocument } from "../../src/tools/seed/seed-documents";
import { conversationId, isInbound, orderOf, planSeed, textOf, timeOf } from "../../src/tools/seed/seed-plan";
import { seedDataDir } from "../../src/tools/seed/seed-store";
import { tempDir } from "../helpers/temp-dir";
import { createTestApp } from "../helpers/test-app";

const SIZE = { messages: 400, conversations: 40, seed: 7 };

describe("plan", () => {
  const plan = planSeed(SIZE);

  test("the same seed gives the same, another seed something else", () => {
    expect(planSeed(SIZE)).toEqual(plan);
    expect(planSeed({ ...SIZE, seed: 8 }).conversationOf).not.toEqual(plan.conversationOf);
    expect(messageDocument(planSeed(SIZE), 399)).toEqual(messageDocument(plan, 399));
  });

  test("every conversation has messages, the numbers agree, and busy ones are busier", () => {
    expect(plan.countOf.reduce((sum, count) => sum + count, 0)).toBe(400);
    for (let conversation = 0; conversation < 40; conversation++) {
      const mine = [...plan.conversationOf].flatMap((one, message) => (one === conversation ? [message] : []));
      expect(mine.map((message) => plan.placeOf[message])).toEqual(mine.map((_, place) => place));
      expect(plan.countOf[conversation]).toBe(mine.length);
      expect(plan.lastOf[conversation]).toBe(mine.at(-1)!);
      expect(plan.lastInboundOf[conversation]).toBe(mine.findLast((_, place) => isInbound(place))!);
    }
    expect(Math.max(...plan.countOf)).toBeGreaterThan(20);
  });

  test("ids sort by time; lists find what they need", () => {
    const ids = Array.from({ length: 400 }, (_, message) => messageDocument(plan, message)._id);
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(400);
    const last = plan.lastOf[3]!;
    const conversation = conversationDocument(plan, 3);
    expect(conversation.lastMessageAt.getTime()).toBe(timeOf(plan, last));
    expect(conversation.lastMessage?.text).toBe(messageDocument(plan, last).content);
    expect(conversation.contact).toBe(contactDocument(plan, 3)._id);
    expect(conversation.inboundSeq).toBe(
      [...plan.conversationOf].filter((one, message) => one === 3 && isInbound(plan.placeOf[message]!)).length,
    );
    expect(textOf(plan, 17, true)).toContain(orderOf(17));
  });
});

test("the product serves it: lists newest first, threads whole, a new message of a seeded customer finds its place", async () => {
  using directory = tempDir();
  const steps: string[] = [];
  const onProgress = ({ what, done, total }: { what: string; done: number; total: number }) =>
    steps.push(`${what} ${done}/${total}`);
  const plan = await seedDataDir({ ...SIZE, dataDir: directory.path, onProgress });
  expect(steps).toEqual(["contacts 40/40", "conversations 40/40", "messages 400/400"]);
  await expect(seedDataDir({ ...SIZE, dataDir: directory.path })).rejects.toThrow("has messages already");
  await using app = await createTestApp({ dataDir: directory.path });
  const listed = await app.api.data<ConversationView[]>("/conversations?limit=100");
  const expected = Array.from({ length: 40 }, (_, index) => index).sort((a, b) => plan.lastOf[b]! - plan.lastOf[a]!);
  expect(listed.map(({ id }) => id)).toEqual(expected.map(conversationId));
  const thread = await app.api.data<MessageView[]>(`/conversations/${conversationId(0)}/messages?limit=100`);
  const mine = [...plan.conversationOf].flatMap((one, message) => (one === 0 ? [message] : []));
  expect(thread.map(({ content }) => content).reverse()).toEqual(
    mine.slice(-100).map((message) => textOf(plan, message, isInbound(plan.placeOf[message]!))),
  );
});

test("progress is a line that is written over, or now and then a line where nobody watches", () => {
  const watched: string[] = [];
  const unwatched: string[] = [];
  const lines = [watched, unwatched].map((to, index) =>
    progressLine({ isTTY: index === 0, write: (text: string) => to.push(text) }, () => "1.0 s"),
  );
  for (let done = 0; done <= 200; done += 1) for (const line of lines) line({ what: "messages", done, total: 200 });
  expect(watched).toHaveLength(101);
  expect(watched.at(-1)).toBe("\r\x1b[Kmessages 100 % · 1.0 s");
  expect(unwatched).toHaveLength(11);
  expect(unwatched[1]).toBe("messages 10 % · 1.0 s\n");
});

test("the command fills a directory and refuses nonsense", async () => {
  using directory = tempDir();
  const run = async (...args: string[]) => {
    const child = Bun.spawn([process.execPath, `${ROOT}/src/tools/seed.ts`, ...args], { stdout: "pipe", stderr: "pipe" });
    const [said, error, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { said, error, code };
  };
  const size = ["--messages", "50", "--conversations", "5"];
  const done = await run("--data-dir", directory.path, ...size);
  expect(done.code).toBe(0);
  expect(done.said).toContain("50 messages in 5 conversations");
  expect(await run(...size)).toMatchObject({ code: 2, error: expect.stringContaining("Usage") });
  expect((await run("--data-dir", directory.path, "--messages", "5")).code).toBe(2);
});
