/** Where in the x-y plane a robot is and how fast it goes, as Swimmer, Ant and Humanoid tell it. */
import type { ValueDict } from '@gymwire/protocol';
import type { MujocoSimulation } from '../mujoco-simulation.ts';
import { norm, np64 } from './numpy.ts';

export function planePosition({ arrays: { qpos } }: MujocoSimulation) {
  return { x_position: np64(qpos[0]), y_position: np64(qpos[1]) };
}

export function distanceFromOrigin({ arrays: { qpos } }: MujocoSimulation) {
  return { distance_from_origin: np64(norm(qpos[0], qpos[1])) };
}

export interface PlaneVelocity {
  readonly x: number;
  readonly y: number;
  readonly info: ValueDict;
}

/**
 * Advances the simulation and measures, in m/s, how a point moved.
 * @param point its x and y
 */
export function advanceMeasuring(
  simulation: MujocoSimulation,
  action: Float32Array,
  point: () => readonly [number, number],
): PlaneVelocity {
  const [xBefore, yBefore] = point();
  simulation.advance(action);
  const [xAfter, yAfter] = point();
  const x = (xAfter - xBefore) / simulation.timeStep;
  const y = (yAfter - yBefore) / simulation.timeStep;
  return { x, y, info: { x_velocity: np64(x), y_velocity: np64(y) } };
}
