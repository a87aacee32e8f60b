/** What a typed call answers, unpacked: data out, ApiFailure for every other outcome. */
import { ApiFailure, type FailureEnvelope, isFailureEnvelope, unreachable, unreadable } from "./api-failure";

export interface Page<T> {
  items: T;
  /** Cursor of the next page, null on the last one. */
  next: string | null;
}

interface Envelope {
  success: true;
  data: unknown;
  page?: { next: string | null };
}

/** The part of a treaty answer that is read here. Without a `response` no connection could be made. */
interface Answer<E> {
  data: E | null;
  error: { value: unknown } | null;
  response: Response | undefined;
  status: number;
}

/** The data of an answer. Throws ApiFailure. */
export const dataOf = async <E extends Envelope>(call: Promise<Answer<E>>): Promise<E["data"]> => (await envelopeOf(call)).data;

/** The rows of a list and where its next page starts. Throws ApiFailure. */
export async function pageOf<E extends Envelope>(call: Promise<Answer<E>>): Promise<Page<E["data"]>> {
  const { data, page } = await envelopeOf(call);
  return { items: data, next: page?.next ?? null };
}

async function envelopeOf<E extends Envelope>(call: Promise<Answer<E>>): Promise<E> {
  const { data, error, response, status } = await call.catch(() => {
    // Awaited: SyntaxError for a body that says it is JSON and is not.
    throw unreadable(0);
  });
  if (error?.value instanceof ApiFailure) throw error.value;
  if (!response) throw unreachable();
  if (error) throw isFailureEnvelope(error.value) ? failureOf(error.value, status) : unreadable(status);
  if (typeof data !== "object" || data === null || !("data" in data)) throw unreadable(status);
  return data;
}

const failureOf = ({ error, code, requestId, details, exact }: FailureEnvelope, status: number): ApiFailure =>
  new ApiFailure(error, code, status, requestId, details, exact);
