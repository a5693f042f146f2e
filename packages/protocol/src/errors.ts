import { status } from '@grpc/grpc-js';

/** Wire codes (error.proto) and the gRPC status that carries each. Codes are stable; messages are not. */
export const wireErrorStatus = {
  VERSION_MISMATCH: status.FAILED_PRECONDITION,
  UNKNOWN_ENV: status.NOT_FOUND,
  UNKNOWN_ARGUMENT: status.INVALID_ARGUMENT,
  INVALID_ARGUMENT: status.INVALID_ARGUMENT,
  CAPACITY: status.RESOURCE_EXHAUSTED,
  SESSION_GONE: status.NOT_FOUND,
  SESSION_BUSY: status.FAILED_PRECONDITION,
  NOT_RESET: status.FAILED_PRECONDITION,
  BAD_ACTION: status.INVALID_ARGUMENT,
  NON_FINITE_ACTION: status.INVALID_ARGUMENT,
  ACTION_OUT_OF_BOUNDS: status.OUT_OF_RANGE,
  BAD_SEQUENCE: status.FAILED_PRECONDITION,
  ENV_FAILED: status.ABORTED,
  NON_FINITE_OBSERVATION: status.DATA_LOSS,
  UNSUPPORTED: status.UNIMPLEMENTED,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  SHUTTING_DOWN: status.UNAVAILABLE,
  MALFORMED: status.INVALID_ARGUMENT,
  INTERNAL: status.INTERNAL,
} as const satisfies Record<string, status>;

export type WireErrorCode = keyof typeof wireErrorStatus;

/** What only a client can see: the call itself failed, so no server gave a reason. */
export type TransportErrorCode =
  /** Nobody answers at the address, or the connection was lost. */
  | 'SERVER_UNAVAILABLE'
  /** The server did not answer within the call's deadline. */
  | 'DEADLINE_EXCEEDED'
  /** The call was cancelled on this side. */
  | 'CANCELLED'
  /** Something answered that does not speak gymwire. */
  | 'NOT_GYMWIRE'
  /** One side wants TLS and the other does not, or one side's certificate does not satisfy the other. */
  | 'TLS_FAILED'
  /** The session and its episodes are gone; a new one took its place, whose environments must be reset. */
  | 'EPISODE_LOST';

export type ErrorCode = WireErrorCode | TransportErrorCode;

export function isWireErrorCode(code: string): code is WireErrorCode {
  return Object.hasOwn(wireErrorStatus, code);
}

/** An error with a stable code. `message` says what was expected, what came, and where. */
export class GymwireError extends Error {
  readonly code: ErrorCode;
  /** Machine-readable particulars, as strings. */
  readonly details: Readonly<Record<string, string>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: Readonly<Record<string, string>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'GymwireError';
    this.code = code;
    this.details = options.details ?? {};
  }
}
