import type { ResolvedArguments } from '@gymwire/env';
import type { TaskRules } from '../mujoco-env.ts';
import type { MujocoSimulation } from '../mujoco-simulation.ts';
import { ctrlCostWeight, frameSkip, range, resetNoiseScale, weight } from './arguments.ts';
import type { GymnasiumTask } from './gymnasium-task.ts';
import { humanoidObservation, humanoidObservationArguments, tendons } from './humanoid-body.ts';
import { clip, np64, weightedSquares64 } from './numpy.ts';
import { planePosition } from './plane-motion.ts';
import { addUniformNoise } from './state-noise.ts';

export const humanoidStandup: GymnasiumTask = {
  id: 'HumanoidStandup-v5',
  description: 'A robot with arms and legs lies on the ground: stand up and stay up.',
  modelFile: 'humanoidstandup.xml',
  maxEpisodeSteps: 1000,
  renderFps: 67,
  arguments: [
    frameSkip(5),
    weight('uph_cost_weight', 1, 'Gymnasium takes it and does not use it'),
    ctrlCostWeight(0.1),
    weight('impact_cost_weight', 5e-7, 'cost of squared contact forces'),
    range('impact_cost_range', Number.NEGATIVE_INFINITY, 10, 'to which that cost is clipped'),
    resetNoiseScale(1e-2),
    ...humanoidObservationArguments,
  ],
  rules: humanoidStandupRules,
};

function humanoidStandupRules(simulation: MujocoSimulation, args: ResolvedArguments): TaskRules {
  const ctrlWeight = args.number('ctrl_cost_weight');
  const impactWeight = args.number('impact_cost_weight');
  const [minImpact, maxImpact] = args.floatList('impact_cost_range') as readonly [number, number];
  const noise = args.number('reset_noise_scale');
  const initialZ = simulation.arrays.qpos[2];
  const place = () => ({
    ...planePosition(simulation),
    z_distance_from_origin: np64(simulation.arrays.qpos[2] - initialZ),
    ...tendons(simulation),
  });
  return {
    start: ({ random }) => addUniformNoise(simulation, random, noise),
    observe: humanoidObservation(simulation, args),
    startInfo: place,
    step(action) {
      simulation.advance(action);
      const { qpos, ctrl, cfrc_ext } = simulation.arrays;
      const height = qpos[2] / simulation.model.timestep;
      const ctrlCost = weightedSquares64(ctrlWeight, ctrl);
      const impactCost = clip(weightedSquares64(impactWeight, cfrc_ext), minImpact, maxImpact);
      return {
        reward: height - ctrlCost - impactCost + 1,
        terminated: false,
        info: {
          ...place(),
          reward_linup: np64(height),
          reward_quadctrl: np64(-ctrlCost),
          reward_impact: np64(-impactCost),
        },
      };
    },
  };
}
