/** A server under load: started fresh, asked afterwards whether it really kept what it accepted, stopped. */
import type { Subprocess } from "bun";

export interface Target {
  name: string;
  start(): Promise<RunningTarget>;
}

export interface RunningTarget {
  pid: number;
  port: number;
  path: string;
  /** Returns the processor time once all work behind the answers is done, in microseconds. */
  settled(): Promise<number>;
  /** Stops it, and throws unless exactly these messages (wamid to text) were kept, each once. */
  finish(expected: ReadonlyMap<string, string>): Promise<void>;
}

/** What every target is given: the numbers and secrets that the traffic uses. */
export const IDENTITY = {
  appSecret: "bench-app-secret-0123456789abcdef",
  phoneNumberId: "106540352242922",
  businessAccountId: "102290129340398",
} as const;

/** The first JSON line a child prints. */
export async function firstJson<T>(child: Subprocess<"ignore", "pipe", "inherit">): Promise<T> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of child.stdout) {
    text += decoder.decode(chunk, { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return JSON.parse(text.slice(0, end)) as T;
  }
  throw new Error("The process ended without saying where it listens.");
}
