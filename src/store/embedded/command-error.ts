/** A failure as MongoDB reports it: code, codeName, sentence, extra fields. Everything the engine refuses is one of these. */
import { Doc, type Value } from "./bson/value";

/** Codes and names of MongoDB's `error_codes.yml` that the engine uses. */
export const CODES = {
  InternalError: 1,
  BadValue: 2,
  NoSuchKey: 4,
  GraphContainsCycle: 5,
  HostUnreachable: 6,
  FailedToParse: 9,
  Unauthorized: 13,
  TypeMismatch: 14,
  Overflow: 15,
  InvalidLength: 16,
  ProtocolError: 17,
  AuthenticationFailed: 18,
  IllegalOperation: 20,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  InvalidDBRef: 55,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  ShutdownInProgress: 91,
  OperationFailed: 96,
  WriteConflict: 112,
  CommandNotSupported: 115,
  DocumentValidationFailure: 121,
  CommandNotSupportedOnView: 166,
  OptionNotSupportedOnView: 167,
  InvalidPipelineOperator: 168,
  CannotIndexParallelArrays: 171,
  InvalidIndexSpecificationOption: 197,
  TransactionTooOld: 225,
  NotImplemented: 238,
  SnapshotUnavailable: 246,
  NoSuchTransaction: 251,
  TransactionCommitted: 256,
  OperationNotSupportedInTransaction: 263,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  NoQueryExecutionPlans: 291,
  UnknownReplWriteConcern: 79,
  UnsatisfiableWriteConcern: 100,
  QueryPlanKilled: 175,
  SearchNotEnabled: 31082,
  OutOfDiskSpace: 14031,
  DuplicateKey: 11000,
  ViewDepthLimitExceeded: 165,
  BSONObjectTooLarge: 10334,
} as const;

export type CodeName = keyof typeof CODES;

export class CommandError extends Error {
  readonly code: number;
  readonly codeName: string;
  /** Further fields of the reply, such as keyPattern or errorLabels. */
  readonly extra: Readonly<Record<string, Value>>;

  constructor(code: number, codeName: string, message: string, extra: Record<string, Value> = {}) {
    super(message);
    this.name = "CommandError";
    this.code = code;
    this.codeName = codeName;
    this.extra = extra;
  }

  /** The error as the body of a reply with ok: 0. */
  toReply(): Doc {
    return Doc.of({ ok: 0, errmsg: this.message, code: this.code, codeName: this.codeName, ...this.extra });
  }

  /** The same error with a label added, e.g. TransientTransactionError. */
  withLabel(label: string): CommandError {
    const labels = Array.isArray(this.extra.errorLabels) ? this.extra.errorLabels : [];
    return new CommandError(this.code, this.codeName, this.message, { ...this.extra, errorLabels: [...labels, label] });
  }
}

/** An error with a name from MongoDB's table. */
export const commandError = (name: CodeName, message: string, extra?: Record<string, Value>): CommandError =>
  new CommandError(CODES[name], name, message, extra);

/** An error whose code has no name in MongoDB ("Location12345"). */
export const locationError = (code: number, message: string): CommandError => new CommandError(code, `Location${code}`, message);

export const TRANSIENT = "TransientTransactionError";
