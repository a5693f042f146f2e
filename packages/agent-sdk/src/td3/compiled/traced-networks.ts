import {
  concat,
  constant,
  gemm,
  gradients,
  input,
  relu,
  reshape,
  slice,
  type TensorExpr,
  tanh,
} from '@gymwire/onnx-graph';
import type { LayerPlace, ParameterLayout, TensorPlace } from './parameter-layout.ts';

interface TracedLayer {
  /** [outputs, inputs] */
  readonly weight: TensorExpr;
  /** [1, outputs] */
  readonly bias: TensorExpr;
}

/** A network's parameters as expressions. */
export interface TracedNetwork {
  /** [inputs + 1, outputs]: the transposed weight and, behind it, the bias. */
  readonly first: TensorExpr;
  readonly others: readonly TracedLayer[];
}

/** The segments of a flat vector (parameters, a gradient or a moment), as inputs of the graph. */
export function segmentInputs(layout: ParameterLayout, name: string): TensorExpr[] {
  return layout.segments.map(({ shape }, i) => input(segmentName(name, i), shape));
}

export function segmentName(name: string, index: number): string {
  return `${name}.${index}`;
}

/** Cuts segments into the networks that lie in them. */
export function networksOf(layout: ParameterLayout, segments: readonly TensorExpr[]): TracedNetwork[] {
  const tensor = ({ segment, offset, length }: TensorPlace, shape: readonly number[]): TensorExpr => {
    const whole = segments[segment] as TensorExpr;
    return segment === 0 ? reshape(slice(whole, 1, offset, offset + length), shape) : whole;
  };
  return layout.networks.map((places) => {
    const [first, ...others] = places as [LayerPlace, ...LayerPlace[]];
    return {
      first: tensor(joined(first), [first.inputs + 1, first.outputs]),
      others: others.map(({ inputs, outputs, weight, bias }) => {
        return { weight: tensor(weight, [outputs, inputs]), bias: tensor(bias, [1, outputs]) };
      }),
    };
  });
}

function joined({ weight, bias }: LayerPlace): TensorPlace {
  return { ...weight, length: weight.length + bias.length };
}

/** The gradient of a loss with respect to networks, segment by segment. */
export function segmentGradients(
  layout: ParameterLayout,
  loss: TensorExpr,
  networks: readonly TracedNetwork[],
): TensorExpr[] {
  const tensors = networks.flatMap(({ first, others }) => [first, ...others.flatMap(bothOf)]);
  const places = layout.networks.flatMap(([first, ...others]) => [
    joined(first as LayerPlace),
    ...others.flatMap(bothOf),
  ]);
  const parts: TensorExpr[][] = layout.segments.map(() => []);
  gradients(loss, tensors).forEach((gradient, i) => {
    const { segment, length } = places[i] as TensorPlace;
    parts[segment]?.push(segment === 0 ? reshape(gradient, [1, length]) : gradient);
  });
  return parts.map((gradientsOfSegment) => concat(gradientsOfSegment, 1));
}

function bothOf<T>({ weight, bias }: { readonly weight: T; readonly bias: T }): [T, T] {
  return [weight, bias];
}

/** @param observation [rows, observationSize] @returns [rows, actionSize] within ±1 */
export function act(actor: TracedNetwork, observation: TensorExpr): TensorExpr {
  const { features, last } = hiddenLayers(actor, [observation]);
  return tanh(gemm(features, last.weight, { transB: true, bias: last.bias }));
}

/** @returns [1, rows]: a row, since a product with one column is slower than one with one row */
export function value(critic: TracedNetwork, observation: TensorExpr, action: TensorExpr): TensorExpr {
  const { features, last } = hiddenLayers(critic, [observation, action]);
  return gemm(last.weight, features, { transB: true, bias: last.bias });
}

function hiddenLayers(
  { first, others }: TracedNetwork,
  inputs: readonly TensorExpr[],
): { features: TensorExpr; last: TracedLayer } {
  const ones = constant(1, [inputs[0]?.shape[0] ?? 1, 1]);
  let features = relu(gemm(concat([...inputs, ones], 1), first));
  for (const { weight, bias } of others.slice(0, -1)) {
    features = relu(gemm(features, weight, { transB: true, bias }));
  }
  return { features, last: others[others.length - 1] as TracedLayer };
}
