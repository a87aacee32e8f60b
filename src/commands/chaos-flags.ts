/** `serve --chaos NAME=VALUE ...`: the sandbox's knobs from the command line. */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { ChaosSettings } from "../channels/whatsapp/sandbox/chaos";
import { fail } from "../core/errors";
import { readArguments } from "./command";

const Knobs = Type.Partial(ChaosSettings);

/** The knobs named in the arguments. Throws `config.invalid` with the names there are. */
export function readChaos(args: string[]): Partial<ChaosSettings> {
  const { values } = readArguments({ args, options: { chaos: { type: "string", multiple: true } } });
  const given = Object.fromEntries((values.chaos ?? []).map((one) => [one.split("=")[0] ?? "", one.slice(one.indexOf("=") + 1)]));
  const knobs: unknown = Value.Convert(Knobs, given);
  if (Value.Check(Knobs, knobs)) return knobs;
  const wrong = [...Value.Errors(Knobs, knobs)].map(({ path }) => path.slice(1));
  throw fail("config.invalid", {
    message: `--chaos ${[...new Set(wrong)].join(", ")} is not valid. Knobs: ${Object.keys(ChaosSettings.properties).join(", ")}. Example: --chaos duplicates=0.2 --chaos fault=503`,
  });
}
