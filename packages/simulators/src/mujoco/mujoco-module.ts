import type { MainModule } from '@mujoco/mujoco';

/** The module @mujoco/mujoco, whose declarations do not stand up to `skipLibCheck: false` and stay out of ours. */
export type MujocoModule = MainModule;
