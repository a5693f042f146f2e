import { OnnxGraphError } from '../errors.ts';
import { topologicalOrder } from './gradients.ts';
import type { TensorExpr } from './tensor-expr.ts';
import { sizeOf } from './tensor-expr.ts';

/**
 * The plain interpreter that runtimes are checked against: one expression in float64.
 * @param feeds elements per input name
 */
export function evaluate(expr: TensorExpr, feeds: Readonly<Record<string, ArrayLike<number>>>): Float64Array {
  const values = new Map<TensorExpr, Float64Array>();
  const valueOf = (node: TensorExpr): Float64Array => values.get(node) ?? new Float64Array();
  for (const node of topologicalOrder([expr])) {
    values.set(
      node,
      node.name === undefined
        ? node.operator.evaluate(node, node.inputs.map(valueOf))
        : feedOf(node.name, node, feeds),
    );
  }
  return valueOf(expr);
}

function feedOf(
  name: string,
  node: TensorExpr,
  feeds: Readonly<Record<string, ArrayLike<number>>>,
): Float64Array {
  const feed = feeds[name];
  if (feed?.length === sizeOf(node.shape)) return Float64Array.from(feed);
  throw new OnnxGraphError(
    'SHAPE_MISMATCH',
    `input "${name}": expected ${sizeOf(node.shape)} elements, got ${feed?.length ?? 'none'}`,
  );
}
