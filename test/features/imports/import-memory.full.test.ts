/** A large import beside customers who write: memory stays bounded however many rows there are, and the webhook goes on answering. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { ImportView } from "../../../src/events/customer-view";
import { ApiClient, postWebhook, webhookOf } from "../../helpers/api-client";
import { startServer } from "../../helpers/server-process";

const MINUTES = 60_000;
setDefaultTimeout(20 * MINUTES);

const NUMBER = "440055660077001";
const SECRET = "an app secret of the test";
const ROWS = 100_000;
const MOST_MB = 300;
const ROUND = 100;
/** Below this nobody notices, and a busy machine makes it by itself. */
const UNNOTICED_MS = 20;

test("100,000 rows stay under 300 MB and do not slow the webhook", async () => {
  await using server = await startServer({
    env: {
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
    },
  });
  const api = await new ApiClient(server.url).signIn(server.admin);
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))?.[1]) / 1_024;
  let written = 0;
  /** How long the slowest of a hundred answers took, but for the very last. */
  async function customersWrite(): Promise<number> {
    const times: number[] = [];
    for (let index = 0; index < ROUND; index++) {
      const begun = performance.now();
      const [from, id] = [String(51987000000 + (written % 50)), `wamid.import.${written++}`];
      expect(await postWebhook(server.url, SECRET, webhookOf(NUMBER, [{ from, id, text: "hola" }]))).toBe(200);
      times.push(performance.now() - begun);
      await Bun.sleep(10);
    }
    return times.toSorted((a, b) => a - b)[Math.floor(ROUND * 0.99) - 1] ?? 0;
  }

  await customersWrite();
  const idle = [await customersWrite(), await customersWrite(), await customersWrite()].toSorted((a, b) => a - b)[1] ?? 0;
  let csv = "name,phone,email,company\n";
  for (let row = 0; row < ROWS; row++)
    csv += `Cliente Número ${row},+51${900_000_000 + row},cliente${row}@example.com,Empresa ${row % 1_000}\n`;
  const response = await fetch(`${server.url}/api/v2/imports?filename=all.csv`, {
    method: "POST",
    body: csv,
    headers: { authorization: `Bearer ${api.token}`, "content-type": "text/csv" },
  });
  const { data: begun } = (await response.json()) as { data: ImportView };
  expect(begun).toMatchObject({ total: ROWS, state: "running" });

  const busy: number[] = [];
  let most = memory();
  for (let job = begun; job.state === "running"; ) {
    busy.push(await customersWrite());
    most = Math.max(most, memory());
    await api.signIn(server.admin);
    job = await api.data<ImportView>(`/imports/${begun.id}`);
    if (job.state !== "running") expect(job).toMatchObject({ state: "done", created: ROWS, failed: 0 });
  }
  const median = busy.toSorted((a, b) => a - b)[busy.length >> 1] ?? 0;
  console.log(
    `most memory ${most.toFixed(0)} MB; 99th percentile idle ${idle.toFixed(1)} ms, during the import ${median.toFixed(1)} ms`,
  );
  expect(most).toBeLessThan(MOST_MB);
  expect(median).toBeLessThan(Math.max(2 * idle, UNNOTICED_MS));
});
