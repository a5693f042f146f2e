import {
  abs,
  add,
  concat,
  matMul,
  min,
  mul,
  relu,
  sqrt,
  square,
  sub,
  sum,
  type Tensor2D,
  tanh,
  tensor2d,
  tidy,
  transpose,
} from '@tensorflow/tfjs-core';
import type { RandomStream } from '../random/random-stream.ts';
import type { Batch, Learner, LearnerOptions } from '../td3/learner.ts';
import type { LearnerState, NetworkState } from '../td3/network-state.ts';
import { randomUpdate } from './learner-runs.ts';

/*
 * A relu's derivative is 0 or 1. Where its input is as small as that input's own rounding error, which of the two is up to
 * the order in which a sum was added up, and neither is wrong. Learners can be compared where that happens nowhere.
 */

/** In units of |w|·|x|, which bounds a relu's input but for its bias: eight times the rounding of one float32 operation. */
const margin = 2 ** -21;

/**
 * One update of a tfjs learner, on a batch whose rows keep every relu that has a derivative clear of its kink.
 * @returns the update's arguments, for other learners
 */
export async function updateClearOfKinks(
  learner: Learner,
  options: LearnerOptions,
  stream: RandomStream,
): Promise<[Batch, Float32Array]> {
  const before = await learner.exportState();
  const [batch, targetNoise] = randomUpdate(options, stream);
  for (;;) {
    redrawWhile(() => rowsAtKinks(before, options, batch), batch, options, stream);
    await learner.update(batch, targetNoise);
    const after = await learner.exportState();
    if (after.gradientSteps % options.policyDelay !== 0) return [batch, targetNoise];
    // The actor ascended what this very update has made of the first critic; other rows make another critic of it.
    const rows = ascentsAtKinks(before.actor, after.critics[0], options, batch);
    if (rows.length === 0) return [batch, targetNoise];
    for (const row of rows) redraw(batch, row, options, stream);
    await learner.importState(before);
  }
}

function redrawWhile(
  find: () => readonly number[],
  batch: Batch,
  options: LearnerOptions,
  stream: RandomStream,
): void {
  for (let rows = find(); rows.length > 0; rows = find()) {
    for (const row of rows) redraw(batch, row, options, stream);
  }
}

function redraw(batch: Batch, row: number, options: LearnerOptions, stream: RandomStream): void {
  const { observationSize, actionSize } = options;
  stream.fillStandardNormal(batch.observation.subarray(row * observationSize, (row + 1) * observationSize));
  const action = batch.action.subarray(row * actionSize, (row + 1) * actionSize);
  for (let i = 0; i < action.length; i++) action[i] = 2 * stream.uniform() - 1;
}

/** The rows where the actor, or a critic of what was done, has a relu at its kink. */
function rowsAtKinks(
  { actor, critics }: LearnerState,
  { observationSize, actionSize }: LearnerOptions,
  { size, observation, action }: Batch,
): number[] {
  const clearances = tidy(() => {
    const observations = tensor2d(observation, [size, observationSize]);
    const pairs = concat([observations, tensor2d(action, [size, actionSize])], 1);
    return [play(actor, observations), ...critics.map((critic) => play(critic, pairs))].map((played) =>
      played.clearance.dataSync(),
    );
  });
  return rowsWhere(size, (row) => clearances.some((clearance) => clearance[row] < 0));
}

/** The rows where the critic, of what the actor would do, has a relu at its kink. */
function ascentsAtKinks(
  actor: NetworkState,
  critic: NetworkState,
  { observationSize }: LearnerOptions,
  { size, observation }: Batch,
): number[] {
  const clearance = tidy(() => {
    const observations = tensor2d(observation, [size, observationSize]);
    const action = tanh(play(actor, observations).output);
    return play(critic, concat([observations, action], 1)).clearance.dataSync();
  });
  return rowsWhere(size, (row) => clearance[row] < 0);
}

function rowsWhere(size: number, isFound: (row: number) => boolean): number[] {
  return Array.from({ length: size }, (_, row) => row).filter(isFound);
}

/**
 * A network without its last activation.
 * @param x [n, inputs]
 * @returns output [n, outputs]; clearance [n, 1], below 0 where one of the row's relus is within the margin of its kink
 */
function play(network: NetworkState, x: Tensor2D): { output: Tensor2D; clearance: Tensor2D } {
  const clearances: Tensor2D[] = [];
  let output = x;
  for (const [i, { inputs, outputs, weight, bias }] of network.entries()) {
    const w = transpose(tensor2d(weight, [outputs, inputs]));
    const z = add<Tensor2D>(matMul<Tensor2D>(output, w), tensor2d(bias, [1, outputs]));
    if (i === network.length - 1) return { output: z, clearance: min(concat(clearances, 1), 1, true) };
    const scale = matMul(sqrt(sum(square(output), 1, true)), sqrt(sum(square(w), 0, true)));
    clearances.push(min(sub(abs(z), mul(scale, margin)), 1, true));
    output = relu(z);
  }
  throw new RangeError('expected a layer');
}
