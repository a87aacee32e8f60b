/** Colleagues for tests: invited and signed in as people are, over REST. */
import { ApiClient } from "./api-client";
import type { TestApp } from "./test-app";

export const PASSWORD = "another horse battery";

/** What stands behind # in a link. */
export const tokenOf = (link: string): string => link.slice(link.indexOf("#") + 1);

export interface Colleague {
  id: string;
  email: string;
  api: ApiClient;
}

/** Somebody with this role who has accepted. */
export async function hire(
  { api, url }: Pick<TestApp, "api" | "url">,
  {
    email,
    role,
    teams = [],
    name = email.slice(0, email.indexOf("@")),
  }: { email: string; role: string; teams?: string[]; name?: string },
): Promise<Colleague> {
  const invited = await api.post<{ agent: { id: string }; invitation: { link: string } }>("/agents", { email, role, teams });
  if (invited.status !== 200) throw new Error(`inviting answered ${invited.status}: ${JSON.stringify(invited.body)}`);
  const client = new ApiClient(url);
  const token = tokenOf(invited.body.data.invitation.link);
  const accepted = await client.post<{ accessToken: string }>("/auth/invitation/accept", {
    token,
    name,
    password: PASSWORD,
  });
  if (accepted.status !== 200) throw new Error(`accepting answered ${accepted.status}: ${JSON.stringify(accepted.body)}`);
  client.token = accepted.body.data.accessToken;
  return { id: invited.body.data.agent.id, email, api: client };
}

/** A role of one's own. */
export async function makeRole(
  { api }: Pick<TestApp, "api">,
  role: { name: string; permissions: string[]; reach: "all" | "team" | "own" },
): Promise<void> {
  const made = await api.post("/roles", { title: role.name, ...role });
  if (made.status !== 200) throw new Error(`making a role answered ${made.status}: ${JSON.stringify(made.body)}`);
}

export async function makeTeam({ api }: Pick<TestApp, "api">, name: string): Promise<string> {
  const made = await api.post<{ id: string }>("/teams", { name });
  if (made.status !== 200) throw new Error(`making a team answered ${made.status}: ${JSON.stringify(made.body)}`);
  return made.body.data.id;
}

/** A client with an API key. */
export async function keyClient(
  { api, url }: Pick<TestApp, "api" | "url">,
  key: { permissions: string[]; reach?: string; days?: number | null },
): Promise<{ id: string; api: ApiClient }> {
  const made = await api.post<{ secret: string; key: { id: string } }>("/api-keys", { name: "Another system", ...key });
  if (made.status !== 200) throw new Error(`making a key answered ${made.status}: ${JSON.stringify(made.body)}`);
  const client = new ApiClient(url);
  client.token = made.body.data.secret;
  return { id: made.body.data.key.id, api: client };
}
