/** `simulate`: plays a customer on a sandbox phone of the running server and prints the conversation as it happens. */
import { loadConfig } from "../config/env";
import { fail } from "../core/errors";
import type { FlowStage } from "../events/catalog";
import type { SimulatedLine } from "../http/simulate";
import { type Command, readArguments } from "./command";
import { callControl, linesOf } from "./control-client";

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
    for await (const line of linesOf<SimulatedLine>(response)) {
      console.log(show(line));
      if (line.kind === "end") return line.outcome === "timeout" || line.outcome === "failed" ? 1 : 0;
    }
    throw fail("control.not-running", {
      message: "The server ended before the customer had an answer. It answers when it runs again.",
    });
  },
};

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
