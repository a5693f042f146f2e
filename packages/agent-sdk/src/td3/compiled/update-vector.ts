import { actorWidths, criticWidths } from '../initial-state.ts';
import type { LearnerOptions } from '../learner.ts';
import { layOutNetwork, type NetworkLayout } from './parameter-layout.ts';

/** A stretch of a vector, in elements. */
export interface Stretch {
  readonly offset: number;
  readonly length: number;
}

export type TrainedNetwork = 'actor' | 'critic1' | 'critic2';
export type NetworkName = TrainedNetwork | 'actorTarget' | 'criticTarget1' | 'criticTarget2';

/** What an update is given, row by row; see `packBatch`. */
export type BatchColumn = 'input' | 'targetNoise' | 'reward' | 'terminated' | 'nextInput';

/**
 * The vector that both graphs read: the batch, and of all networks what is small. A feed costs about 2 µs, so that
 * forty of them would be as long as a small update; each graph takes one stretch of the vector instead, all of whose
 * parts it uses: onnxruntime then takes it apart in one Split.
 */
export interface UpdateVector {
  readonly length: number;
  readonly parts: Readonly<Record<NetworkName | BatchColumn, Stretch>>;
  /** Of one row. */
  readonly widths: Readonly<Record<BatchColumn, number>>;
  /** All columns of the batch. */
  readonly batch: Stretch;
  readonly criticsGraph: Stretch;
  readonly policyGraph: Stretch;
}

export interface NetworkLayouts {
  readonly actor: NetworkLayout;
  readonly critic: NetworkLayout;
}

export function layOutNetworks(options: LearnerOptions): NetworkLayouts {
  return { actor: layOutNetwork(actorWidths(options)), critic: layOutNetwork(criticWidths(options)) };
}

export function layoutOf(name: NetworkName, { actor, critic }: NetworkLayouts): NetworkLayout {
  return name === 'actor' || name === 'actorTarget' ? actor : critic;
}

/** @param rows of the batch */
export function layOutUpdateVector(options: LearnerOptions, rows: number): UpdateVector {
  const { observationSize, actionSize } = options;
  const networks = layOutNetworks(options);
  const widths = {
    /** A one for the bias, the observation, the action. */
    input: 1 + observationSize + actionSize,
    targetNoise: actionSize,
    reward: 1,
    terminated: 1,
    /** A one for the bias, the next observation. */
    nextInput: 1 + observationSize,
  };
  let length = 0;
  const next = (size: number): Stretch => {
    length += size;
    return { offset: length - size, length: size };
  };
  const network = (name: NetworkName) => next(layoutOf(name, networks).smallLength);
  const column = (name: BatchColumn) => next(rows * widths[name]);
  const parts = {
    actor: network('actor'),
    critic1: network('critic1'),
    input: column('input'),
    targetNoise: column('targetNoise'),
    reward: column('reward'),
    terminated: column('terminated'),
    nextInput: column('nextInput'),
    actorTarget: network('actorTarget'),
    criticTarget1: network('criticTarget1'),
    criticTarget2: network('criticTarget2'),
    critic2: network('critic2'),
  };
  return {
    length,
    parts,
    widths,
    batch: spanning(parts.input, parts.nextInput),
    policyGraph: spanning(parts.actor, parts.input),
    criticsGraph: spanning(parts.critic1, parts.critic2),
  };
}

function spanning(first: Stretch, last: Stretch): Stretch {
  return { offset: first.offset, length: last.offset + last.length - first.offset };
}
