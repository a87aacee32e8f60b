/** The figures of a real server process: killed while it counts, and built anew by the command, while it runs and while it does not. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { Figures, ReportStatusView } from "../../../src/features/reports/report.schema";
import { ApiClient, postWebhook, webhookOf } from "../../helpers/api-client";
import { runCommand, type ServerProcess, startServer } from "../../helpers/server-process";
import { tempDir } from "../../helpers/temp-dir";
import { until } from "../../helpers/until";

setDefaultTimeout(90_000);

const NUMBER = "440055660077001";
const SECRET = "an app secret of the test";

test("nothing is counted twice or left out by a kill; the command counts the same", async () => {
  using dir = tempDir();
  const dataDir = `${dir.path}/data`;
  const env = {
    PORT: "0",
    ADMIN_EMAIL: "admin@example.com",
    ADMIN_PASSWORD: "correct horse battery",
    ASSISTANT: "off",
    RATE_LIMITS: "off",
    WHATSAPP_PHONE_NUMBER_ID: NUMBER,
    WHATSAPP_ACCESS_TOKEN: "a token of the test",
    WHATSAPP_APP_SECRET: SECRET,
    WHATSAPP_VERIFY_TOKEN: "verify-me",
    WHATSAPP_GRAPH_URL: "http://127.0.0.1:9",
  };
  const start = () => startServer({ env, dataDir });
  let told = 0;
  const tell = async (server: ServerProcess, count: number) => {
    for (let index = 0; index < count; index++) {
      const number = told++;
      const from = String(51987100000 + (number % 7));
      const status = await postWebhook(
        server.url,
        SECRET,
        webhookOf(NUMBER, [{ from, id: `wamid.kill.${number}`, text: `${number}` }]),
      );
      expect(status).toBe(200);
    }
  };
  for (let round = 0; round < 3; round++) {
    const server = await start();
    await tell(server, 40);
    await Bun.sleep(60 * round);
    await server.kill();
  }
  const figures = async (server: ServerProcess) => {
    const api = await new ApiClient(server.url).signIn(server.admin);
    await until(
      async () => {
        const { position, newest, rebuild } = await api.data<ReportStatusView>("/reports/status");
        const { figures } = await api.data<{ figures: Figures }>("/reports/summary");
        return position === newest && rebuild === null && figures.messagesIn >= told;
      },
      { within: 30_000, what: "the figures to be up to date" },
    );
    return (await api.data<{ figures: Figures }>("/reports/summary")).figures;
  };
  const server = await start();
  const counted = await figures(server);
  expect(counted).toMatchObject({ messagesIn: 120, conversations: 7 });
  const running = await runCommand(["reports", "rebuild"], { ...env, DATA_DIR: dataDir });
  expect(running).toMatchObject({ code: 0 });
  expect(await figures(server)).toEqual(counted);
  await server.stop();
  const alone = await runCommand(["reports", "rebuild"], { ...env, DATA_DIR: dataDir });
  expect(alone.said).toContain("The figures were counted from");
  expect(alone.code).toBe(0);
  await using last = await start();
  expect(await figures(last)).toEqual(counted);
});
