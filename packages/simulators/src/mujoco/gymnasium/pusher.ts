import { frameSkip, weight } from './arguments.ts';
import { concatenate } from './concatenate.ts';
import type { GymnasiumTask } from './gymnasium-task.ts';
import { norm, np32, np64, weightedSquares32 } from './numpy.ts';
import { addUniform } from './state-noise.ts';

/** The object starts at least this far from the goal, m. */
const LEAST_DISTANCE = 0.17;
const ARM_JOINTS = 7;

export const pusher: GymnasiumTask = {
  id: 'Pusher-v5',
  description: 'An arm of seven joints: push a cylinder to a goal.',
  modelFile: 'pusher_v5.xml',
  maxEpisodeSteps: 100,
  rewardThreshold: 0,
  renderFps: 20,
  camera: { distance: 4 },
  arguments: [
    frameSkip(5),
    weight('reward_near_weight', 0.5, 'cost of the distance from fingertip to object, 1/m'),
    weight('reward_dist_weight', 1, 'cost of the distance from object to goal, 1/m'),
    weight('reward_control_weight', 0.1, 'cost of squared controls'),
  ],
  rules(simulation, args) {
    const nearWeight = args.number('reward_near_weight');
    const distanceWeight = args.number('reward_dist_weight');
    const controlWeight = args.number('reward_control_weight');
    const fingertip = 3 * simulation.model.idOf('body', 'tips_arm');
    const object = 3 * simulation.model.idOf('body', 'object');
    const goal = 3 * simulation.model.idOf('body', 'goal');
    return {
      /** Draws places for the object until one is far from the goal, then all velocities; only the arm's are kept. */
      start({ random }) {
        const { qpos, qvel } = simulation.arrays;
        let place: [number, number];
        do place = [random.uniform(-0.3, 0), random.uniform(-0.2, 0.2)];
        while (norm(...place) <= LEAST_DISTANCE);
        qpos.set([...place, 0, 0], qpos.length - 4);
        addUniform(qvel, random, 0.005);
        qvel.fill(0, -4);
      },
      observe() {
        const { qpos, qvel, xpos } = simulation.arrays;
        return concatenate(
          [qpos, 0, ARM_JOINTS],
          [qvel, 0, ARM_JOINTS],
          [xpos, fingertip, fingertip + 3],
          [xpos, object, object + 3],
          [xpos, goal, goal + 3],
        );
      },
      startInfo: () => ({}),
      step(action) {
        simulation.advance(action);
        const { xpos } = simulation.arrays;
        const near = -between(xpos, object, fingertip) * nearWeight;
        const distance = -between(xpos, object, goal) * distanceWeight;
        const control = -weightedSquares32(controlWeight, action);
        return {
          reward: distance + control + near,
          terminated: false,
          info: { reward_dist: np64(distance), reward_ctrl: np32(control), reward_near: np64(near) },
        };
      },
    };
  },
};

/** The distance of the bodies whose coordinates start at `a` and `b`, m. */
function between(xpos: Float64Array, a: number, b: number): number {
  return norm(xpos[a] - xpos[b], xpos[a + 1] - xpos[b + 1], xpos[a + 2] - xpos[b + 2]);
}
