import type { Attribute, Initializer } from '../model.ts';
import { type WrittenNode, writeGraph } from './graph-writer.ts';
import { format, type TensorExpr } from './tensor-expr.ts';

/** Elements of a constant that are shown; of a longer one the first. */
const shownElements = 8;

/**
 * Returns the graph that `traceModel` writes as text for people, the same on every machine. A line an input (`in`), a
 * node (what it computes, its shape, the operator, its operands and attributes) and an output (`out`), in the order in
 * which they are computed; constants stand where they are used, one that is filled with a value as `value × [shape]`.
 * @param outputs by name, as for `traceModel`
 * @throws OnnxGraphError INVALID_MODEL as `traceModel`
 */
export function printTrace(outputs: Readonly<Record<string, TensorExpr>>): string {
  const graph = writeGraph(outputs);
  const constants = new Map(graph.initializers.map((initializer) => [initializer.name, initializer]));
  const lines = [
    ...graph.inputs.map(({ name, shape }) => `in   ${name} [${shape.join(', ')}]`),
    ...graph.nodes.map((written) => `     ${describeNode(written, constants)}`),
    ...graph.outputs.map(({ name, shape }) => `out  ${name} [${shape.join(', ')}]`),
  ];
  return `${lines.join('\n')}\n`;
}

function describeNode({ node, shape }: WrittenNode, constants: ReadonlyMap<string, Initializer>): string {
  const operands = node.inputs.map((name) => {
    const constant = constants.get(name);
    return constant === undefined ? name : describeConstant(constant);
  });
  const attributes = Object.entries(node.attributes ?? {}).map(
    ([name, value]) => `${name}: ${describeAttribute(value)}`,
  );
  const behind = attributes.length === 0 ? '' : ` {${attributes.join(', ')}}`;
  return `${node.outputs.join(', ')} ${format(shape)} = ${node.op}(${operands.join(', ')})${behind}`;
}

function describeConstant({ type, shape, data }: Initializer): string {
  const values = [...data].map(describeNumber);
  const [first = ''] = values;
  if (shape.length === 0) return first;
  const isFilled = type === 'float32' && values.length > 1 && values.every((value) => value === first);
  if (isFilled) return `${first} × ${format(shape)}`;
  const shown = values.slice(0, shownElements).join(', ');
  return values.length <= shownElements ? `[${shown}]` : `[${shown}, … of ${format(shape)}]`;
}

function describeAttribute(value: Attribute): string {
  if (typeof value === 'number' || typeof value === 'bigint') return describeNumber(value);
  if (typeof value === 'string') return JSON.stringify(value);
  return Array.isArray(value) ? `[${value.map(describeNumber).join(', ')}]` : 'a tensor';
}

/** The fewest digits that mean the same float32. */
function describeNumber(value: number | bigint): string {
  if (typeof value === 'bigint') return String(value);
  for (let digits = 1; digits <= 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === Math.fround(value)) return String(rounded);
  }
  return String(value);
}
