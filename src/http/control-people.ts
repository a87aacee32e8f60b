/** What the administrator of the machine may do with people, each by a name and a checked request: by the socket or on stopped files. */
import { type Static, type TObject, Type as t } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { fail } from "../core/errors";
import type { AgentView } from "../events/view";
import type { Handed } from "../features/agents/agent.schema";
import type { AgentLifeService } from "../features/agents/agent-life.service";
import type { PasswordService } from "../features/auth/password.service";

export interface People {
  passwords: Pick<PasswordService, "force">;
  /** Everybody, by name. */
  list(): Promise<AgentView[]>;
  /** A link that sets a new password. */
  makeResetLink(email: string): Promise<Handed>;
  invite(request: { email: string; role: string }): ReturnType<AgentLifeService["invite"]>;
  removeFactor(email: string): Promise<void>;
}

const strict = { additionalProperties: false } as const;
const someEmail = t.String({ minLength: 3, maxLength: 254 });
const Nothing = t.Object({}, strict);
const About = t.Object({ email: someEmail }, strict);
const ResetPassword = t.Object({ email: someEmail, password: t.Optional(t.String({ minLength: 10, maxLength: 200 })) }, strict);
const Invite = t.Object(
  {
    email: t.String({ minLength: 3, maxLength: 254, pattern: "^[^@\\s]+@[^@\\s]+$" }),
    role: t.String({ minLength: 1, maxLength: 40 }),
  },
  strict,
);

/** Takes the body of the request as it came. Throws `request.invalid` with the fields, or what the task refuses. */
export type PeopleTask = (body: unknown) => Promise<unknown>;

export function peopleTasks(people: People): Readonly<Record<string, PeopleTask>> {
  const task =
    <T extends TObject>(schema: T, run: (request: Static<T>) => Promise<unknown>): PeopleTask =>
    async (body) =>
      run(checked(body, schema));
  return {
    "/admin/list": task(Nothing, () => people.list()),
    "/admin/reset-password": task(ResetPassword, async ({ email, password }) => ({
      email,
      password: await people.passwords.force(email, password),
    })),
    "/admin/reset-link": task(About, ({ email }) => people.makeResetLink(email)),
    "/admin/invite": task(Invite, (request) => people.invite(request)),
    "/admin/remove-second-factor": task(About, async ({ email }) => {
      await people.removeFactor(email);
      return { email };
    }),
  };
}

/** The body as its schema says. Throws `request.invalid`. */
export function checked<T extends TObject>(body: unknown, schema: T): Static<T> {
  if (Value.Check(schema, body)) return body as Static<T>;
  throw fail("request.invalid", {
    details: [...Value.Errors(schema, body)].slice(0, 10).map(({ path, message }) => ({ path, message })),
  });
}
