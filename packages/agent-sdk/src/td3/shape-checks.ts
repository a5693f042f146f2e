import { AgentError } from '../errors.ts';
import { actorWidths, criticWidths, type NetworkSizes } from './initial-state.ts';
import type { Batch } from './learner.ts';
import type { LearnerState, NetworkState } from './network-state.ts';

/** The arrays of a batch and how many values each has in a row. */
export function batchRowWidths(sizes: { readonly observationSize: number; readonly actionSize: number }) {
  const { observationSize, actionSize } = sizes;
  return {
    observation: observationSize,
    action: actionSize,
    reward: 1,
    nextObservation: observationSize,
    terminated: 1,
  } as const satisfies Record<Exclude<keyof Batch, 'size'>, number>;
}

/** Checks one array. @throws AgentError SHAPE_MISMATCH when its length is not rows × width */
function checkRows(name: string, values: ArrayLike<number>, rows: number, width: number): void {
  if (values.length !== rows * width) {
    throw new AgentError(
      'SHAPE_MISMATCH',
      `${name}: expected ${rows * width} values (${rows} rows of ${width}), got ${values.length}`,
    );
  }
}

/** Checks a batch. @throws AgentError SHAPE_MISMATCH naming the array whose length does not fit `batch.size` */
export function checkBatch(
  batch: Batch,
  sizes: { readonly observationSize: number; readonly actionSize: number },
): void {
  const widths = batchRowWidths(sizes);
  for (const name of Object.keys(widths) as (keyof typeof widths)[]) {
    checkRows(`batch.${name}`, batch[name], batch.size, widths[name]);
  }
}

/** What `Learner.update` is given must fit what the learner was made for. */
export function checkUpdate(
  batch: Batch,
  targetNoise: Float32Array,
  sizes: { readonly observationSize: number; readonly actionSize: number; readonly batchSize: number },
): void {
  if (batch.size !== sizes.batchSize) {
    throw new AgentError('SHAPE_MISMATCH', `batch: expected ${sizes.batchSize} rows, got ${batch.size}`);
  }
  checkBatch(batch, sizes);
  checkRows('targetNoise', targetNoise, batch.size, sizes.actionSize);
}

/**
 * Checks a state before it is imported.
 * @throws AgentError SHAPE_MISMATCH naming the first network or moment that does not have the learner's sizes
 */
export function checkLearnerState(state: LearnerState, sizes: NetworkSizes): void {
  const forActor = actorWidths(sizes);
  const forCritic = criticWidths(sizes);
  checkNetwork('actor', state.actor, forActor);
  checkNetwork('actorTarget', state.actorTarget, forActor);
  checkNetwork('actorAdam.firstMoment', state.actorAdam.firstMoment, forActor);
  checkNetwork('actorAdam.secondMoment', state.actorAdam.secondMoment, forActor);
  for (const i of [0, 1] as const) {
    checkNetwork(`critics[${i}]`, state.critics[i], forCritic);
    checkNetwork(`criticTargets[${i}]`, state.criticTargets[i], forCritic);
    checkNetwork(`criticAdams[${i}].firstMoment`, state.criticAdams[i].firstMoment, forCritic);
    checkNetwork(`criticAdams[${i}].secondMoment`, state.criticAdams[i].secondMoment, forCritic);
  }
}

/** [inputs, …hidden, outputs], read off a network. */
export function networkWidths(network: NetworkState): readonly number[] {
  return [network[0]?.inputs ?? 0, ...network.map((layer) => layer.outputs)];
}

/** Checks a network. @throws AgentError SHAPE_MISMATCH when it or one of its arrays is not of these widths */
export function checkNetwork(name: string, network: NetworkState, widths: readonly number[]): void {
  const found = networkWidths(network);
  if (found.join('-') !== widths.join('-')) {
    throw new AgentError(
      'SHAPE_MISMATCH',
      `${name}: expected layers ${widths.join('-')}, got ${found.join('-')}`,
    );
  }
  network.forEach((layer, i) => {
    const inputs = widths[i];
    if (layer.inputs !== inputs) {
      throw new AgentError('SHAPE_MISMATCH', `${name}[${i}]: expected ${inputs} inputs, got ${layer.inputs}`);
    }
    checkRows(`${name}[${i}].weight`, layer.weight, layer.outputs, inputs);
    checkRows(`${name}[${i}].bias`, layer.bias, layer.outputs, 1);
  });
}
