/** What agents do in the inbox and what customers do on their phones, for tests that care about the outcome. */
import type { Locator, Page } from "playwright-core";
import { ApiClient } from "../helpers/api-client";
import { hire, PASSWORD } from "../helpers/people";
import type { ServerProcess } from "../helpers/server-process";
import { until } from "../helpers/until";
import { type Credentials, fillSignIn } from "./sandbox-actions";

interface Phone {
  id: string;
  name: string;
}
interface PhoneMessage {
  from: "customer" | "business";
  ticks: string;
  content: { type: string; text: string };
}

/** A customer with a fake phone, written for over the sandbox's own routes. */
export class Customer {
  private constructor(
    private readonly api: ApiClient,
    readonly phone: Phone,
  ) {}

  static async create(
    server: ServerProcess,
    name: string,
    more: Record<string, unknown> = {},
    signedIn?: ApiClient,
  ): Promise<Customer> {
    const api = signedIn ?? (await new ApiClient(server.url).signIn(server.admin));
    const { status, body } = await api.post<Phone>("/sandbox/phones", { name, withPhone: true, ...more });
    if (status !== 200) throw new Error(`no phone for ${name}: ${body.error}`);
    return new Customer(api, body.data);
  }

  async say(text: string): Promise<void> {
    await this.send({ type: "text", text });
  }

  async send(message: Record<string, unknown>): Promise<void> {
    const { status, body } = await this.api.post(`/sandbox/phones/${this.phone.id}/messages`, message);
    if (status !== 200) throw new Error(`${this.phone.name} could not write: ${body.error}`);
  }

  async thread(): Promise<PhoneMessage[]> {
    return (await this.api.data<{ messages: PhoneMessage[] }>(`/sandbox/phones/${this.phone.id}/thread`)).messages;
  }

  /** Waits until the business has said this, and answers how often it did. */
  async heard(text: string | RegExp): Promise<number> {
    const said = async () =>
      (await this.thread()).filter(
        ({ from, content }) =>
          from === "business" && (typeof text === "string" ? content.text === text : text.test(content.text)),
      ).length;
    await until(async () => (await said()) > 0, { within: 20_000, what: `${this.phone.name} hears ${text}` });
    return said();
  }
}

/** Another agent, who has accepted the invitation. */
export async function addColleague(server: ServerProcess, name: string, role = "agent"): Promise<Credentials> {
  const api = await new ApiClient(server.url).signIn(server.admin);
  const email = `${name.split(" ")[0]?.toLowerCase()}@example.com`;
  const { id } = await hire({ api, url: server.url }, { email, role });
  await api.patch(`/agents/${id}`, { name });
  return { email, password: PASSWORD };
}

export async function openInbox(
  page: Page,
  { url, admin }: Pick<ServerProcess, "url" | "admin">,
  path = "/conversations",
): Promise<void> {
  await page.goto(`${url}${path}`);
  await fillSignIn(page, admin);
  await page.getByRole("heading", { name: "Inbox" }).waitFor();
}

export const row = (page: Page, name: string): Locator =>
  page.locator("app-conversation-row").filter({ has: page.locator(".conv-name", { hasText: name }) });

export async function openConversation(page: Page, name: string): Promise<void> {
  await row(page, name).locator(".hit").click();
  await page.locator(".thread h2", { hasText: name }).waitFor();
}

export const bubble = (page: Page, role: "user" | "assistant" | "operator" | "system", text: string | RegExp): Locator =>
  page.locator(`app-conversation-thread app-message-bubble[data-role="${role}"]`).filter({ hasText: text });

export async function reply(page: Page, text: string): Promise<void> {
  const field = page.getByLabel(/^Reply to /);
  await field.fill(text);
  await field.press("Enter");
}
