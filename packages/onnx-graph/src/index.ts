// Models as ONNX files. Expressions that become models are in `./trace`.
export { decodeModel, readModelHeader } from './decode-model.ts';
export { encodeModel } from './encode-model.ts';
export { OnnxGraphError, type OnnxGraphErrorCode } from './errors.ts';
export type {
  Attribute,
  ElementArray,
  ElementType,
  GraphNode,
  HeaderValue,
  Initializer,
  ModelHeader,
  OnnxModel,
  ValueInfo,
} from './model.ts';
export { unreadFields } from './unread-fields.ts';
