/** What Humanoid and HumanoidStandup share: the arguments of their observation, the observation, the tendons. */

import type { ResolvedArguments } from '@gymwire/env';
import type { ArgumentSpec } from '@gymwire/protocol';
import type { MujocoSimulation } from '../mujoco-simulation.ts';
import { excludeCurrentPositions, flag } from './arguments.ts';
import { concatenate } from './concatenate.ts';
import { np64Array } from './numpy.ts';

export const humanoidObservationArguments: readonly ArgumentSpec[] = [
  excludeCurrentPositions,
  flag('include_cinert_in_observation', true, 'observe mass and inertia of all bodies'),
  flag('include_cvel_in_observation', true, 'observe the velocities of all bodies'),
  flag('include_qfrc_actuator_in_observation', true, 'observe the forces of the actuators'),
  flag('include_cfrc_ext_in_observation', true, 'observe the contact forces on all bodies'),
];

/** In each array the world body's row, or the six of the root joint, is left out. */
export function humanoidObservation(
  simulation: MujocoSimulation,
  args: ResolvedArguments,
): () => Float64Array<ArrayBuffer> {
  const skipped = args.bool('exclude_current_positions_from_observation') ? 2 : 0;
  const optional = (
    [
      ['cinert', 10],
      ['cvel', 6],
      ['qfrc_actuator', 6],
      ['cfrc_ext', 6],
    ] as const
  ).filter(([name]) => args.bool(`include_${name}_in_observation`));
  return () => {
    const { arrays } = simulation;
    const others = optional.map(([name, start]) => [arrays[name], start] as const);
    return concatenate([arrays.qpos, skipped], [arrays.qvel], ...others);
  };
}

export function tendons({ arrays: { ten_length, ten_velocity } }: MujocoSimulation) {
  return { tendon_length: np64Array(ten_length), tendon_velocity: np64Array(ten_velocity) };
}
