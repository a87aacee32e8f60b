/** `simulate`: plays a customer on a sandbox phone of the running server and prints the conversation as it happens. */
import { loadConfig } from "../config/env";
import type { FlowStage } from "../events/catalog";
import type { SimulatedLine } from "../http/simulate";
import { type Command, readArguments } from "./command";
import { callControl } from "./control-client";

const HELP = `Plays a customer on the sandbox phone.

  simulate "Hola, ¿tienen stock?"
  simulate "hola" "una pregunta" "¿abren hoy?"      several fragments: one reply

  --phone NAME     which phone: its name, number or username (the first when left out)
  --gap MS         pause between the fragments (400)
  --timeout S      how long to wait for the reply (60)
`;

export const simulate: Command = {
  summary: "play a customer on the sandbox phone",
  async run(args) {
    const { values, positionals } = readArguments({
      args,
      allowPositionals: true,
      options: {
        phone: { type: "string" },
        gap: { type: "string", default: "400" },
        timeout: { type: "string", default: "60" },
        help: { type: "boolean" },
      },
    });
    if (values.help || positionals.length === 0) {
      console.log(HELP);
      return values.help ? 0 : 1;
    }
    const response = await callControl(loadConfig().dataDir, "/simulate", {
      messages: positionals,
      ...(values.phone === undefined ? {} : { phone: values.phone }),
      gapMs: Number(values.gap),
      timeoutMs: Number(values.timeout) * 1000,
    });
    let isAnswered = false;
    for await (const line of linesOf(response)) {
      console.log(show(line));
      if (line.kind === "end") isAnswered = line.outcome !== "timeout" && line.outcome !== "failed";
    }
    return isAnswered ? 0 : 1;
  },
};

async function* linesOf(response: Response): AsyncGenerator<SimulatedLine> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line) yield JSON.parse(line) as SimulatedLine;
  }
}

function show(line: SimulatedLine): string {
  switch (line.kind) {
    case "phone":
      return `${line.name} (${line.address}) writes\n`;
    case "said":
      return `${time(line.at)}  customer   ${line.text}`;
    case "webhook":
      return `${INDENT}webhook    ${line.status} in ${line.ms} ms${line.attempts > 1 ? ` at try ${line.attempts}` : ""}`;
    case "heard":
      return `${time(line.at)}  business   ${line.text.replaceAll("\n", `\n${INDENT}           `)}`;
    case "stage":
      return `${time(line.stage.at)}  ${line.stage.stage.padEnd(9)}  ${stageText(line.stage)}`;
    case "end":
      return `\n${ENDINGS[line.outcome]}: ${line.detail}${line.outcome === "answered" ? ` (${line.replies} ${line.replies === 1 ? "reply" : "replies"})` : ""}`;
  }
}

const ENDINGS: Record<(SimulatedLine & { kind: "end" })["outcome"], string> = {
  answered: "Answered",
  "handed-over": "Waiting for a person",
  silent: "No reply",
  timeout: "Gave up waiting",
  failed: "Failed",
};

const time = (at: string): string => at.slice(11, 23);
const INDENT = " ".repeat(14);

function stageText({ ms, detail }: FlowStage): string {
  const took = ms === null ? "" : ms < 1_000 ? `${Math.max(0, Math.round(ms))} ms` : `${(ms / 1000).toFixed(1)} s`;
  return [took, detail].filter(Boolean).join(" · ");
}
