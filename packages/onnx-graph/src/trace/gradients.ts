import { add } from './elementwise.ts';
import type { TensorExpr } from './tensor-expr.ts';
import { constant, format, invalidShape, sizeOf } from './tensor-expr.ts';

/**
 * Reverse-mode differentiation: the gradient of a loss with respect to each of `wrt`, as expressions again.
 * Any expression may stand in `wrt`, not only inputs; one that the loss does not depend on gets zeros.
 * @param loss one element
 */
export function gradients(loss: TensorExpr, wrt: readonly TensorExpr[]): TensorExpr[] {
  if (sizeOf(loss.shape) !== 1) {
    throw invalidShape(`gradients: expected a loss of one element, got ${format(loss.shape)}`);
  }
  const order = topologicalOrder([loss]);
  const active = dependents(order, wrt);
  const adjoints = new Map<TensorExpr, TensorExpr>([[loss, constant(1, loss.shape)]]);
  for (const expr of order.reverse()) {
    const upstream = adjoints.get(expr);
    if (upstream === undefined || !active.has(expr)) continue;
    expr.operator.gradients(expr, upstream).forEach((gradient, i) => {
      const operand = expr.inputs[i];
      if (gradient === undefined || operand === undefined || !active.has(operand)) return;
      const sofar = adjoints.get(operand);
      adjoints.set(operand, sofar === undefined ? gradient : add(sofar, gradient));
    });
  }
  return wrt.map((expr) => (active.has(expr) && adjoints.get(expr)) || constant(0, expr.shape));
}

/** Every expression that the roots need, operands before what uses them. */
export function topologicalOrder(roots: readonly TensorExpr[]): TensorExpr[] {
  const seen = new Set<TensorExpr>();
  const order: TensorExpr[] = [];
  const visit = (expr: TensorExpr): void => {
    if (seen.has(expr)) return;
    seen.add(expr);
    expr.inputs.forEach(visit);
    order.push(expr);
  };
  roots.forEach(visit);
  return order;
}

function dependents(order: readonly TensorExpr[], wrt: readonly TensorExpr[]): Set<TensorExpr> {
  const active = new Set(wrt);
  for (const expr of order) if (expr.inputs.some((operand) => active.has(operand))) active.add(expr);
  return active;
}
