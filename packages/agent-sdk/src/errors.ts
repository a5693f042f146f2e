/** Every `code` of an AgentError. Codes are stable: programs may compare them; messages may change. */
export const agentErrorCodes = [
  /** An option is missing, unknown or out of range. */
  'INVALID_OPTION',
  /** An array's length does not fit the sizes it is used with. */
  'SHAPE_MISMATCH',
  /** NaN or an infinity where only finite numbers make sense. */
  'NON_FINITE_VALUE',
  /** TD3 needs finite action bounds with low < high in every dimension. */
  'INVALID_ACTION_BOUNDS',
  /** An observation or action space that this package cannot flatten. */
  'UNSUPPORTED_SPACE',
  /** A sample was asked of a replay buffer that holds nothing. */
  'REPLAY_EMPTY',
  /** The compute backend that was asked for cannot be had on this machine. */
  'BACKEND_UNAVAILABLE',
  /** Saved state that is damaged, or belongs to something else. */
  'INVALID_STATE',
  /** Used after dispose() or close(). */
  'DISPOSED',
] as const;

export type AgentErrorCode = (typeof agentErrorCodes)[number];

/** What this package throws for faults a caller can act on: what was expected, what came, and where. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
