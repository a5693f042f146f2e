/** Reads what onnxruntime's profiler wrote. */
import { readFileSync } from 'node:fs';
import { median } from '../support/statistics.ts';

const suffix = '_kernel_time';

/** One node of a graph. */
export interface NodeTime {
  readonly name: string;
  readonly op: string;
  /** Median over all runs. */
  readonly us: number;
  /** Operations of the product, zero for other kinds. */
  readonly flops: number;
  readonly output: readonly number[];
}

type Shapes = readonly Readonly<Record<string, readonly number[]>>[];

interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** µs */
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly input_type_shape?: Shapes;
    readonly output_type_shape?: Shapes;
  };
}

/** @param file a profile of many runs of one graph */
export function readNodeTimes(file: string): NodeTime[] {
  const events = JSON.parse(readFileSync(file, 'utf8')) as ProfileEvent[];
  const runs = new Map<string, ProfileEvent[]>();
  for (const event of events) {
    if (event.cat !== 'Node' || !event.name.endsWith(suffix)) continue;
    const name = event.name.slice(0, -suffix.length);
    const known = runs.get(name);
    if (known === undefined) runs.set(name, [event]);
    else known.push(event);
  }
  return [...runs].map(([name, kernels]) => {
    const { op_name: op = '?', input_type_shape: inputs, output_type_shape: outputs } = kernels[0].args ?? {};
    const output = firstShape(outputs);
    const isProduct = op.endsWith('Gemm') || op.endsWith('MatMul');
    // Of [m, k] or its transpose and [m, n]: 2·m·k·n.
    const flops = isProduct ? (2 * size(output) * size(firstShape(inputs))) / output[0] : 0;
    return { name, op, us: median(kernels.map(({ dur }) => dur)), flops, output };
  });
}

function firstShape(shapes: Shapes | undefined): readonly number[] {
  return Object.values(shapes?.[0] ?? {})[0] ?? [];
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
