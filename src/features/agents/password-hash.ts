/** Passwords as they are kept: argon2id at a cost above 50 ms. Comparing takes the same time when there is nothing to compare with. */
import { newSecret } from "../../core/id";

const HASH = { algorithm: "argon2id", memoryCost: 65_536, timeCost: 2 } as const;

/** Made at first use. */
let decoy: Promise<string> | null = null;

export const hashPassword = (password: string): Promise<string> => Bun.password.hash(password, HASH);

/** False, after the same time, where there is no hash. */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  decoy ??= hashPassword(newSecret());
  const matches = await Bun.password.verify(password, hash || (await decoy));
  return Boolean(hash) && matches;
}

/** For people to copy: no signs that a terminal or a chat would break. */
export const newPassword = (): string => newSecret(18).replace(/[-_]/g, "").slice(0, 16);
