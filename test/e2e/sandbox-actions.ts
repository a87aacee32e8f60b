/** What people do on the sandbox page, and what they see there. */
import type { Locator, Page } from "playwright-core";

export interface Credentials {
  email: string;
  password: string;
}

export async function fillSignIn(page: Page, { email, password }: Credentials): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** Opens an address as an agent, signing in on the way, and waits until the phone is in the hand. */
export async function openSandbox(page: Page, url: string, admin: Credentials): Promise<void> {
  await page.goto(`${url}/sandbox`);
  await fillSignIn(page, admin);
  await page.getByLabel(/^Write as /).waitFor();
}

/** Takes the phone of the person with this first name into the hand. */
export async function choosePhone(page: Page, firstName: string): Promise<void> {
  await page.getByRole("group", { name: "Phones" }).getByRole("button", { name: firstName }).click();
  await page.getByLabel(new RegExp(`^Write as ${firstName}`)).waitFor();
}

export async function writeOnPhone(page: Page, text: string): Promise<void> {
  const field = page.getByLabel(/^Write as /);
  await field.fill(text);
  await field.press("Enter");
}

export async function replyAsAgent(page: Page, text: string): Promise<void> {
  const field = page.getByLabel(/^Reply to /);
  await field.fill(text);
  await field.press("Enter");
}

/** Narrow windows show one pane: this one. */
export async function showPane(page: Page, name: "Phone" | "Inbox" | "What happened"): Promise<void> {
  const button = page.getByRole("button", { name, exact: true });
  await button.click();
  await button.and(page.locator('[aria-pressed="true"]')).waitFor();
}

/** A bubble on the phone's screen. */
export const onPhone = (page: Page, from: "customer" | "business", text: string | RegExp = ""): Locator =>
  page.locator(`app-fake-phone .msg[data-from="${from}"]`).filter({ hasText: text });

/** A bubble in the inbox thread. */
export const inThread = (page: Page, role: "user" | "assistant" | "operator", text: string | RegExp = ""): Locator =>
  page.locator(`app-conversation-thread [data-role="${role}"]`).filter({ hasText: text });

export const stage = (page: Page, name: string): Locator => page.locator(`app-stage-trail [data-stage="${name}"]`);

export const assistantSwitch = (page: Page): Locator => page.getByRole("switch", { name: "Assistant" });

/** Waits until the switch is as given. */
export async function switchIs(control: Locator, on: boolean): Promise<void> {
  await control.and(control.page().locator(`[aria-checked="${on}"]`)).waitFor();
}

/** Walks with the Tab key until the control has the focus; fails when it cannot be reached that way. */
export async function tabTo(control: Locator, most = 60): Promise<void> {
  const focused = control.and(control.page().locator(":focus"));
  for (let step = 0; step < most; step++) {
    if ((await focused.count()) > 0) return;
    await control.page().keyboard.press("Tab");
  }
  throw new Error(`the Tab key does not lead to ${control}`);
}
