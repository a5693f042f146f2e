/** Initial states: the model's own plus noise, drawn in Gymnasium's order: all of qpos, then all of qvel. */
import type { RandomGenerator } from '@gymwire/env';
import type { MujocoSimulation } from '../mujoco-simulation.ts';

/** Positions and velocities uniform in ±scale around the initial ones. */
export function addUniformNoise({ arrays }: MujocoSimulation, random: RandomGenerator, scale: number): void {
  addUniform(arrays.qpos, random, scale);
  addUniform(arrays.qvel, random, scale);
}

/** Positions uniform in ±scale around the initial ones, velocities normal with deviation `scale`. */
export function addNormalNoise(
  { arrays: { qpos, qvel } }: MujocoSimulation,
  random: RandomGenerator,
  scale: number,
): void {
  addUniform(qpos, random, scale);
  for (let i = 0; i < qvel.length; i++) qvel[i] += scale * random.standardNormal();
}

export function addUniform(values: Float64Array, random: RandomGenerator, scale: number): void {
  for (let i = 0; i < values.length; i++) values[i] += random.uniform(-scale, scale);
}
