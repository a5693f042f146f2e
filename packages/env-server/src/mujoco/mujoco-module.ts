/** MuJoCo's official WebAssembly build, loaded once a thread when the first model asks for it (0.2 s, 18 MB). */
import type { MainModule } from '@mujoco/mujoco';

export type MujocoModule = MainModule;

let loading: Promise<MujocoModule> | undefined;

export function loadMujoco(): Promise<MujocoModule> {
  loading ??= load();
  return loading;
}

async function load(): Promise<MujocoModule> {
  const { default: createModule } = await import('@mujoco/mujoco');
  // Standard output belongs to the program that loads this library.
  const print = (line: string) => process.stderr.write(`MuJoCo: ${line}\n`);
  return createModule({ print, printErr: print });
}
