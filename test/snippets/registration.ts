/** A registration in a module of TypeScript. */
import { type Env, startEnvServer } from '@gymwire/env-server';
import { box, float32 } from '@gymwire/protocol';

function createPoint(widest: number): Env {
  return {
    observationSpace: box([-11], [11]),
    actionSpace: box([-1], [1]),
    reset: () => ({ observation: float32([widest]), info: {} }),
    step: () => ({ observation: float32([0]), reward: 0, terminated: true, truncated: false, info: {} }),
  };
}

// #region registration
import type { EnvRegistration } from '@gymwire/env-server';

export const point: EnvRegistration = {
  id: 'Point-v0',
  make: (args) => createPoint(args.number('widest')),
  maxEpisodeSteps: 50,
  arguments: [{ name: 'widest', type: 'float', defaultValue: 5, minimum: 0, maximum: 10 }],
};
// #endregion

const server = await startEnvServer({ envs: [point], port: 0 });
console.log(server.address.startsWith('127.0.0.1:')); // true
await server.shutdown();
