import { actorWidths, criticWidths } from '../../initial-state.ts';
import type { LearnerOptions } from '../../learner.ts';
import { layOutNetwork, type NetworkLayout } from './parameter-layout.ts';

/** A stretch of a vector, in elements. */
export interface Stretch {
  readonly offset: number;
  readonly length: number;
}

/** Networks that have a gradient. */
export type TrainedNetwork = 'actor' | 'critic1' | 'critic2';
/** All networks of TD3. */
export type NetworkName = TrainedNetwork | 'actorTarget' | 'criticTarget1' | 'criticTarget2';

/**
 * The part of an update that a learner computes: all of it, or with one critic, on a thread of its own. The thread of
 * the first critic has the actor, too.
 */
export type Role = 'whole' | 'critic1' | 'critic2';

/** What an update is given, row by row; see `packBatch`. */
export type BatchColumn = 'input' | 'reward' | 'terminated' | 'targetNoise' | 'nextInput';

/** What the target critics say of each row, where the two are computed apart. */
export type ExchangedColumn = 'nextQ1' | 'nextQ2';

/**
 * The vector that all graphs read: the batch, and of all networks what is small. A feed costs about 2 µs, so that
 * forty of them would be as long as a small update; each graph takes one stretch of the vector instead, all of whose
 * parts it uses: onnxruntime then takes it apart in one Split.
 */
export interface UpdateVector {
  readonly length: number;
  readonly parts: Readonly<Record<NetworkName | BatchColumn | ExchangedColumn, Stretch>>;
  /** Numbers of each column in one row. */
  readonly widths: Readonly<Record<BatchColumn | ExchangedColumn, number>>;
  /** All columns of the batch. */
  readonly batch: Stretch;
  readonly graphs: Readonly<Record<GraphName, Stretch>>;
}

/** `critics` where one learner does it all; else `targets` and `critic`, with an exchange of rows between them. */
export type GraphName = 'critics' | 'targets' | 'critic' | 'policy';

/** The layouts of actor and critics; a target has its network's. */
export interface NetworkLayouts {
  readonly actor: NetworkLayout;
  readonly critic: NetworkLayout;
}

/** Returns the layouts of networks of these sizes. */
export function layOutNetworks(options: LearnerOptions): NetworkLayouts {
  return { actor: layOutNetwork(actorWidths(options)), critic: layOutNetwork(criticWidths(options)) };
}

/** Returns the layout of one network. */
export function layoutOf(name: NetworkName, { actor, critic }: NetworkLayouts): NetworkLayout {
  return name === 'actor' || name === 'actorTarget' ? actor : critic;
}

/** The names of what belongs to one critic. */
export type CriticNames = ReturnType<typeof criticsOf>[number];

/** Returns the names of the critic that comes first in a role, and those of the other one. */
export function criticsOf(role: Role) {
  const first = { online: 'critic1', target: 'criticTarget1', nextQ: 'nextQ1' } as const;
  const second = { online: 'critic2', target: 'criticTarget2', nextQ: 'nextQ2' } as const;
  return role === 'critic2' ? ([second, first] as const) : ([first, second] as const);
}

/** Returns the names of the critics that a role updates. */
export function ownCriticsOf(role: Role): readonly CriticNames[] {
  const [mine, other] = criticsOf(role);
  return role === 'whole' ? [mine, other] : [mine];
}

/** Returns the vector of a role: its parts in an order in which each graph's lie together. */
export function layOutUpdateVector(options: LearnerOptions, role: Role): UpdateVector {
  const { batchSize: rows, observationSize, actionSize } = options;
  const networks = layOutNetworks(options);
  const exchanged = role === 'whole' ? 0 : 1;
  const widths = {
    /** A one for the bias, the observation, the action. */
    input: 1 + observationSize + actionSize,
    reward: 1,
    terminated: 1,
    nextQ1: exchanged,
    nextQ2: exchanged,
    targetNoise: actionSize,
    /** A one for the bias, the next observation. */
    nextInput: 1 + observationSize,
  };
  const [mine, other] = criticsOf(role);
  const order = [
    'actor',
    mine.online,
    'input',
    'reward',
    'terminated',
    'nextQ1',
    'nextQ2',
    'targetNoise',
    'nextInput',
    'actorTarget',
    mine.target,
    other.target,
    other.online,
  ] as const;
  let length = 0;
  const places = order.map((name) => {
    const size =
      name in widths
        ? rows * widths[name as BatchColumn]
        : layoutOf(name as NetworkName, networks).smallLength;
    length += size;
    return [name, { offset: length - size, length: size }] as const;
  });
  const parts = Object.fromEntries(places) as UpdateVector['parts'];
  const spanning = (first: keyof typeof parts, last: keyof typeof parts): Stretch => {
    const { offset } = parts[first];
    return { offset, length: parts[last].offset + parts[last].length - offset };
  };
  const graphs = {
    critics: spanning(mine.online, other.online),
    targets: spanning('targetNoise', mine.target),
    critic: spanning(mine.online, 'nextQ2'),
    policy: spanning('actor', 'input'),
  };
  return { length, parts, widths, batch: spanning('input', 'nextInput'), graphs };
}
