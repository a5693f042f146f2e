import type { ResolvedArguments } from '@gymwire/env';
import type { ArgumentSpec } from '@gymwire/protocol';
import type { CameraSettings } from '../../scene/camera-settings.ts';
import type { TaskRules } from '../mujoco-env.ts';
import type { MujocoSimulation } from '../mujoco-simulation.ts';

/** One of Gymnasium's MuJoCo tasks: what Gymnasium registers, and the rules. */
export interface GymnasiumTask {
  readonly id: string;
  readonly description: string;
  /** In assets/gymnasium. */
  readonly modelFile: string;
  readonly maxEpisodeSteps: number;
  readonly rewardThreshold?: number;
  /** Gymnasium's: environment steps a simulated second, rounded. */
  readonly renderFps: number;
  /** Gymnasium's DEFAULT_CAMERA_CONFIG, for models without a camera that follows the robot. */
  readonly camera?: CameraSettings;
  /** `frame_skip` is among them. */
  readonly arguments: readonly ArgumentSpec[];
  readonly rules: (simulation: MujocoSimulation, args: ResolvedArguments) => TaskRules;
}
