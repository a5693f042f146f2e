import {
  concat,
  gemm,
  gradients,
  input,
  relu,
  reshape,
  slice,
  type TensorExpr,
  tanh,
} from '@gymwire/onnx-graph/trace';
import type { LayerPlace, NetworkLayout, TensorPlace } from '../memory/parameter-layout.ts';
import type { Stretch } from '../memory/update-vector.ts';

/** The feed that a graph's stretch of the update vector is. */
export const vectorInput = 'vector';

interface TracedLayer {
  /** [outputs, inputs] */
  readonly weight: TensorExpr;
  /** [1, outputs] */
  readonly bias: TensorExpr;
}

/** A network's parameters as expressions. */
export interface TracedNetwork {
  readonly name: string;
  readonly layout: NetworkLayout;
  /** [1 + inputs, outputs]: the bias and, below it, the transposed weight. */
  readonly first: TensorExpr;
  readonly others: readonly TracedLayer[];
}

/** A matrix that lies in a graph's stretch of the update vector. */
export function vectorPart(stretch: Stretch, offset: number, shape: readonly [number, number]): TensorExpr {
  const start = offset - stretch.offset;
  const whole = input(vectorInput, [1, stretch.length]);
  return reshape(slice(whole, 1, start, start + shape[0] * shape[1]), shape);
}

/**
 * Returns a network's parameters as expressions: parts of the update vector, and a feed for each large matrix.
 * @param offset of what is small of the network, in the update vector
 */
export function traceNetwork(
  name: string,
  layout: NetworkLayout,
  stretch: Stretch,
  offset: number,
): TracedNetwork {
  const tensor = (place: TensorPlace, shape: readonly [number, number]): TensorExpr => {
    if (place.part === 'small') return vectorPart(stretch, offset + place.offset, shape);
    const index = layout.largeMatrices.findIndex((matrix) => matrix.offset === place.offset);
    return input(largeName(name, index), shape);
  };
  const [first, ...others] = layout.layers as [LayerPlace, ...LayerPlace[]];
  return {
    name,
    layout,
    // The bias is in front of the weight.
    first: tensor(first.bias, [1 + first.inputs, first.outputs]),
    others: others.map(({ inputs, outputs, weight, bias }) => {
      return { weight: tensor(weight, [outputs, inputs]), bias: tensor(bias, [1, outputs]) };
    }),
  };
}

/** The feed that a network's large matrix is, and the fetch of its gradient. */
export function largeName(network: string, index: number): string {
  return `${network}.${index}`;
}

/**
 * The gradient of a loss with respect to networks: of all that is small one vector [1, n] with `rest` behind it, and
 * each large matrix by its name.
 */
export function gradientOutputs(
  loss: TensorExpr,
  networks: readonly TracedNetwork[],
  rest: readonly TensorExpr[],
): Record<string, TensorExpr> {
  const large: Record<string, TensorExpr> = {};
  const small: TensorExpr[] = [];
  const all = gradients(loss, networks.flatMap(tensorsOf));
  for (const network of networks) {
    let largeCount = 0;
    for (const place of placesOf(network.layout)) {
      const gradient = all.shift() as TensorExpr;
      if (place.part === 'large') large[`gradient.${largeName(network.name, largeCount++)}`] = gradient;
      else small.push(reshape(gradient, [1, place.length]));
    }
  }
  return { gradient: concat([...small, ...rest], 1), ...large };
}

function tensorsOf({ first, others }: TracedNetwork): TensorExpr[] {
  return [first, ...others.flatMap(({ weight, bias }) => [weight, bias])];
}

/** The places of a network's tensors, in the order of `tensorsOf`. */
function placesOf({ layers }: NetworkLayout): TensorPlace[] {
  const [first, ...others] = layers as [LayerPlace, ...LayerPlace[]];
  const { bias, weight } = first;
  return [
    { ...bias, length: bias.length + weight.length },
    ...others.flatMap((layer) => [layer.weight, layer.bias]),
  ];
}

/**
 * Returns the actor's actions, [rows, actionSize] within ±1.
 * @param inputs [rows, 1 + observationSize], ones in front
 */
export function act(actor: TracedNetwork, inputs: TensorExpr): TensorExpr {
  const { features, last } = hiddenLayers(actor, inputs);
  return tanh(gemm(features, last.weight, { transB: true, bias: last.bias }));
}

/**
 * Returns the critic's values, [1, rows]: a row, since a product with one column is slower than one with one row.
 * @param inputs [rows, 1 + observationSize + actionSize], ones in front
 */
export function value(critic: TracedNetwork, inputs: TensorExpr): TensorExpr {
  const { features, last } = hiddenLayers(critic, inputs);
  return gemm(last.weight, features, { transB: true, bias: last.bias });
}

function hiddenLayers(
  { first, others }: TracedNetwork,
  inputs: TensorExpr,
): { features: TensorExpr; last: TracedLayer } {
  let features = relu(gemm(inputs, first));
  for (const { weight, bias } of others.slice(0, -1)) {
    features = relu(gemm(features, weight, { transB: true, bias }));
  }
  return { features, last: others[others.length - 1] };
}
