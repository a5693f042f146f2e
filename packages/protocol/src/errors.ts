/** Wire codes (error.proto). Codes are stable; messages are not. */
export const wireErrorCodes = [
  'VERSION_MISMATCH',
  'UNKNOWN_ENV',
  'UNKNOWN_ARGUMENT',
  'INVALID_ARGUMENT',
  'CAPACITY',
  'SESSION_GONE',
  'SESSION_BUSY',
  'NOT_RESET',
  'BAD_ACTION',
  'NON_FINITE_ACTION',
  'ACTION_OUT_OF_BOUNDS',
  'BAD_SEQUENCE',
  'ENV_FAILED',
  'NON_FINITE_OBSERVATION',
  'UNSUPPORTED',
  'UNAUTHENTICATED',
  'SHUTTING_DOWN',
  'MALFORMED',
  'INTERNAL',
] as const;

export type WireErrorCode = (typeof wireErrorCodes)[number];

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
  return wireErrorCodes.some((known) => known === code);
}

/** Who says that something failed. The same code may mean another thing, and ask for another remedy, from each of them. */
export type ErrorOrigin =
  /** The gymwire peer: the error came as a message of the protocol. */
  | 'peer'
  /** The way there: the connection, a proxy, gRPC itself, a deadline, or an answer that is none of the protocol's. */
  | 'transport'
  /** This side. */
  | 'local';

export interface GymwireErrorOptions {
  /** Default: none. */
  readonly details?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
  /** Default: `local`. */
  readonly origin?: ErrorOrigin;
}

/** An error with a stable code. `message` says what was expected, what came, and where. */
export class GymwireError extends Error {
  readonly code: ErrorCode;
  /** Decide by this and the code, never by the message's words. */
  readonly origin: ErrorOrigin;
  /** Machine-readable particulars, as strings. */
  readonly details: Readonly<Record<string, string>>;

  constructor(code: ErrorCode, message: string, options: GymwireErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'GymwireError';
    this.code = code;
    this.origin = options.origin ?? 'local';
    this.details = options.details ?? {};
  }
}
