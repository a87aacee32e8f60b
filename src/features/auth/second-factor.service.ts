/** The second factor: codes of an authenticator app (RFC 6238), and recovery codes for the day it is lost. Every code counts once. */
import type { ClientSession } from "mongoose";
import { Secret, TOTP } from "otpauth";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { sha256Hex } from "../../core/id";
import type { Change } from "../../events/log";
import type { Agent } from "../agents/agent.model";
import type { AgentService } from "../agents/agent.service";
import type { CredentialBox } from "../channels/credential-box";
import type { SecondFactor, SecondFactorModel } from "./second-factor.model";

export interface SecondFactorService {
  /** A new secret for the app; nothing is asked for before its first code has come. Throws `auth.second-factor-exists`. */
  begin(agent: Agent): Promise<{ secret: string; uri: string }>;
  /** The first code: from now on one is asked for. Gives the recovery codes, which are shown only now. */
  confirm(agent: Agent, code: string, change: Change): Promise<string[]>;
  /** Uses up a code of the app or a recovery code. Throws `auth.wrong-code`. */
  use(agent: string, code: string): Promise<void>;
  renewRecovery(agent: string, session: ClientSession): Promise<string[]>;
  remove(agent: string, change: Change): Promise<void>;
}

export interface SecondFactorDeps {
  factors: SecondFactorModel;
  agents: Pick<AgentService, "update">;
  box: CredentialBox;
  clock: Clock;
}

const PERIOD_S = 30;
/** Phones' clocks are a little off. */
const WINDOW = 1;
const SECRET_BYTES = 20;
const RECOVERY_CODES = 10;
/** 80 bits each: nobody finds one, even with the hashes. */
const RECOVERY_BYTES = 10;
const APP_CODE = /^\d{6}$/;

export function createSecondFactorService({ factors, agents, box, clock }: SecondFactorDeps): SecondFactorService {
  const totp = (secret: string, label: string) =>
    new TOTP({ issuer: "Chasqui", label, secret: Secret.fromBase32(secret), digits: 6, period: PERIOD_S, algorithm: "SHA1" });

  const ownerOf = (agent: string) => `second-factor:${agent}`;

  function open({ _id, secret }: SecondFactor): string {
    const opened = box.open(secret, ownerOf(_id)) as { secret: string } | null;
    if (!opened)
      throw fail("auth.no-second-factor", { message: "The second factor cannot be read any more. Ask an administrator." });
    return opened.secret;
  }

  /** The time step of a valid code of the app that is newer than the last one used; null for any other. */
  function stepOf(factor: SecondFactor, code: string): number | null {
    const timestamp = clock.now();
    const delta = totp(open(factor), "").validate({ token: code, timestamp, window: WINDOW });
    if (delta === null) return null;
    const step = Math.floor(timestamp / 1000 / PERIOD_S) + delta;
    return step > factor.lastStep ? step : null;
  }

  const find = async (agent: string, session?: ClientSession) =>
    (await factors.findById(agent, null, session ? { session } : {}).lean()) as SecondFactor | null;

  function newRecovery(): { codes: string[]; hashes: string[] } {
    const codes = Array.from({ length: RECOVERY_CODES }, () =>
      (
        new Secret({ buffer: crypto.getRandomValues(new Uint8Array(RECOVERY_BYTES)).buffer }).base32
          .toLowerCase()
          .match(/.{4}/g) ?? []
      ).join("-"),
    );
    return { codes, hashes: codes.map(hashOf) };
  }

  return {
    async begin({ _id, email }) {
      const secret = new Secret({ size: SECRET_BYTES }).base32;
      const fresh = { secret: box.lock({ secret }, ownerOf(_id)), lastStep: 0, recovery: [], createdAt: new Date(clock.now()) };
      try {
        // A confirmed one is not found by this condition, so the insert meets its key.
        await factors.updateOne({ _id, confirmedAt: null }, { $set: fresh }, { upsert: true });
      } catch (error) {
        if ((error as { code?: unknown }).code !== DUPLICATE_KEY) throw error;
        throw fail("auth.second-factor-exists");
      }
      return { secret, uri: totp(secret, email).toString() };
    },

    async confirm({ _id }, code, change) {
      const factor = await find(_id, change.session);
      if (!factor) throw fail("auth.no-second-factor");
      if (factor.confirmedAt) throw fail("auth.second-factor-exists");
      const step = stepOf(factor, code);
      if (step === null) throw fail("auth.wrong-code");
      const { codes, hashes } = newRecovery();
      const fields = { confirmedAt: new Date(clock.now()), lastStep: step, recovery: hashes };
      await factors.collection.updateOne({ _id: _id as never }, { $set: fields as never }, { session: change.session });
      await agents.update(_id, { hasSecondFactor: true }, change);
      return codes;
    },

    async use(agent, code) {
      const factor = await find(agent);
      if (!factor?.confirmedAt) throw fail("auth.no-second-factor");
      if (APP_CODE.test(code)) {
        const step = stepOf(factor, code);
        // Of two uses at once the second one no longer finds an older step.
        const used =
          step !== null && (await factors.updateOne({ _id: agent, lastStep: { $lt: step } }, { $set: { lastStep: step } }));
        if (!used || used.matchedCount === 0) throw fail("auth.wrong-code");
        return;
      }
      const hash = hashOf(code);
      const used = await factors.updateOne({ _id: agent, recovery: hash }, { $pull: { recovery: hash } });
      if (used.matchedCount === 0) throw fail("auth.wrong-code");
    },

    async renewRecovery(agent, session) {
      const { codes, hashes } = newRecovery();
      await factors.collection.updateOne({ _id: agent as never }, { $set: { recovery: hashes } as never }, { session });
      return codes;
    },

    async remove(agent, change) {
      await factors.collection.deleteOne({ _id: agent as never }, { session: change.session });
      await agents.update(agent, { hasSecondFactor: false }, change);
    },
  };
}

const DUPLICATE_KEY = 11_000;

/** People may leave out dashes and type capitals. */
const hashOf = (code: string): string => sha256Hex(`recovery:${code.toLowerCase().replace(/[\s-]/g, "")}`);
