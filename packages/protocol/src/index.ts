// What is said: spaces, values, errors, Gym's results, sessions. Free of Node and gRPC; how it travels is in `./wire`.
export type { AttributeRead, CallOutcome, MethodCall } from './calls.ts';
export {
  type ErrorCode,
  type ErrorOrigin,
  GymwireError,
  type GymwireErrorOptions,
  isWireErrorCode,
  type TransportErrorCode,
  type WireErrorCode,
  wireErrorCodes,
} from './errors.ts';
export type {
  AutoresetMode,
  FinalStep,
  Frame,
  OutOfBoundsRule,
  ResetResult,
  Seed,
  StepResult,
  VectorResetOptions,
  VectorResetResult,
  VectorStepOptions,
  VectorStepResult,
} from './gym.ts';
export { nameHint, nearestName, optionsFault, shown } from './names.ts';
export { nextSequence } from './sequence.ts';
export type {
  ArgumentSpec,
  ArgumentType,
  BatchSeeding,
  BatchSpec,
  EnvSpec,
  ServerDescription,
  SessionDescription,
  SessionOptions,
  SessionSummary,
} from './session.ts';
export {
  type BoxSpace,
  box,
  type DictSpace,
  type DiscreteSpace,
  type MultiBinarySpace,
  type MultiDiscreteSpace,
  type Space,
  type TextSpace,
  type TupleSpace,
} from './space.ts';
export {
  type Foreign,
  maxDepth,
  refuseForeign,
  type Taken,
  type TakeOptions,
  takeDict,
  takeScalars,
  takeValue,
} from './take-value.ts';
export {
  arrayKind,
  copyElements,
  copyOver,
  type DType,
  dtypes,
  elementCount,
  float32,
  float64,
  isTensor,
  Scalar,
  type Tensor,
  type TensorData,
  type TypedArrayOf,
  typedArrays,
  zeros,
} from './tensor.ts';
export { integerRange, tensorFault } from './tensor-fault.ts';
export { messageOf } from './thrown.ts';
export { type Info, Tuple, type Value, type ValueDict } from './value.ts';
export { packageVersion, protocolVersion } from './version.ts';
