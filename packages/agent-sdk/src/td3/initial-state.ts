import { createRandomStream, type RandomStream } from '../random/random-stream.ts';
import type { AdamState, LearnerState, LinearLayer, NetworkState } from './network-state.ts';

/** The sizes that fix a learner's six networks. */
export interface NetworkSizes {
  readonly observationSize: number;
  readonly actionSize: number;
  readonly hiddenSizes: readonly number[];
}

/** [inputs, …hidden, outputs] of the actor. */
export function actorWidths(sizes: NetworkSizes): readonly number[] {
  return [sizes.observationSize, ...sizes.hiddenSizes, sizes.actionSize];
}

/** [inputs, …hidden, outputs] of a critic, whose input is the observation followed by the action. */
export function criticWidths(sizes: NetworkSizes): readonly number[] {
  return [sizes.observationSize + sizes.actionSize, ...sizes.hiddenSizes, 1];
}

// #region initial-state
/**
 * A learner before its first update: networks as `torch.nn.Linear` initialises them, targets equal to them
 * (TD3 steps 2 and 3), Adam at rest.
 * @param random a seed, or the stream to draw from (actor, first critic, second critic)
 */
export function createInitialState(sizes: NetworkSizes, random: number | RandomStream): LearnerState {
  const stream = typeof random === 'number' ? createRandomStream(random, 'initial-weights') : random;
  const actor = initialNetwork(actorWidths(sizes), stream);
  const critics = [
    initialNetwork(criticWidths(sizes), stream),
    initialNetwork(criticWidths(sizes), stream),
  ] as const;
  return {
    actor,
    actorTarget: mapNetwork(actor, (values) => values.slice()),
    critics,
    criticTargets: [
      mapNetwork(critics[0], (values) => values.slice()),
      mapNetwork(critics[1], (values) => values.slice()),
    ],
    actorAdam: adamAtRest(actor),
    criticAdams: [adamAtRest(critics[0]), adamAtRest(critics[1])],
    gradientSteps: 0,
  };
}
// #endregion

/** A network of the same shape whose arrays are the function's results. */
function mapNetwork(network: NetworkState, map: (values: Float32Array) => Float32Array): NetworkState {
  return network.map((layer) => ({ ...layer, weight: map(layer.weight), bias: map(layer.bias) }));
}

// #region initial-network
function initialNetwork(widths: readonly number[], stream: RandomStream): NetworkState {
  return widths.slice(1).map((outputs, i): LinearLayer => {
    const inputs = widths[i];
    // torch.nn.Linear's default: weight and bias both uniform in ±1/√fan_in.
    const bound = 1 / Math.sqrt(inputs);
    const draw = (length: number) => Float32Array.from({ length }, () => (2 * stream.uniform() - 1) * bound);
    return { inputs, outputs, weight: draw(outputs * inputs), bias: draw(outputs) };
  });
}
// #endregion

function adamAtRest(network: NetworkState): AdamState {
  const zeros = () => mapNetwork(network, (values) => new Float32Array(values.length));
  return { firstMoment: zeros(), secondMoment: zeros(), step: 0 };
}
