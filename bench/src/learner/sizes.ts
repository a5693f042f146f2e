import type { LearnerOptions } from '@gymwire/agent-sdk/parts';

/** The sizes of an update, as they go to every subject (JSON). */
export interface UpdateSizes {
  readonly observationSize: number;
  readonly actionSize: number;
  readonly hiddenSizes: readonly number[];
  readonly batchSize: number;
}

export const policyDelay = 2;

export function learnerOptions(sizes: UpdateSizes): LearnerOptions {
  return {
    ...sizes,
    policyDelay,
    gamma: 0.99,
    tau: 0.005,
    targetPolicyNoise: 0.2,
    targetNoiseClip: 0.5,
    actorLearningRate: 3e-4,
    criticLearningRate: 3e-4,
  };
}

export function describeSizes({ observationSize, actionSize, hiddenSizes, batchSize }: UpdateSizes): string {
  return `obs ${observationSize}, act ${actionSize}, hidden ${hiddenSizes.join('-')}, batch ${batchSize}`;
}

/**
 * What the matrix products of an update come to, averaged over policyDelay updates; each multiply-add is two.
 * Gradients that nobody needs are left out: those of inputs, but for the action that the actor ascends along.
 */
export function flopsPerUpdate(sizes: UpdateSizes): number {
  const { observationSize, actionSize, hiddenSizes, batchSize } = sizes;
  const products = (widths: readonly number[]) =>
    widths.slice(1).map((outputs, i) => 2 * batchSize * widths[i] * outputs);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const actor = products([observationSize, ...hiddenSizes, actionSize]);
  const critic = products([observationSize + actionSize, ...hiddenSizes, 1]);
  const criticUpdate = sum(actor) + 4 * sum(critic) + 2 * (sum(critic) + sum(critic.slice(1)));
  const towardsAction = 2 * batchSize * actionSize * hiddenSizes[0];
  const policyUpdate =
    sum(actor) + sum(critic) + towardsAction + sum(critic.slice(1)) + sum(actor) + sum(actor.slice(1));
  return criticUpdate + policyUpdate / policyDelay;
}
