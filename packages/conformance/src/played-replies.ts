/**
 * Replies whose parts are decoded when a rule looks at them: a bad tensor in an info must not fail the rules about
 * observations.
 */

import { type GymwireError, isTensor, type Value } from '@gymwire/protocol';
import {
  decodeError,
  type decodeResetResult,
  decodeStepResult,
  decodeValue,
  type wire,
} from '@gymwire/protocol/wire';
import type { Counts } from './conformance-env.ts';
import { show } from './difference.ts';
import { Broken } from './verdicts.ts';

type ResetMessage = Parameters<typeof decodeResetResult>[0];
type StepMessage = Parameters<typeof decodeStepResult>[0];
type InfoMessages = ResetMessage['infos'];

export class PlayedReset {
  readonly wire: ResetMessage;

  constructor(wire: ResetMessage) {
    this.wire = wire;
  }

  get observation(): Value {
    return decodeValue(this.wire.observation, 'observation');
  }
}

export class PlayedStep {
  readonly wire: StepMessage;
  /** One an environment. */
  readonly rewards: readonly number[];
  readonly terminated: readonly boolean[];
  readonly truncated: readonly boolean[];

  /** @throws GymwireError MALFORMED when rewards or flags are not one an environment */
  constructor(wire: StepMessage, count: number) {
    const bare = {
      ...wire,
      observation: nothing,
      infos: [],
      packedInfos: [],
      finalEnvIndices: [],
      finalInfos: [],
      packedFinalInfos: [],
    };
    const { rewards, terminated, truncated } = decodeStepResult(bare, count);
    this.wire = wire;
    this.rewards = [...rewards];
    this.terminated = terminated;
    this.truncated = truncated;
  }

  get observation(): Value {
    return decodeValue(this.wire.observation, 'observation');
  }

  get finalObservation(): Value {
    return decodeValue(this.wire.finalObservation, 'final_observation');
  }
}

export class PlayedCall {
  readonly wire: wire.CallMethodResponse__Output;

  constructor(message: wire.CallMethodResponse__Output) {
    this.wire = message;
  }

  /** One an environment, in order; none where the method failed. */
  get results(): readonly Value[] {
    return this.wire.results.map((result, i) => decodeValue(result, `result[${i}]`));
  }

  get fault(): GymwireError | undefined {
    return this.wire.fault ? decodeError(this.wire.fault) : undefined;
  }
}

const nothing: NonNullable<StepMessage['observation']> = { kind: 'null', null: {} };

/** What an environment's info has under a key; undefined when it has no such key, or there is no info. */
export function infoValue(infos: InfoMessages, envIndex: number, key: string): Value | undefined {
  const info = infos.find((one) => one.envIndex === envIndex)?.info;
  const entry = info?.entries.find((one) => one.key === key);
  return entry === undefined ? undefined : decodeValue(entry.value, `info.${key}`);
}

/** An env's `step` out of its info; -1 when there is none. Whether it is an int is another rule's concern. */
export function stepInInfo(infos: InfoMessages, envIndex = 0): number {
  const step = infoValue(infos, envIndex, 'step');
  return typeof step === 'bigint' || typeof step === 'number' ? Number(step) : -1;
}

/** @throws Broken when the observation is not of the kind `counts` */
export function countsOf(observation: Value, count: number, isVector = true): Counts[] {
  const shape = isVector ? [count, 5] : [5];
  if (
    !isTensor(observation) ||
    observation.dtype !== 'float64' ||
    observation.shape.join() !== shape.join()
  ) {
    throw new Broken(`observation: expected float64 [${shape.join(', ')}], got ${show(observation)}`);
  }
  const numbers = Array.from<number | bigint, number>(observation.data as ArrayLike<number | bigint>, Number);
  return Array.from({ length: count }, (_, i) => {
    const [draw = 0, step = 0, steps = 0, resets = 0, a = 0] = numbers.slice(5 * i, 5 * i + 5);
    return { draw, step, steps, resets, a };
  });
}

/** What the only environment of a single session observed. */
export function countsOfSingle(observation: Value): Counts {
  const [counts] = countsOf(observation, 1, false);
  if (counts === undefined) throw new Broken('observation: nothing came');
  return counts;
}
