export {
  add,
  clip,
  div,
  isPositive,
  minimum,
  mul,
  neg,
  relu,
  sqrt,
  square,
  sub,
  tanh,
} from './elementwise.ts';
export { evaluate } from './evaluate.ts';
export { type GemmOptions, gemm, mean, sum } from './gemm.ts';
export { gradients } from './gradients.ts';
export { printTrace } from './print-trace.ts';
export { concat, reshape, slice, split } from './reshaping.ts';
export { constant, input, type Shape, stopGradient, type TensorExpr } from './tensor-expr.ts';
export { type TraceOptions, traceModel } from './trace-model.ts';
