/** The page: simulators without Node. Model and WebAssembly come from the program that serves it, and results go there. */
import { resolveArguments } from '@gymwire/env/host';
import { messageOf } from '@gymwire/protocol';
import {
  classicEnvs,
  createGymnasiumSimulation,
  createMujocoView,
  gymnasiumModel,
  gymnasiumTasks,
  loadMujoco,
  MujocoEngine,
} from '@gymwire/simulators/browser';
import { playSteps } from './play.ts';

const steps = 200;

function find<T extends { readonly id: string }>(list: readonly T[], id: string): T {
  const found = list.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no ${id} in this page`);
  return found;
}

async function playPendulum(): Promise<string[]> {
  const { id, arguments: specs = [], make } = find(classicEnvs, 'Pendulum-v1');
  return playSteps(await make(resolveArguments(id, specs, {})), steps);
}

async function playCheetah() {
  const task = find(gymnasiumTasks, 'HalfCheetah-v5');
  const xml = await (await fetch(`/${task.modelFile}`)).text();
  const engine = new MujocoEngine({ load: () => loadMujoco({ wasmUrl: '/mujoco.wasm' }) });
  const args = resolveArguments(task.id, task.arguments, {});
  const { env, simulation } = await createGymnasiumSimulation(engine, task, gymnasiumModel(task, xml), args);
  const played = await playSteps(env, steps);
  const view = createMujocoView(simulation.raw);
  const shapes = view.read().geoms.map(({ shape, position }) => ({ shape, position }));
  view.close();
  const { width, height, data } = await env.render();
  env.close();
  return { played, shapes, picture: { width, height, isDrawn: data.some((byte) => byte > 0) } };
}

async function playAll() {
  const { played, shapes, picture } = await playCheetah();
  return { 'Pendulum-v1': await playPendulum(), 'HalfCheetah-v5': played, shapes, picture };
}

const report = await playAll().catch((thrown: unknown) => ({ failed: messageOf(thrown) }));
await fetch('/report', { method: 'POST', body: JSON.stringify(report) });
