import type { CompiledModel } from '../mujoco/mujoco-model.ts';
import { compile } from './compile.ts';

/**
 * A model from a file, MJCF or URDF, compiled now. What it names (meshes, textures, other models) is found where
 * native MuJoCo finds it, by MuJoCo's own code: the path is to come from whoever runs the server, never from the wire.
 *
 * @throws GymwireError INVALID_ARGUMENT when the file cannot be read, or its files have more than 512 MiB together;
 *   ENV_FAILED with MuJoCo's message and line when the model is wrong
 */
export async function readMujocoModel(path: string): Promise<CompiledModel> {
  return { compiled: await compile({ name: path, source: { path } }), name: path };
}
