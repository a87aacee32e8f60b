/**
 * The driver opens and ends a session of its own around every operation that is given none. The engine wants sessions
 * for transactions alone, so one that is never sent and never ended serves all of these operations.
 */
import type { mongo } from "mongoose";

export type StartSession = (options?: { explicit?: boolean }) => mongo.ClientSession;

/** Sessions that a caller asks for stay the driver's own. */
export function withImplicitSession(startSession: StartSession): StartSession {
  let shared: mongo.ClientSession | null = null;
  return (options) => {
    if (options?.explicit !== false) return startSession(options);
    shared ??= endless(startSession({ explicit: false }));
    return shared;
  };
}

function endless(session: mongo.ClientSession): mongo.ClientSession {
  // To the client it is over: closing the client has nothing to end.
  session.emit("ended", session);
  session.endSession = async () => {};
  return session;
}
