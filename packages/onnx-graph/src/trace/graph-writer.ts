import { OnnxGraphError } from '../errors.ts';
import type { Attribute, GraphNode, Initializer, ValueInfo } from '../model.ts';
import { topologicalOrder } from './gradients.ts';
import type { Shape, TensorExpr } from './tensor-expr.ts';
import { sameShape } from './tensor-expr.ts';

/** A node as it is written, and the shape of what it computes. */
export interface WrittenNode {
  readonly node: GraphNode;
  readonly shape: Shape;
}

/** What expressions become in a model. */
export interface WrittenGraph {
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly WrittenNode[];
  readonly initializers: readonly Initializer[];
}

/**
 * Writes expressions down as nodes. Only what an output needs is written, and equal subexpressions are written once;
 * inputs come in the order of their first use.
 * @param outputs by name
 * @throws OnnxGraphError INVALID_MODEL for a name that stands for two values
 */
export function writeGraph(outputs: Readonly<Record<string, TensorExpr>>): WrittenGraph {
  const writer = new GraphWriter(new Set(Object.keys(outputs)));
  for (const expr of topologicalOrder(Object.values(outputs))) writer.write(expr);
  for (const [name, expr] of Object.entries(outputs)) writer.nameOutput(name, expr);
  return {
    inputs: writer.inputs,
    outputs: Object.entries(outputs).map(([name, { shape }]) => ({ name, type: 'float32', shape })),
    nodes: writer.nodes(),
    initializers: writer.initializers,
  };
}

class GraphWriter {
  readonly inputs: ValueInfo[] = [];
  readonly initializers: Initializer[] = [];
  readonly #reserved: ReadonlySet<string>;
  readonly #nodes: WrittenNode[] = [];
  /** The value that holds an expression. */
  readonly #values = new Map<TensorExpr, string>();
  /** Values by what they are made of: equal keys, equal values. */
  readonly #known = new Map<string, string>();
  /** Values that nodes produce, and so may be renamed to an output. */
  readonly #renamed = new Map<string, string>();

  constructor(reserved: ReadonlySet<string>) {
    this.#reserved = reserved;
  }

  write(expr: TensorExpr): void {
    const operands = expr.inputs.map((operand) => this.#valueOf(operand));
    this.#values.set(expr, this.#place(expr, operands));
  }

  nameOutput(name: string, expr: TensorExpr): void {
    const value = this.#valueOf(expr);
    if (this.#renamed.get(value) === value) this.#renamed.set(value, name);
    else {
      const node = { name: `Identity:${name}`, op: 'Identity', inputs: [value], outputs: [name] };
      this.#nodes.push({ node, shape: expr.shape });
    }
  }

  nodes(): WrittenNode[] {
    const final = (value: string): string => this.#renamed.get(value) ?? value;
    return this.#nodes.map(({ node, shape }) => ({
      node: { ...node, inputs: node.inputs.map(final), outputs: node.outputs.map(final) },
      shape,
    }));
  }

  #place(expr: TensorExpr, operands: readonly string[]): string {
    const { operator, shape } = expr;
    if (expr.name !== undefined) return this.#input(expr.name, shape);
    if (expr.data !== undefined) {
      const data = Float32Array.from(expr.data);
      return this.#constant('float32', shape, data);
    }
    if (operator.onnxName === '') return operands[0] ?? '';
    const integers = expr.integerOperands.map((values) =>
      this.#constant('int64', [values.length], BigInt64Array.from(values, BigInt)),
    );
    return this.#node(operator.onnxName, [...operands, ...integers], expr.attributes, shape);
  }

  #node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>>,
    shape: Shape,
  ): string {
    const key = `${op}(${inputs.join()})${JSON.stringify(attributes, (_key, value: unknown) =>
      typeof value === 'bigint' ? `${value}n` : value,
    )}`;
    return this.#once(key, () => {
      const value = `${op}:${this.#nodes.length}`;
      const extra = Object.keys(attributes).length === 0 ? {} : { attributes };
      this.#nodes.push({ node: { name: value, op, inputs, outputs: [value], ...extra }, shape });
      this.#renamed.set(value, value);
      return value;
    });
  }

  #constant(type: 'float32' | 'int64', shape: readonly number[], data: Float32Array | BigInt64Array): string {
    return this.#once(`${type}[${shape.join()}]:${data.join()}`, () => {
      const name = `constant:${this.initializers.length}`;
      this.initializers.push({ name, type, shape, data });
      return name;
    });
  }

  #input(name: string, shape: readonly number[]): string {
    if (this.#reserved.has(name)) {
      throw new OnnxGraphError('INVALID_MODEL', `"${name}" names an input and an output`);
    }
    const before = this.inputs.find((value) => value.name === name);
    if (before === undefined) this.inputs.push({ name, type: 'float32', shape });
    else if (!sameShape(before.shape.map(Number), shape)) {
      throw new OnnxGraphError('INVALID_MODEL', `input "${name}" is used with two shapes`);
    }
    return name;
  }

  #once(key: string, make: () => string): string {
    const value = this.#known.get(key) ?? make();
    this.#known.set(key, value);
    return value;
  }

  #valueOf(expr: TensorExpr): string {
    return this.#values.get(expr) ?? '';
  }
}
