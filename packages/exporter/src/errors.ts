/** Every `code` of an ExporterError. Codes are stable: programs may compare them; messages may change. */
export const exporterErrorCodes = [
  /** A field of the snapshot is missing or makes no sense. */
  'INVALID_SNAPSHOT',
  /** Metadata that the caller wants in the file is no text. */
  'INVALID_USER_METADATA',
  /** Arrays of the snapshot do not fit each other. */
  'SHAPE_MISMATCH',
  /** NaN or an infinity in the snapshot's weights or normaliser. */
  'NON_FINITE_VALUE',
  /** Action bounds must be finite with low < high in every dimension. */
  'INVALID_ACTION_BOUNDS',
  /** float32 rounding alone moves this actor's actions by more than the parity tolerance. */
  'ILL_CONDITIONED',
  /** ONNX Runtime and the float64 reference differ by more than the parity tolerance. */
  'PARITY_FAILED',
  /** An action of the exported graph lies outside its bounds. */
  'ACTION_OUT_OF_BOUNDS',
  /** ONNX Runtime answers an observation that is not finite with an action, or lets it spoil others of its batch. */
  'UNGUARDED',
  /** The file cannot be read. */
  'UNREADABLE_FILE',
  /** The file cannot be written there; what stood there before is intact. */
  'UNWRITABLE_FILE',
  /** No space is left for the file; what stood there before is intact. */
  'DISK_FULL',
  /** No complete ONNX model. */
  'NOT_ONNX',
  /** An ONNX model that this package did not write. */
  'FOREIGN_MODEL',
  /** Written in a format version that this package does not know. */
  'UNSUPPORTED_FORMAT',
  /** The weights are not those that were exported. */
  'CORRUPT_WEIGHTS',
  /** Anything else in the file is not what was exported. */
  'CORRUPT_MODEL',
  /** Another tool made a model of its own of an exported policy: optimised, quantised, converted. */
  'DERIVED_MODEL',
  /** The metadata does not follow its schema, or contradicts the graph. */
  'INVALID_METADATA',
  /** The graph is not the one that the format prescribes. */
  'UNEXPECTED_GRAPH',
  /** ONNX Runtime refused to load or to run the model. */
  'RUNTIME_FAILED',
  /** ONNX Runtime does not reproduce the actions recorded in the file. */
  'GOLDEN_MISMATCH',
  /** An observation of the wrong size. */
  'OBSERVATION_SIZE',
  /** An observation that is not of the policy's layout: a key is missing, a dictionary is a list … */
  'OBSERVATION_STRUCTURE',
  /** A number that its part of the observation cannot hold: 0.5 where whole numbers are, text. */
  'OBSERVATION_VALUE',
  /** NaN or an infinity in an observation. */
  'NON_FINITE_OBSERVATION',
  /** A finite observation so large that float32 may overflow on the way to the action. */
  'OBSERVATION_TOO_LARGE',
  /** Used after dispose(). */
  'DISPOSED',
] as const;

/** What an ExporterError's `code` may be. Stable. */
export type ExporterErrorCode = (typeof exporterErrorCodes)[number];

/** What this package throws: what was expected, what came, and where. */
export class ExporterError extends Error {
  override readonly name = 'ExporterError';
  readonly code: ExporterErrorCode;

  constructor(code: ExporterErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  // Not by its class, which another realm has too.
  const hasMessage = typeof thrown === 'object' && thrown !== null && 'message' in thrown;
  return hasMessage ? String(thrown.message) : String(thrown);
}

/** "ENOENT" and the like, where the operating system gave one. */
export function systemCodeOf(cause: unknown): unknown {
  // Not by its class: Node's errors are of another realm where a test runner has one of its own.
  return typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
}
