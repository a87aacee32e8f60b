/** The knobs that make the sandbox misbehave as the real platform sometimes does (facts §5). All neutral at the start. */
import { type Static, Type } from "@sinclair/typebox";

const share = (description: string) => Type.Number({ minimum: 0, maximum: 1, description });
const errorCode = (description: string) => Type.Union([Type.Integer(), Type.Null()], { description });

/** Ways in which a send call can go wrong besides a Graph error. */
export const Fault = Type.Union(
  [
    Type.Literal("none"),
    Type.Literal("429"),
    Type.Literal("500"),
    Type.Literal("503"),
    Type.Literal("html"),
    Type.Literal("timeout"),
    Type.Literal("timeout-after-accept"),
    Type.Literal("reset-after-accept"),
  ],
  { description: "How a send call goes wrong; the last two accept the message first" },
);

export const ChaosSettings = Type.Object(
  {
    duplicates: share("Share of webhooks that are delivered twice at the same time"),
    reorder: share("Share of updates that are held back so that later ones overtake them"),
    batchSize: Type.Integer({ minimum: 1, maximum: 1000, description: "Updates gathered into one webhook" }),
    statusDelayMs: Type.Integer({ minimum: 0, maximum: 600_000, description: "Delay added to every status" }),
    statusBeforeAnswer: Type.Boolean({ description: "The status `sent` arrives before the send call is answered" }),
    skipDelivered: share("Share of messages whose `delivered` never comes"),
    hideNumbers: Type.Boolean({ description: "Customers appear without their phone number, with their user id only" }),
    fault: Fault,
    faultShare: share("Share of send calls hit by `fault` or `errorCode`"),
    errorCode: errorCode("Send calls are refused with this Graph error code"),
    failedStatusCode: errorCode("Accepted messages fail later with this error code"),
    window: Type.Union([Type.Literal("refuse"), Type.Literal("fail-later"), Type.Literal("off")], {
      description: "What happens to free-form messages outside the 24-hour window",
    }),
    pairRate: Type.Boolean({ description: "Enforce 1 message per 6 s to one person, with a burst of 45" }),
    throughput: Type.Integer({ minimum: 0, description: "Messages per second the number may send, 0 = any" }),
    tokenExpired: Type.Boolean({ description: "Every call answers that the token has expired" }),
  },
  { additionalProperties: false },
);

export type ChaosSettings = Static<typeof ChaosSettings>;

const calm: ChaosSettings = {
  duplicates: 0,
  reorder: 0,
  batchSize: 1,
  statusDelayMs: 0,
  statusBeforeAnswer: false,
  skipDelivered: 0,
  hideNumbers: false,
  fault: "none",
  faultShare: 1,
  errorCode: null,
  failedStatusCode: null,
  window: "refuse",
  pairRate: true,
  throughput: 1000,
  tokenExpired: false,
};

export interface ChaosKnobs {
  get(): ChaosSettings;
  /** Turns the given knobs and leaves the others; answers all of them. */
  set(change: Partial<ChaosSettings>): ChaosSettings;
  /** All knobs back to neutral. */
  reset(): ChaosSettings;
}

export function createChaos(): ChaosKnobs {
  let settings = { ...calm };
  return {
    get: () => settings,
    set: (change) => {
      settings = { ...settings, ...change };
      return settings;
    },
    reset: () => {
      settings = { ...calm };
      return settings;
    },
  };
}
