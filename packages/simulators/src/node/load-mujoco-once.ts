import { loadMujoco } from '../mujoco/load-mujoco.ts';
import type { MujocoModule } from '../mujoco/mujoco-module.ts';

let loading: Promise<MujocoModule> | undefined;

/** Loads MuJoCo once a thread, when the first model asks for it. Standard output belongs to the program that loads this library. */
export function loadMujocoOnce(): Promise<MujocoModule> {
  loading ??= loadMujoco({
    print: (line) => process.stderr.write(`MuJoCo: ${line}\n`),
  }) as Promise<MujocoModule>;
  return loading;
}
