/** The whole table of error codes: what each means for a repetition, read from the sandbox's answer as from Meta's. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { composeText } from "../../../src/channels/whatsapp/compose";
import { graphError, meaningOf, type RetryClass, retryDelayMs } from "../../../src/channels/whatsapp/graph-errors";
import { openWorld, type World } from "./sandbox-world";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const NEVER = [null, null, null];
const GROWING = [SECOND, 2 * SECOND, 4 * SECOND];
const MINUTES = [MINUTE, 2 * MINUTE, 4 * MINUTE];
const thrice = <T>(value: T) => [value, value, value];

interface Row {
  codes: readonly number[];
  /** HTTP status the code comes with. */
  status: number;
  retry: RetryClass;
  /** Waits after the first, second and third refusal, without jitter. */
  waits: readonly (number | null)[];
  mayHaveGoneOut?: boolean;
  isAboutTheNumber?: boolean;
  locksOut?: boolean;
}

const never = (codes: readonly number[], status = 400): Row => ({ codes, status, retry: "never", waits: NEVER });
const number = (codes: readonly number[], status = 400): Row => ({ ...never(codes, status), isAboutTheNumber: true });
const transient = (codes: readonly number[], status: number): Row => ({
  codes,
  status,
  retry: "backoff",
  waits: GROWING,
  mayHaveGoneOut: true,
});

/** By the reference of the platform's errors, row by row. */
const table: readonly Row[] = [
  { ...number([0, 190], 401), locksOut: true },
  number([10, 200, 250, 299, 131005], 403),
  number([3], 500),
  transient([1, 131000, 2494100], 500),
  transient([2, 131016, 131057, 133004], 503),
  { codes: [4], status: 429, retry: "minutes", waits: MINUTES },
  { codes: [80007], status: 400, retry: "minutes", waits: MINUTES },
  { codes: [130429], status: 400, retry: "backoff", waits: GROWING },
  { codes: [131056], status: 400, retry: "pair", waits: [SECOND, 4 * SECOND, 16 * SECOND] },
  number([131048]),
  { codes: [133016], status: 400, retry: "hours", waits: thrice(72 * HOUR) },
  never([131047, 131026, 131050, 130472, 130403, 131021, 131030]),
  { codes: [131049], status: 400, retry: "hours", waits: thrice(24 * HOUR) },
  never([130497], 403),
  never([131008, 131009, 100, 33, 135000]),
  never([131051, 131052, 131053, 131035, 131036, 131060, 131062]),
  never([131055, 131063, 134100, 134102, 134103]),
  { codes: [134101], status: 400, retry: "minutes", waits: thrice(10 * MINUTE) },
  number([131031, 368], 403),
  number([131037, 131042, 134011]),
  number([131045, 133005, 133006, 133008, 133009, 133010]),
  number([133000], 500),
  { codes: [133015], status: 400, retry: "minutes", waits: thrice(5 * MINUTE), isAboutTheNumber: true },
  never([131059, 131064]),
  never([132001], 404),
  never([132000, 132005, 132007, 132012, 132015, 132016, 132018, 132068, 132069, 137000]),
  never([131020, 131041, 131201, 131215, 147001, 147005, 2388019, 2388039, 2388299]),
];

const rows = table.flatMap(({ codes, ...row }) => codes.map((code) => [code, row] as const));

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.sandbox.phones.send(world.sandbox.phones.list()[0]!.id, { type: "text", text: "hola" });
});
afterAll(() => world[Symbol.asyncDispose]());

test("every code stands in the table once", () => {
  const codes = rows.map(([code]) => code);
  expect(new Set(codes).size).toBe(codes.length);
});

describe("a refusal with code", () => {
  test.each(rows)("%i", async (code, { status, retry, waits, mayHaveGoneOut = false, isAboutTheNumber, locksOut }) => {
    const phone = world.sandbox.phones.list()[0]!;
    const before = world.sandbox.phones.thread(phone.id).length;
    world.sandbox.chaos.set({ errorCode: code });
    const outcome = await world.graph.send(composeText({ to: { waId: phone.waId! }, text: "a" }));
    world.sandbox.chaos.reset();
    if (outcome.kind !== "rejected") throw new Error(`the outcome was ${outcome.kind}`);
    const { error } = outcome;
    expect([error.code, error.status, error.retry, error.duplicateRisk]).toEqual([code, status, retry, mayHaveGoneOut]);
    expect([error.channelProblem, error.lockedOut]).toEqual([isAboutTheNumber, locksOut]);
    expect([1, 2, 3].map((attempt) => retryDelayMs(error, attempt, () => 0))).toEqual([...waits]);
    expect(error.message).toStartWith(`(#${code}) `);
    expect([error.meaning.endsWith("."), typeof error.fbtraceId]).toEqual([true, "string"]);
    expect(world.sandbox.phones.thread(phone.id)).toHaveLength(before);
  });
});

describe("retries", () => {
  const delay = (code: number, attempt: number, random = 0) =>
    retryDelayMs(graphError(400, { error: { code } }), attempt, () => random);
  test("spread by up to a half, and Retry-After wins when it asks for more", () => {
    expect(delay(130429, 1, 0.999)).toBe(1_500);
    const asked = graphError(400, { error: { code: 130429 } }, "7");
    expect(retryDelayMs(asked, 1, () => 0)).toBe(7_000);
    const dated = graphError(503, null, new Date(1_790_000_030_000).toUTCString(), 1_790_000_000_000);
    expect(dated.retryAfterMs).toBe(30_000);
    expect(graphError(503, null, "soon").retryAfterMs).toBeUndefined();
  });
});

describe("error codes", () => {
  test("an unknown code is judged by status and is_transient", () => {
    expect(meaningOf(999_999, { status: 500 }).retry).toBe("backoff");
    expect(meaningOf(999_999, { status: 429 }).retry).toBe("minutes");
    expect(meaningOf(999_999, { status: 400 }).retry).toBe("never");
    expect(meaningOf(999_999, { status: 400, isTransient: true })).toMatchObject({ retry: "backoff", duplicateRisk: true });
    expect(meaningOf(999_999, { status: 401 }).channelProblem).toBe(true);
    // A known code stands above its transport.
    expect(meaningOf(131047, { status: 500, isTransient: true }).retry).toBe("never");
  });

  test("the whole error is read, and a body that is none gives its status", () => {
    const body = {
      error: {
        message: "(#130429) Rate limit hit",
        code: 130429,
        error_subcode: 7,
        error_data: { messaging_product: "whatsapp", details: "slow down" },
        fbtrace_id: "T",
      },
    };
    expect(graphError(400, body)).toMatchObject({ code: 130429, subcode: 7, status: 400, details: "slow down", fbtraceId: "T" });
    expect(graphError(403, "<html>")).toMatchObject({ code: 403, message: "HTTP 403", retry: "never", channelProblem: true });
  });
});
