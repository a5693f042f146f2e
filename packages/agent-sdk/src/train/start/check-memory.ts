/** The check that a run fits into this machine, before anything is allocated: a process that runs out of memory just ends. */
import { totalmem } from 'node:os';
import { AgentError } from '../../errors.ts';
import { type ReplayBufferOptions, replayByteLength } from '../../replay/replay-buffer.ts';
import { actorWidths, criticWidths } from '../../td3/initial-state.ts';
import type { LearnerOptions } from '../../td3/learner.ts';

const bytesPerNumber = Float32Array.BYTES_PER_ELEMENT;
/** The learner's own state, and the copy that it was made from or is saved from. */
const copiesOfState = 2;
/** Activations and their gradients, of both critics. */
const copiesOfActivations = 4;

/**
 * @param runs that share the machine, this one counted
 * @throws AgentError INVALID_OPTION naming the option that takes most, how much that is, and how much there is
 */
export function checkMemory(
  learner: LearnerOptions,
  replay: ReplayBufferOptions,
  runs = 1,
  available = memoryOfMachine(),
): void {
  const parts = [
    {
      option: `hiddenSizes ${learner.hiddenSizes.join(',')}`,
      what: 'networks with Adam’s moments',
      bytes: bytesOfNetworks(learner),
    },
    { option: `batchSize ${learner.batchSize}`, what: 'batches', bytes: bytesOfBatch(learner) },
    {
      option: `bufferSize ${replay.capacity}`,
      what: 'a replay buffer for the run',
      bytes: replayByteLength(replay),
    },
  ];
  const sum = parts.reduce((bytes, part) => bytes + part.bytes, 0);
  if (sum * runs <= available) return;
  const largest = parts.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  throw new AgentError(
    'INVALID_OPTION',
    `${largest.option}: ${largest.what} would take ${gigabytes(largest.bytes)}, the whole run ${gigabytes(sum)}; ` +
      `this machine has ${gigabytes(available)}${runs === 1 ? '' : ` for ${runs} such runs at a time`}`,
  );
}

/** What a container may use, where it is told. */
function memoryOfMachine(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(totalmem(), constrained) : totalmem();
}

/** Actor and critics each have a target and two moments, and there are two critics. */
function bytesOfNetworks(learner: LearnerOptions): number {
  const numbers = 4 * parameters(actorWidths(learner)) + 8 * parameters(criticWidths(learner));
  return copiesOfState * bytesPerNumber * numbers;
}

function bytesOfBatch(learner: LearnerOptions): number {
  const { batchSize, observationSize, actionSize } = learner;
  const activations = [...actorWidths(learner), ...criticWidths(learner)].reduce(
    (sum, width) => sum + width,
    0,
  );
  const row = 2 * observationSize + actionSize + 2 + copiesOfActivations * activations;
  return bytesPerNumber * batchSize * row;
}

function parameters(widths: readonly number[]): number {
  return widths.slice(1).reduce((sum, width, i) => sum + width * (widths[i] + 1), 0);
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(bytes < 1e9 ? 3 : 1)} GB`;
}
