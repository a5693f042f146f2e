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
  /** An environment's observations have other parts than those that a policy was trained on, or these in another order. */
  'OBSERVATION_STRUCTURE',
  /** A sample was asked of a replay buffer that holds nothing. */
  'REPLAY_EMPTY',
  /** The compute backend that was asked for cannot be had on this machine. */
  'BACKEND_UNAVAILABLE',
  /** Saved state that is damaged, or belongs to something else. */
  'INVALID_STATE',
  /** An environment was made otherwise than the options say, or than the one that a resumed run was started on. */
  'ENV_MISMATCH',
  /** An episode of an evaluation does not end, and nothing limits it. */
  'EPISODE_ENDLESS',
  /** Used after dispose() or close(). */
  'DISPOSED',
  /** Training ended early because the environment or the learner failed; the cause says how. */
  'TRAINING_FAILED',
  /** The networks no longer give finite numbers. */
  'TRAINING_DIVERGED',
  /** The run folder already holds a run, and resuming it was not asked for. */
  'RUN_EXISTS',
  /** Another training writes to the run folder. */
  'RUN_BUSY',
  /** `onProgress` threw or rejected; the run was saved. */
  'PROGRESS_FAILED',
  /** A callback threw or rejected, or asked for what it cannot have; the run was saved. */
  'CALLBACK_FAILED',
  /** A resumed run has other callbacks with state than those that it saved. */
  'CALLBACK_MISMATCH',
  /** Another training has taken the run over; nothing more is written. */
  'RUN_LOST',
  /** The process of a run ended without a word: a crash of native code, or it was killed. */
  'RUN_CRASHED',
  /** The run has no such policy yet. */
  'POLICY_NOT_FOUND',
  /** There is no run. */
  'RUN_NOT_FOUND',
  /** A resumed run was given options that differ from those it was started with. */
  'CONFIG_MISMATCH',
  /** A file or folder cannot be created or written. */
  'NOT_WRITABLE',
  /** No space left; what was there before is untouched. */
  'DISK_FULL',
  /** A saved file cannot be opened or read. */
  'FILE_UNREADABLE',
  /** A file that this package did not write, or of another kind. */
  'FILE_FOREIGN',
  /** A file of a format version that this package does not know. */
  'FILE_VERSION',
  /** A file that is truncated or damaged. */
  'FILE_CORRUPT',
] as const;

/** What an AgentError's `code` may be: `INVALID_OPTION`, `RUN_EXISTS`, `FILE_CORRUPT` and the like. Stable. */
export type AgentErrorCode = (typeof agentErrorCodes)[number];

/** What this package throws for faults a caller can act on: what was expected, what came, and where. */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  /** Which fault it is, for programs. */
  readonly code: AgentErrorCode;

  constructor(code: AgentErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
