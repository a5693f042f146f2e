export { decodeModel, readModelHeader } from './decode-model.ts';
export { encodeModel } from './encode-model.ts';
export { OnnxGraphError, type OnnxGraphErrorCode } from './errors.ts';
export type * from './model.ts';
export * from './trace/index.ts';
export { unreadFields } from './unread-fields.ts';
