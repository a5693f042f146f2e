import type { EnvRegistration } from '@gymwire/env';
import { classicEnvs } from '../classic/classic-envs.ts';
import { mujocoEnvs } from './mujoco-envs.ts';

/** Gymnasium's continuous environments, the MuJoCo v5 tasks among them. */
export const builtinEnvs: readonly EnvRegistration[] = [...classicEnvs, ...mujocoEnvs];
