/** A MuJoCo model that cannot stand its own motor, for threads and processes that import it as it is. */
import { createMujocoEnv } from '@gymwire/simulators';

const xml = `<mujoco>
  <option timestep="0.05"/>
  <worldbody><body pos="0 0 1"><joint name="j" axis="0 1 0"/><geom size=".1"/></body></worldbody>
  <actuator><motor joint="j" gear="1e12"/></actuator>
</mujoco>`;

/** @param {string} name told in the log, once a process */
const make = (name) => () =>
  createMujocoEnv({ xml, name, observation: ({ arrays }) => arrays.qpos, reward: () => 0 });

const module = { url: import.meta.url, exportName: 'explodingEnvs' };

/** @type {readonly import('@gymwire/env-server').EnvRegistration[]} */
export const explodingEnvs = [
  { id: 'Local-v0', make: make('local.xml') },
  { id: 'Threads-v0', make: make('threads.xml'), module, heavy: true },
  { id: 'Worker-v0', make: make('worker.xml'), module, isolate: 'worker' },
  { id: 'Process-v0', make: make('process.xml'), module, isolate: 'process' },
];
