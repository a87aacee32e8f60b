/** Secrets for one act: made, looked at, and used up at most once. */
import type { ClientSession } from "mongoose";
import type { Clock } from "../../core/clock";
import { type ErrorCode, fail } from "../../core/errors";
import { newSecret, sha256Hex } from "../../core/id";
import type { AccessLink, AccessLinkModel, LinkKind } from "./access-link.model";

const MINUTE_MS = 60_000;
const LIFE_MS: Record<LinkKind, number> = {
  reset: 60 * MINUTE_MS,
  invitation: 7 * 24 * 60 * MINUTE_MS,
  challenge: 5 * MINUTE_MS,
  enrolment: 15 * MINUTE_MS,
};
const ENDED: Record<LinkKind, ErrorCode> = {
  reset: "auth.bad-link",
  invitation: "auth.bad-link",
  challenge: "auth.challenge-ended",
  enrolment: "auth.challenge-ended",
};

export interface IssuedLink {
  secret: string;
  expiresAt: Date;
}

export interface LinkService {
  issue(kind: LinkKind, agent: string, session?: ClientSession): Promise<IssuedLink>;
  /** The agent it is for. Throws `auth.bad-link` or `auth.challenge-ended`. */
  look(kind: LinkKind, secret: string): Promise<string>;
  /** How a link is known without knowing its secret. */
  hashOf(secret: string): string;
  /** Whether the link of this hash would still do. */
  isGood(hash: string): Promise<boolean>;
  /** The agent, and it is used up with the commit of the session; of two at once one fails. */
  use(kind: LinkKind, secret: string, session: ClientSession): Promise<string>;
  endAll(agent: string, kinds: readonly LinkKind[], session: ClientSession): Promise<void>;
}

export function createLinkService({ links, clock }: { links: AccessLinkModel; clock: Clock }): LinkService {
  const good = (kind: LinkKind, secret: string) => ({
    _id: sha256Hex(secret),
    kind,
    usedAt: null,
    expiresAt: { $gt: new Date(clock.now()) },
  });

  return {
    async issue(kind, agent, session) {
      const secret = newSecret();
      const now = clock.now();
      const expiresAt = new Date(now + LIFE_MS[kind]);
      const link: AccessLink = { _id: sha256Hex(secret), kind, agent, createdAt: new Date(now), expiresAt, usedAt: null };
      await links.collection.insertOne(link as never, session ? { session } : {});
      return { secret, expiresAt };
    },

    async look(kind, secret) {
      const link = (await links.findOne(good(kind, secret)).lean()) as AccessLink | null;
      if (!link) throw fail(ENDED[kind]);
      return link.agent;
    },

    hashOf: sha256Hex,

    isGood: async (hash) => (await links.exists({ _id: hash, usedAt: null, expiresAt: { $gt: new Date(clock.now()) } })) !== null,

    async use(kind, secret, session) {
      const link = (await links.collection.findOneAndUpdate(
        good(kind, secret) as never,
        { $set: { usedAt: new Date(clock.now()) } as never },
        { session, returnDocument: "after" },
      )) as unknown as AccessLink | null;
      if (!link) throw fail(ENDED[kind]);
      return link.agent;
    },

    async endAll(agent, kinds, session) {
      await links.collection.deleteMany({ agent, kind: { $in: [...kinds] } } as never, { session });
    },
  };
}
