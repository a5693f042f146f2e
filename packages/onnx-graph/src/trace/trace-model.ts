import type { OnnxModel } from '../model.ts';
import { writeGraph } from './graph-writer.ts';
import type { TensorExpr } from './tensor-expr.ts';

/** What a model says about itself. */
export interface TraceOptions {
  readonly graphName: string;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly doc?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes expressions down as an ONNX model (opset 17, IR 8). Only what an output needs is written, and equal
 * subexpressions are written once; inputs come in the order of their first use, so one that no output needs is absent.
 * @param outputs by name
 */
export function traceModel(outputs: Readonly<Record<string, TensorExpr>>, options: TraceOptions): OnnxModel {
  const { inputs, nodes, initializers, outputs: values } = writeGraph(outputs);
  return {
    irVersion: 8,
    opset: 17,
    producerName: options.producerName,
    producerVersion: options.producerVersion,
    graphName: options.graphName,
    ...(options.doc === undefined ? {} : { doc: options.doc }),
    inputs,
    outputs: values,
    nodes: nodes.map(({ node }) => node),
    initializers,
    metadata: options.metadata ?? {},
  };
}
