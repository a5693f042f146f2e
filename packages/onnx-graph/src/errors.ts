/**
 * - `CORRUPT_MODEL`: the bytes are no complete ONNX model.
 * - `UNSUPPORTED_MODEL`: a valid ONNX model that uses what this package does not cover.
 * - `INVALID_MODEL`: the model value itself is wrong (a shape that does not fit its data, a repeated name).
 * - `SHAPE_MISMATCH`: operands of a tensor expression do not fit together.
 */
export type OnnxGraphErrorCode = 'CORRUPT_MODEL' | 'UNSUPPORTED_MODEL' | 'INVALID_MODEL' | 'SHAPE_MISMATCH';

/** What this package throws; `code` is stable. */
export class OnnxGraphError extends Error {
  override readonly name = 'OnnxGraphError';
  readonly code: OnnxGraphErrorCode;

  constructor(code: OnnxGraphErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
