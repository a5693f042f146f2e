import { frameSkip, weight } from './arguments.ts';
import { concatenate } from './concatenate.ts';
import type { GymnasiumTask } from './gymnasium-task.ts';
import { norm, np32, np64, weightedSquares32 } from './numpy.ts';
import { addUniform } from './state-noise.ts';

/** The target lies within this distance of the arm's base, m. */
const REACH = 0.2;

export const reacher: GymnasiumTask = {
  id: 'Reacher-v5',
  description: 'A flat arm of two joints: bring its fingertip to a target.',
  modelFile: 'reacher.xml',
  maxEpisodeSteps: 50,
  rewardThreshold: -3.75,
  renderFps: 50,
  arguments: [
    frameSkip(2),
    weight('reward_dist_weight', 1, 'cost of the distance to the target, 1/m'),
    weight('reward_control_weight', 1, 'cost of squared controls'),
  ],
  rules(simulation, args) {
    const distanceWeight = args.number('reward_dist_weight');
    const controlWeight = args.number('reward_control_weight');
    const fingertip = 3 * simulation.model.idOf('body', 'fingertip');
    const target = 3 * simulation.model.idOf('body', 'target');
    const toTarget = () => {
      const { xpos } = simulation.arrays;
      return [0, 1, 2].map((i) => xpos[fingertip + i] - xpos[target + i]) as [number, number, number];
    };
    return {
      /** Draws all positions, then targets until one is in reach, then all velocities; the target does not move. */
      start({ random }) {
        const { qpos, qvel } = simulation.arrays;
        addUniform(qpos, random, 0.1);
        let goal: [number, number];
        do goal = [random.uniform(-REACH, REACH), random.uniform(-REACH, REACH)];
        while (norm(...goal) >= REACH);
        qpos.set(goal, qpos.length - 2);
        addUniform(qvel, random, 0.005);
        qvel.fill(0, -2);
      },
      observe() {
        const { qpos, qvel } = simulation.arrays;
        return concatenate(
          [qpos.map(Math.cos), 0, 2],
          [qpos.map(Math.sin), 0, 2],
          [qpos, 2],
          [qvel, 0, 2],
          [toTarget(), 0, 2],
        );
      },
      startInfo: () => ({}),
      step(action) {
        simulation.advance(action);
        const distance = -norm(...toTarget()) * distanceWeight;
        const control = -weightedSquares32(controlWeight, action);
        return {
          reward: distance + control,
          terminated: false,
          info: { reward_dist: np64(distance), reward_ctrl: np32(control) },
        };
      },
    };
  },
};
